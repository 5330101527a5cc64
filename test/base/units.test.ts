import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ConfigError } from "../../src/base/errors.ts";
import { formatDuration, formatSize, parseDuration, parseSize } from "../../src/base/units.ts";
import { holds } from "./property.ts";

describe("a duration", () => {
  const rows: [string, number][] = [
    ["0", 0],
    ["0s", 0],
    ["200ms", 200],
    ["10s", 10_000],
    ["1m", 60_000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["1h2m3s4ms", 3_723_004],
    [".5s", 500],
    ["1500us", 1.5],
    ["1500µs", 1.5],
    ["1000000ns", 1],
  ];
  for (const [text, ms] of rows) {
    test(`${text} is ${ms} ms`, () => {
      expect(parseDuration(text)).toBe(ms);
    });
  }

  for (const text of [
    "",
    "10",
    "s",
    "1",
    "-1s",
    "1s ",
    " 1s",
    "1 s",
    "1x",
    "1s2",
    "1..5s",
    "1e3s",
    "00",
    "1m30",
    "∞s",
  ]) {
    test(`${JSON.stringify(text)} is none`, () => {
      expect(() => parseDuration(text)).toThrow(ConfigError);
      expect(() => parseDuration(text)).toThrow(JSON.stringify(text));
    });
  }

  const shown: [number, string][] = [
    [0, "0ms"],
    [250, "250ms"],
    [999.4, "999ms"],
    [999.9, "1s"],
    [1_000, "1s"],
    [10_000, "10s"],
    [90_000, "1m30s"],
    [7_200_000, "2h"],
    [3_661_000, "1h1m1s"],
  ];
  for (const [ms, text] of shown) {
    test(`of ${ms} ms is shown as ${text}`, () => {
      expect(formatDuration(ms)).toBe(text);
    });
  }

  test("reads back as it was shown, to the second above one second", () => {
    holds(
      fc.property(
        fc.oneof(
          fc.nat({ max: 999 }),
          fc.nat({ max: 100_000 }).map((s) => s * 1_000),
        ),
        (ms) => {
          expect(parseDuration(formatDuration(ms))).toBe(ms);
        },
      ),
    );
  });
});

describe("a size", () => {
  const rows: [string, number][] = [
    ["0", 0],
    ["65536", 65_536],
    ["512K", 524_288],
    ["512k", 524_288],
    ["50M", 52_428_800],
    ["1G", 1_073_741_824],
    ["1KB", 1_024],
    ["1KiB", 1_024],
    ["1.5K", 1_536],
    ["10 M", 10_485_760],
    ["7B", 7],
  ];
  for (const [text, bytes] of rows) {
    test(`${text} is ${bytes} bytes`, () => {
      expect(parseSize(text)).toBe(bytes);
    });
  }

  for (const text of ["", "K", "-1", "1T", "1KK", "1e3", "0x10", "1.K", " 1"]) {
    test(`${JSON.stringify(text)} is none`, () => {
      expect(() => parseSize(text)).toThrow(ConfigError);
    });
  }

  test("reads back as it was shown", () => {
    holds(fc.property(fc.nat(), (bytes) => expect(parseSize(formatSize(bytes))).toBe(bytes)));
    expect([1024, 1536, 8 * 1024 ** 2, 3 * 1024 ** 3].map(formatSize)).toEqual(["1K", "1536", "8M", "3G"]);
  });
});
