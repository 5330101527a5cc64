import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatUnitSize, parseUnitSize } from "../../../src/config/server/size.ts";
import { holds } from "../../base/property.ts";

const rows: { text: string; bytes: number; written: string }[] = [
  { text: "50M", bytes: 52_428_800, written: "50M" },
  { text: "50MB", bytes: 52_428_800, written: "50M" },
  { text: "50 mib", bytes: 52_428_800, written: "50M" },
  { text: "1.5G", bytes: 1_610_612_736, written: "1536M" },
  { text: "1T", bytes: 2 ** 40, written: "1T" },
  { text: "1000B", bytes: 1_000, written: "1000B" },
  { text: "0B", bytes: 0, written: "0B" },
];

describe("a size of a configuration file", () => {
  for (const { text, bytes, written } of rows) {
    test(`${text} is ${bytes} bytes, and written ${written}`, () => {
      expect([parseUnitSize(text), formatUnitSize(bytes)]).toEqual([bytes, written]);
    });
  }

  for (const text of ["", "50", "M", "-1M", "50X", "1e3M", "99999999T", "50iB"])
    test(`${JSON.stringify(text)} is none`, () => {
      expect(() => parseUnitSize(text)).toThrow("is no size, expected");
    });

  test("is the same after it was written and read", () => {
    holds(
      fc.property(fc.maxSafeNat(), fc.nat(4), (count, power) => {
        const bytes = (count % 1_000_000) * 1024 ** power;
        fc.pre(Number.isSafeInteger(bytes));
        expect(parseUnitSize(formatUnitSize(bytes))).toBe(bytes);
      }),
    );
  });
});
