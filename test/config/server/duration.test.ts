import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatLongDuration, parseLongDuration } from "../../../src/config/server/duration.ts";
import { holds } from "../../base/property.ts";

const rows: { text: string; ms: number; written: string }[] = [
  { text: "", ms: 0, written: "" },
  { text: "0", ms: 0, written: "" },
  { text: "0s", ms: 0, written: "" },
  { text: "0d", ms: 0, written: "" },
  { text: "10s", ms: 10_000, written: "10s" },
  { text: "60s", ms: 60_000, written: "1m0s" },
  { text: "1h", ms: 3_600_000, written: "1h0m0s" },
  { text: "24h", ms: 86_400_000, written: "1d" },
  { text: "1d", ms: 86_400_000, written: "1d" },
  { text: "7d18h", ms: 669_600_000, written: "7d18h0m0s" },
  { text: "7d18h53m20s", ms: 672_800_000, written: "7d18h53m20s" },
  { text: "200ms", ms: 200, written: "200ms" },
  { text: "1500ms", ms: 1_500, written: "1.5s" },
  { text: "1.001s", ms: 1_001, written: "1.001s" },
  { text: "1m0.5s", ms: 60_500, written: "1m0.5s" },
  { text: "100us", ms: 0.1, written: "100µs" },
  { text: "1.5µs", ms: 0.0015, written: "1.5µs" },
  { text: "7ns", ms: 7e-6, written: "7ns" },
];

describe("a duration of a configuration file", () => {
  for (const { text, ms, written } of rows) {
    test(`${JSON.stringify(text)} is ${ms} ms, and written ${JSON.stringify(written)}`, () => {
      expect([parseLongDuration(text), formatLongDuration(ms)]).toEqual([ms, written]);
    });
  }

  for (const text of ["10", "d", "1d2d", "1h1d", "-1s", "1.5d", " 1s", "1s ", "1w", "1d 2h", "NaNs", "1e3s"])
    test(`${JSON.stringify(text)} is none`, () => {
      expect(() => parseLongDuration(text)).toThrow("is no duration, expected");
    });

  test("is the same after it was written and read", () => {
    const ns = fc.oneof(
      fc.integer({ min: 0, max: 86_400_000 * 1e6 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.integer({ min: 0, max: 2 ** 52 }),
    );
    holds(
      fc.property(ns, (value) => {
        const read = parseLongDuration(`${value}ns`);
        expect(parseLongDuration(formatLongDuration(read))).toBe(read);
      }),
      { numRuns: 2_000 },
    );
  });
});
