import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { fillIn, PathTemplate } from "../../../src/orchestrator/machine/path-template.ts";

describe("a template of paths", () => {
  const ingest = new PathTemplate("live/{streamId}/in");
  const rows: { path: string; kind: string; id?: string }[] = [
    { path: "live/abc/in", kind: "stream", id: "abc" },
    { path: "live/A-1_b.c~d@e+f/in", kind: "stream", id: "A-1_b.c~d@e+f" },
    { path: `live/${"x".repeat(128)}/in`, kind: "stream", id: "x".repeat(128) },
    { path: `live/${"x".repeat(129)}/in`, kind: "bad-id" },
    { path: "live/-rf/in", kind: "bad-id" },
    { path: "live/../in", kind: "bad-id" },
    { path: "live/.hidden/in", kind: "bad-id" },
    { path: "live/a b/in", kind: "bad-id" },
    { path: "live/a;reboot/in", kind: "bad-id" },
    { path: "live/$(id)/in", kind: "bad-id" },
    { path: "live/ä/in", kind: "bad-id" },
    { path: "live/a\n/in", kind: "bad-id" },
    { path: "live/abc/out", kind: "foreign" },
    { path: "live/a/b/in", kind: "foreign" },
    { path: "live//in", kind: "foreign" },
    { path: "live/in", kind: "foreign" },
    { path: "other/abc/in", kind: "foreign" },
    { path: "", kind: "foreign" },
  ];
  for (const { path, kind, id } of rows)
    test(`takes ${JSON.stringify(path.substring(0, 40))} for ${kind}`, () => {
      expect<object>(ingest.match(path)).toEqual(id === undefined ? { kind } : { kind, id });
    });

  test("gives the path of a stream", () => {
    const match = ingest.match("live/abc/in");
    expect(match.kind === "stream" && new PathTemplate("{streamId}-out").pathOf(match.id)).toBe("abc-out");
  });

  for (const text of [
    "",
    "live/in",
    "{streamId}/{streamId}",
    "/{streamId}",
    "{streamId}/",
    "a//{streamId}",
    "{a}/{streamId}",
  ])
    test(`cannot be ${JSON.stringify(text)}`, () => {
      expect(() => new PathTemplate(text)).toThrow(ConfigError);
    });
});

test("placeholders are filled in once, and other braces stay", () => {
  const values = { path: "live/{query}/in", query: "$(id) {path}" };
  expect(fillIn("a {path} {query} {other} {} $HOME", values)).toBe(
    "a live/{query}/in $(id) {path} {other} {} $HOME",
  );
});
