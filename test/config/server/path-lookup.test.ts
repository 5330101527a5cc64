import { describe, expect, test } from "bun:test";
import { loadServerConfig } from "../../../src/config/server/load.ts";
import { findPathConfig } from "../../../src/config/server/path-lookup.ts";

const find = (paths: string, name: string): [string, readonly string[]] | undefined => {
  const { config } = loadServerConfig({ text: `paths:\n${paths}`, name: "f", environment: {} });
  const found = findPathConfig(config, name);
  return found && [found.conf.name, found.groups];
};

describe("the path of a stream", () => {
  const mixed = `
  ~^live/(.+)/in$:
  ~^live/(?P<first>[^/]*)/(x)?(.*)$:
  ~^a:
  live/cam:
  ~cam:
  all_others:
`;
  const rows: { name: string; paths: string; stream: string; found: [string, string[]] | undefined }[] = [
    { name: "is the one of its name first", paths: mixed, stream: "live/cam", found: ["live/cam", []] },
    { name: "is a regular expression that it fits", paths: mixed, stream: "abc", found: ["~^a", []] },
    { name: "is one that is found within it", paths: mixed, stream: "x/cam1", found: ["~cam", []] },
    {
      name: "is the first expression by name, whatever the order of the file",
      paths: mixed,
      stream: "live/one/in",
      found: ["~^live/(.+)/in$", ["one"]],
    },
    {
      name: "has all groups, those that took nothing too",
      paths: mixed,
      stream: "live/one/out",
      found: ["~^live/(?P<first>[^/]*)/(x)?(.*)$", ["one", "", "out"]],
    },
    { name: "is the one of all others at last", paths: mixed, stream: "zzz", found: ["all_others", []] },
    { name: "is none where none fits", paths: "  cam:\n  ~^live/:", stream: "other", found: undefined },
    { name: "may be called all", paths: "  all:\n  ~^b:", stream: "b", found: ["~^b", []] },
    { name: "is the one of all", paths: "  all:\n  ~^b:", stream: "c", found: ["all", []] },
    {
      name: "is not all by its own name alone",
      paths: "  all:\n  ~^al:",
      stream: "all",
      found: ["~^al", []],
    },
    { name: "is the one of an expression for all", paths: "  ~^.*$:\n  ~z:", stream: "z", found: ["~z", []] },
    { name: "is no part of an object", paths: "  cam:", stream: "constructor", found: undefined },
    { name: "counts capitals", paths: "  cam:", stream: "Cam", found: undefined },
  ];
  for (const { name, paths, stream, found } of rows) {
    test(name, () => {
      expect(find(paths, stream)).toEqual(found);
    });
  }

  test("is found in linear time, whatever the expression", () => {
    const started = performance.now();
    expect(find("  ~^(a+)+$:", `${"a".repeat(5_000)}b`)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
