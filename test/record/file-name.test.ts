import { describe, expect, test } from "bun:test";
import { join, resolve } from "node:path";
import * as fc from "fast-check";
import { ConfigError, RefusedError } from "../../src/base/errors.ts";
import { parseStreamPath, type StreamPath } from "../../src/base/stream-path.ts";
import {
  defaultNamePattern,
  numberedPath,
  parseSegmentPattern,
  pathBelow,
  safeName,
} from "../../src/record/file-name.ts";
import { holds } from "../base/property.ts";

const date = new Date(2025, 0, 2, 3, 4, 5);
const facts = { path: parseStreamPath("live/test"), date, segment: 7 };

/** As no checked path can be: what if one were? */
const unchecked = (path: string) => ({ ...facts, path: path as StreamPath });

const bytesOf = (text: string): number => Buffer.byteLength(text);

describe("names of recordings", () => {
  test.each([
    { path: "live/test", name: "live_test_20250102_030405" },
    { path: "live/abc/in", name: "live_abc_in_20250102_030405" },
    { path: "live/ünï-😀", name: "live_ünï-😀_20250102_030405" },
    { path: ".hidden/x", name: "_hidden_x_20250102_030405" },
    { path: 'a/b<c>:"d|e?*', name: "a_b_c___d_e___20250102_030405" },
  ])("the stream $path is recorded as $name", ({ path, name }) => {
    expect(defaultNamePattern({ ...facts, path: parseStreamPath(path) })).toBe(name);
  });

  test.each([
    { pattern: "%s_%T_seg%03d", name: "live_test_20250102_030405_seg007" },
    { pattern: "%s", name: "live_test" },
    { pattern: "%d-%3d-%03d-%12d", name: "7-007-007-000000000007" },
    { pattern: "%Y/%m/%D/%H/%M/%S/%s", name: "2025/01/02/03/04/05/live_test" },
    { pattern: "100%%_%s", name: "100%_live_test" },
    { pattern: "%%d", name: "%d" },
    { pattern: "fixed", name: "fixed" },
    { pattern: "%H:%M", name: "03_04" },
    { pattern: ".%s/%d", name: "_live_test/7" },
    { pattern: "%s./%d ", name: "live_test_/7_" },
  ])("the pattern $pattern gives $name", ({ pattern, name }) => {
    expect(parseSegmentPattern(pattern)(facts)).toBe(name);
  });

  test.each([
    { pattern: "", says: "is empty" },
    { pattern: "%q", says: 'holds "%q"' },
    { pattern: "%s_%d_%", says: 'holds "%"' },
    { pattern: "%5s", says: 'holds "%5s"' },
    { pattern: "%-3d", says: 'holds "%-"' },
    { pattern: "%100d", says: 'holds "%10' },
    { pattern: "%😀", says: 'holds "%😀"' },
    { pattern: "/tmp/%s", says: "absolute path" },
    { pattern: "../%s", says: "holds . or .." },
    { pattern: "a/../../%s", says: "holds . or .." },
    { pattern: "./%s", says: "holds . or .." },
    { pattern: "%s/..", says: "holds . or .." },
    { pattern: "%s/", says: "without a name" },
    { pattern: "a//%s", says: "without a name" },
    { pattern: "a\\%s", says: "backslash" },
    { pattern: "a\0%s", says: "control character" },
  ])("the pattern $pattern is refused at the start", ({ pattern, says }) => {
    const parse = () => parseSegmentPattern(pattern);
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(says);
  });

  test("a refused placeholder is told together with those there are", () => {
    expect(() => parseSegmentPattern("%x")).toThrow(
      'segment pattern "%x" holds "%x", expected %s, %d, %03d, %T, %Y, %m, %D, %H, %M, %S and %%',
    );
  });

  test.each([
    { text: "", name: "_" },
    { text: ".", name: "_" },
    { text: "..", name: "__" },
    { text: "...a", name: "___a" },
    { text: "CON", name: "_CON" },
    { text: "nul.txt", name: "_nul.txt" },
    { text: "Com1", name: "_Com1" },
    { text: "lpt¹.x", name: "_lpt¹.x" },
    { text: "COM10", name: "COM10" },
    { text: "console", name: "console" },
    { text: "a. . ", name: "a____" },
    { text: "a/b\\c", name: "a_b_c" },
    { text: "a\0b\nc\u0085d\u2028e", name: "a_b_c_d_e" },
    { text: "\ud800x", name: "\ufffdx" },
    { text: "über 😀", name: "über 😀" },
  ])("$text becomes the file name $name", ({ text, name }) => {
    expect(safeName(text, 255)).toBe(name);
  });

  test("a stream called like a device cannot reach it", () => {
    const only = parseSegmentPattern("%s");
    for (const device of ["CON", "aux", "NUL", "COM1", "lpt9"]) {
      expect(only({ ...facts, path: parseStreamPath(device) })).toBe(`_${device}`);
    }
  });

  test("long names are shortened in the middle, keep their time and stay apart", () => {
    const one = defaultNamePattern(unchecked(`live/${"x".repeat(300)}1`));
    const two = defaultNamePattern(unchecked(`live/${"x".repeat(300)}2`));
    expect(one).not.toBe(two);
    for (const name of [one, two]) {
      expect(name).toStartWith("live_xxx");
      expect(name).toEndWith("_20250102_030405");
      expect(bytesOf(numberedPath(`${name}.flv`, 9_999))).toBe(255);
    }
    const emoji = defaultNamePattern(unchecked("😀".repeat(150)));
    expect(bytesOf(`${emoji}_9999.flv`)).toBeLessThanOrEqual(255);
    expect(emoji.isWellFormed()).toBe(true);
    expect(emoji).not.toContain("\ufffd");
  });

  test("whatever the stream and the pattern, the file lies below the directory under names that fit", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.constantFrom("..", "../..", "/etc/passwd", "a/../../b", "C:\\x", "\0", ".", "", " ", "%s%d", "CON"),
    );
    const patterns = ["%s", "%s_%T", "%s/%s/%d", "x/%s", "%s_%T_seg%03d"].map(parseSegmentPattern);
    holds(
      fc.property(hostile, fc.constantFrom(...patterns), (path, pattern) => {
        const name = pattern(unchecked(path));
        const file = pathBelow("/srv/records", `${name}.flv`);
        expect(file).toBe(join("/srv/records", `${name}.flv`));
        for (const part of `${name}_9999.flv`.split("/")) {
          expect(bytesOf(part)).toBeLessThanOrEqual(255);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
          expect(part).not.toMatch(/^\.|^$|[. ]$|[\u0000-\u001f<>:"|?*\\]/);
        }
      }),
    );
  });
});

describe("paths of recordings", () => {
  test.each(["../x", "..", "a/../../x", "/etc/passwd", "", ".", "a/..", "a\0b"])("%p is refused", (name) => {
    const place = () => pathBelow("/srv/records", name);
    expect(place).toThrow(RefusedError);
    expect(place).toThrow("would leave the record directory");
  });

  test("names below the directory are accepted, also at the root and for a relative directory", () => {
    expect(pathBelow("/", "a.flv")).toBe("/a.flv");
    expect(pathBelow("/srv", "..a/b.flv")).toBe("/srv/..a/b.flv");
    expect(pathBelow("records", "a/b.flv")).toBe(resolve("records/a/b.flv"));
  });

  test("numbers from 2 stand in front of the extension", () => {
    const numbers = [1, 2, 3, 12].map((number) => numberedPath("/a.b/c.flv", number));
    expect(numbers).toEqual(["/a.b/c.flv", "/a.b/c_2.flv", "/a.b/c_3.flv", "/a.b/c_12.flv"]);
    expect(numberedPath("/a.b/c", 2)).toBe("/a.b/c_2.flv");
  });
});
