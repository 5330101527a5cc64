import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RefusedError } from "../../src/base/errors.ts";
import { resolveStreamName } from "../../src/rtmp/stream-name.ts";
import { holds } from "../base/property.ts";

interface Row {
  readonly url: string;
  /** How ffmpeg, librtmp and GStreamer cut it. */
  readonly cuts: readonly (readonly [app: string, name: string])[];
  readonly path: string;
  readonly query?: string;
}

const rows: Row[] = [
  { url: "/live/in", cuts: [["live", "in"]], path: "live/in" },
  {
    url: "/live/foo/in",
    cuts: [
      ["live/foo", "in"],
      ["live", "foo/in"],
    ],
    path: "live/foo/in",
  },
  {
    url: "/live/a/b/c/d",
    cuts: [
      ["live/a", "b/c/d"],
      ["live/a/b", "c/d"],
      ["live/a/b/c", "d"],
    ],
    path: "live/a/b/c/d",
  },
  { url: "/live", cuts: [["live", ""]], path: "live" },
  { url: "/live/in/", cuts: [["live/in", ""]], path: "live/in" },
  { url: "/live//in", cuts: [["live/", "in"]], path: "live/in" },
  { url: "/live?tok=x/in", cuts: [["live?tok=x", "in"]], path: "live/in", query: "tok=x" },
  { url: "/live/in?tok=x", cuts: [["live", "in?tok=x"]], path: "live/in", query: "tok=x" },
  { url: "/live/in?sig=ab/cd", cuts: [["live/in?sig=ab", "cd"]], path: "live/in/cd", query: "sig=ab" },
  { url: "/live/foo?x=1/in?y=2", cuts: [["live/foo?x=1", "in?y=2"]], path: "live/foo/in", query: "x=1&y=2" },
  {
    url: "/live/a%20b%2Fc",
    cuts: [
      ["live", "a%20b%2Fc"],
      ["live", "a b/c"],
    ],
    path: "live/a b/c",
  },
  { url: "/live/vid.flv", cuts: [["live", "vid.flv"]], path: "live/vid.flv" },
  {
    url: "/live/v.mp4",
    cuts: [
      ["live", "mp4:v.mp4"],
      ["live", "v.mp4"],
    ],
    path: "live/v.mp4",
  },
  {
    url: "/ondemand/foo/bar",
    cuts: [
      ["ondemand", "foo/bar"],
      ["ondemand/foo", "bar"],
    ],
    path: "ondemand/foo/bar",
  },
  {
    url: "/live/_definst_/in",
    cuts: [
      ["live/_definst_", "in"],
      ["live", "_definst_/in"],
    ],
    path: "live/in",
  },
  { url: "/live/flv:in", cuts: [["live", "flv:in"]], path: "live/in" },
  { url: "/live/in&tok=x", cuts: [["live", "in&tok=x"]], path: "live/in&tok=x" },
];

const outcome = (app: string, name: string): { path: string; query: string } | string => {
  try {
    const { path, query } = resolveStreamName(app, name);
    return { path, query };
  } catch (error) {
    if (error instanceof RefusedError) return error.code;
    throw error;
  }
};

describe("a stream is named alike however the client cuts the URL", () => {
  for (const { url, cuts, path, query = "" } of rows) {
    for (const [app, name] of cuts) {
      test(`${url} as app ${JSON.stringify(app)} and name ${JSON.stringify(name)}`, () => {
        expect(outcome(app, name)).toEqual({ path, query });
      });
    }
  }
});

describe("the parameters of a stream name", () => {
  const queries = [
    { name: "of app and name are joined", app: "live?a=1", text: "in?b=2", query: "a=1&b=2" },
    { name: "of the name win over those of the app", app: "live?a=1&c=3", text: "in?a=2", query: "c=3&a=2" },
    {
      name: "keep a value with @ + / = as it came",
      app: "live",
      text: "in?pass=a@b+c/d==",
      query: "pass=a@b+c/d==",
    },
    { name: "are not decoded", app: "live", text: "in?pass=a%26b", query: "pass=a%26b" },
    { name: "may be empty", app: "live?", text: "in?&&x", query: "x" },
    {
      name: "of the Adobe login are taken out, with the user",
      app: "live?authmod=adobe&user=u&response=r&k=v",
      text: "in",
      query: "k=v",
    },
    {
      name: "called user stay where there is no Adobe login",
      app: "live",
      text: "in?user=u&pass=p",
      query: "user=u&pass=p",
    },
    {
      name: "are cut at 4096 characters",
      app: "live",
      text: `in?a=${"x".repeat(9000)}`,
      query: `a=${"x".repeat(4094)}`,
    },
  ];
  for (const { name, app, text, query } of queries) {
    test(name, () => {
      expect(outcome(app, text)).toEqual({ path: "live/in", query });
    });
  }
});

describe("a stream name is refused", () => {
  const names = [
    { name: "when empty", app: "", text: "" },
    { name: "when only slashes", app: "/", text: "//" },
    { name: "with ..", app: "live", text: "../etc" },
    { name: "with .. behind an escape", app: "live", text: "%2e%2e/etc" },
    { name: "with .", app: "live", text: "./in" },
    { name: "with a backslash", app: "live", text: "a\\b" },
    { name: "with NUL", app: "live", text: "a%00b" },
    { name: "with a line feed", app: "live", text: "a\nb" },
    { name: "with bytes that are no UTF-8", app: "live", text: "a%ffb" },
    { name: "with a broken escape", app: "live", text: "100%" },
    { name: "with a segment of 129 characters", app: "live", text: "a".repeat(129) },
    {
      name: "with 257 characters",
      app: "live",
      text: Array.from({ length: 26 }, () => "abcdefghi").join("/"),
    },
  ];
  for (const { name, app, text } of names) {
    test(name, () => {
      expect(outcome(app, text)).toBe("BAD_STREAM_NAME");
    });
  }

  test("and accepted with a segment of 128 characters", () => {
    expect(outcome("live", "a".repeat(128))).toEqual({ path: `live/${"a".repeat(128)}`, query: "" });
  });

  test("whatever is said, there is a clean path or a refusal whose text has no control characters", () => {
    holds(
      fc.property(
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.string({ unit: "binary", maxLength: 60 }),
        (app, name) => {
          try {
            const { path } = resolveStreamName(app, name);
            expect(
              path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== ".."),
            ).toBe(true);
          } catch (error) {
            if (!(error instanceof RefusedError)) throw error;
            // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
            expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
