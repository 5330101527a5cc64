import { describe, expect, test } from "bun:test";
import { RefusedError } from "../../src/base/errors.ts";
import { appOf, nameOf, parseStreamPath, printable } from "../../src/base/stream-path.ts";

describe("a stream path", () => {
  test("loses slashes in front, behind and doubled", () => {
    expect(parseStreamPath("//live///a/b/") as string).toBe("live/a/b");
  });

  test("is an app and a name", () => {
    const parts = (text: string): string[] => [appOf(parseStreamPath(text)), nameOf(parseStreamPath(text))];
    expect(parts("live/a/b")).toEqual(["live", "a/b"]);
    expect(parts("live")).toEqual(["live", ""]);
  });

  test("may be as long as its limits and no longer", () => {
    const segment = "a".repeat(128);
    expect(parseStreamPath(`${segment}/${"b".repeat(127)}`)).toHaveLength(256);
    expect(() => parseStreamPath(`${segment}/${"b".repeat(128)}`)).toThrow(
      "it has 257 characters, expected at most 256",
    );
    expect(() => parseStreamPath(`${segment}a`)).toThrow(
      "a segment has 129 characters, expected at most 128",
    );
  });

  const faults: [string, string][] = [
    ["", "it is empty"],
    ["///", "it is empty"],
    ["a/../b", "it holds a segment .."],
    ["./a", "it holds a segment ."],
    ["a\\b", "it holds a backslash"],
    ["a\nb", "it holds a control character"],
    ["a\u2028b", "it holds a control character"],
    ["a\u009bb", "it holds a control character"],
    ["a\ufffdb", "it is not valid UTF-8"],
  ];
  for (const [text, fault] of faults) {
    test(`is refused: ${JSON.stringify(text)}`, () => {
      expect(() => parseStreamPath(text)).toThrow(RefusedError);
      expect(() => parseStreamPath(text)).toThrow(`stream name ${printable(text)} refused: ${fault}`);
    });
  }

  test("may hold dots, spaces and any script", () => {
    for (const text of ["a/...", "a b", "живой/поток", "x/😀", ".hidden"])
      expect(parseStreamPath(text) as string).toBe(text);
  });
});

describe("a text from outside", () => {
  test("is quoted, escaped and cut for a log", () => {
    expect(printable('a"b\n\u009b\u2028')).toBe('"a\\"b\\n\\u009b\\u2028"');
    expect(printable("x".repeat(1_000))).toBe(`"${"x".repeat(80)}…"`);
  });
});
