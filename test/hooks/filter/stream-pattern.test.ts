import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ConfigError } from "../../../src/base/errors.ts";
import { compileStreamPatterns, splitPatterns } from "../../../src/hooks/filter/stream-pattern.ts";
import { holds } from "../../base/property.ts";

describe("stream patterns", () => {
  const rows: { patterns: string[]; fits: string[]; none?: string[]; excluded?: string[] }[] = [
    {
      patterns: ["live/*"],
      fits: ["live/a", "live/.hidden", "live/ü"],
      none: ["live/a/in", "live", "vod/a"],
    },
    { patterns: ["live/**"], fits: ["live/a", "live/a/in"], none: ["vod/a"] },
    { patterns: ["live/premium/*", "live/vip/*"], fits: ["live/premium/a", "live/vip/a"], none: ["live/a"] },
    { patterns: ["live/{a,b}/in"], fits: ["live/a/in", "live/b/in"], none: ["live/c/in"] },
    { patterns: ["live/{a,{b,c}}"], fits: ["live/c"], none: ["live/d"] },
    { patterns: ["live/[a-c]"], fits: ["live/a", "live/c"], none: ["live/d", "live/[a-c]"] },
    { patterns: ["live/[!a]"], fits: ["live/b"], none: ["live/a"] },
    { patterns: ["live/[^a]"], fits: ["live/b"], none: ["live/a"] },
    { patterns: ["live/[]a]"], fits: ["live/]", "live/a"], none: ["live/b"] },
    { patterns: ["live/[}]"], fits: ["live/}"], none: ["live/a"] },
    { patterns: ["live/[a-]"], fits: ["live/-"], none: ["live/b"] },
    { patterns: ["live/?"], fits: ["live/a"], none: ["live/ab"] },
    { patterns: ["live/\\*"], fits: ["live/*"], none: ["live/a"] },
    { patterns: ["live/\\["], fits: ["live/["], none: ["live/a"] },
    { patterns: ["live/\\{a"], fits: ["live/{a"], none: ["live/a"] },
    { patterns: ["*"], fits: ["a"], none: ["a/b"] },
    { patterns: ["**"], fits: ["a", "a/b", "a/b/c"] },
    { patterns: ["!live/test"], fits: ["live/a", "vod/a"], excluded: ["live/test"] },
    {
      patterns: ["live/*", "!live/test*", "vod/*"],
      fits: ["live/a", "vod/test"],
      none: ["x/y"],
      excluded: ["live/test", "live/test1"],
    },
    { patterns: ["!live/a", "live/a"], fits: [], none: ["live/b"], excluded: ["live/a"] },
    { patterns: ["a/!b"], fits: ["a/!b"], none: ["a/b", "a/c"] },
    { patterns: [], fits: ["a", "a/b"] },
  ];
  for (const { patterns, fits, none = [], excluded = [] } of rows) {
    test(`${JSON.stringify(patterns)} fit what they name`, () => {
      const judge = compileStreamPatterns(patterns);
      expect(fits.map((key) => [key, judge(key)])).toEqual(fits.map((key) => [key, undefined]));
      expect(none.map((key) => [key, judge(key)])).toEqual(none.map((key) => [key, "no_match"]));
      expect(excluded.map((key) => [key, judge(key)])).toEqual(excluded.map((key) => [key, "excluded"]));
    });
  }

  const bad: [string, string][] = [
    ["", "it is empty"],
    ["!", "it is empty"],
    ["!!live/*", "more than one !"],
    ["/live/*", "begins with a slash"],
    ["live/[", "a bracket is not closed"],
    ["live/[]", "a bracket is not closed"],
    ["live/[!]", "a bracket is not closed"],
    ["live/[a\\]", "a bracket is not closed"],
    ["live/[z-a]", "runs backwards"],
    ["live/{a,b", "a brace is not closed"],
    ["live/a}", "a brace is closed that was not opened"],
    ["live/\\", "ends with a backslash"],
  ];
  for (const [pattern, message] of bad) {
    test(`${JSON.stringify(pattern)} is refused: ${message}`, () => {
      expect(() => compileStreamPatterns(["live/*", pattern])).toThrow(ConfigError);
      expect(() => compileStreamPatterns(["live/*", pattern])).toThrow(message);
    });
  }

  test("of any kind either throw a ConfigError or judge any key", () => {
    const letters = fc.constantFrom(..."ab/*?[]{},!^-\\");
    const pattern = fc.string({ unit: letters, maxLength: 12 });
    holds(
      fc.property(pattern, fc.string({ maxLength: 20 }), (text, key) => {
        try {
          expect(["no_match", "excluded", undefined]).toContain(compileStreamPatterns([text])(key));
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("take no time for globs that tempt a matcher to try everything", () => {
    const startedAt = performance.now();
    const judge = compileStreamPatterns([
      `${"*a".repeat(30)}b`,
      `${"{a*,a*}".repeat(20)}b`,
      `${"**/a*/".repeat(8)}b`,
    ]);
    expect(judge("a".repeat(250))).toBe("no_match");
    expect(judge("a/".repeat(125))).toBe("no_match");
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe("a list of patterns", () => {
  const rows: [string, string[]][] = [
    ["live/*", ["live/*"]],
    ["live/premium/*,live/vip/*", ["live/premium/*", "live/vip/*"]],
    [" live/* , !live/test ", ["live/*", "!live/test"]],
    ["live/{a,b},vod/*", ["live/{a,b}", "vod/*"]],
    ["live/{a,{b,c},d},x", ["live/{a,{b,c},d}", "x"]],
    ["live/[a,b],x", ["live/[a,b]", "x"]],
    ["live/a\\,b,x", ["live/a\\,b", "x"]],
    ["a},b", ["a}", "b"]],
    ["live/[a,b", ["live/[a", "b"]],
    ["", []],
    [",,", []],
  ];
  for (const [text, patterns] of rows) {
    test(`${JSON.stringify(text)} holds ${patterns.length}`, () => {
      expect(splitPatterns(text)).toEqual(patterns);
    });
  }

  test("of whole patterns falls apart into these again", () => {
    const name = fc.stringMatching(/^[a-z*!?]{1,5}$/);
    const braces = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `{${names.join(",")}}`);
    const pattern = fc
      .array(fc.oneof(name, braces), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join("/"));
    holds(
      fc.property(fc.array(pattern), (patterns) => {
        expect(splitPatterns(patterns.join(","))).toEqual(patterns);
      }),
    );
  });
});
