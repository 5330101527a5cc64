import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import { encodeLeb128, leb128At, splitObus } from "../../src/rtsp/obu.ts";
import { holds } from "../base/property.ts";

test("OBUs are split by their sizes, extension and all, and what does not fit is left out", () => {
  const seen = splitObus(fromHex("1200 0a020102 36 28 01ff 300a0b"));
  expect(seen.map(({ type, header, payload }) => `${type} ${toHex(header)} ${toHex(payload)}`)).toEqual([
    "2 10 ",
    "1 08 0102",
    "6 3428 ff",
    "6 30 0a0b",
  ]);
  expect(splitObus(fromHex("1200 3205ff"))).toHaveLength(1);
  expect(splitObus(fromHex("92"))).toEqual([]);
});

test("numbers of 7 bits per byte read as they were written", () => {
  expect(toHex(encodeLeb128(0))).toBe("00");
  expect(toHex(encodeLeb128(300))).toBe("ac02");
  expect(leb128At(fromHex("ff"), 0)).toBeUndefined();
  expect(leb128At(fromHex("ffffffffff01"), 0)).toBeUndefined();
  holds(
    fc.property(fc.nat({ max: 0xffffffff }), (value) => {
      const bytes = encodeLeb128(value);
      expect(leb128At(bytes, 0)).toEqual({ value, size: bytes.length });
    }),
  );
});
