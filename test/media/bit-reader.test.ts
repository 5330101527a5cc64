import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import { BitReader, removeEmulationPrevention } from "../../src/media/bit-reader.ts";
import { codeOf } from "../base/code-of.ts";
import { holds } from "../base/property.ts";
import { BitWriter, insertEmulationPrevention } from "./bit-writer.ts";

describe("BitReader", () => {
  test("reads across byte borders, highest bit first", () => {
    const bits = new BitReader(fromHex("a5 f0 0f ff ff ff ff 80"));
    expect([bits.bit(), bits.bits(3), bits.bits(8), bits.flag(), bits.remaining]).toEqual([
      1,
      2,
      0x5f,
      false,
      51,
    ]);
    bits.align();
    expect([bits.bits(8), bits.bits(32), bits.remaining]).toEqual([0x0f, 0xffffffff, 8]);
  });

  test("aligned already, stays where it is", () => {
    const bits = new BitReader(fromHex("ff 01"));
    bits.skip(8);
    bits.align();
    expect(bits.bits(8)).toBe(1);
  });

  test.each([
    { code: "1", value: 0 },
    { code: "010", value: 1 },
    { code: "011", value: 2 },
    { code: "00100", value: 3 },
    { code: "00111", value: 6 },
    { code: "0001000", value: 7 },
  ])("reads exp-Golomb $code as $value", ({ code, value }) => {
    const bits = new BitReader(Uint8Array.of(Number.parseInt(code.padEnd(8, "0"), 2)));
    expect(bits.ue()).toBe(value);
    expect(bits.remaining).toBe(8 - code.length);
  });

  test("reads back every exp-Golomb number of up to 32 bits", () => {
    const unsigned = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xfffffffe }));
    const signed = fc.integer({ min: -0x7fffffff, max: 0x7fffffff });
    holds(
      fc.property(fc.nat(7), unsigned, signed, (offset, a, b) => {
        const bits = new BitReader(new BitWriter().u(offset, 0).ue(a).se(b).bytes());
        bits.skip(offset);
        expect([bits.ue(), bits.se()]).toEqual([a, b]);
      }),
    );
  });

  test("refuses longer numbers and counts above their limit", () => {
    expect(codeOf(() => new BitReader(fromHex("00000000 80000000 00000000")).ue())).toBe("CODEC_CONFIG");
    expect(codeOf(() => new BitReader(new Uint8Array(100)).ue())).toBe("CODEC_CONFIG");
    expect(codeOf(() => new BitReader(new BitWriter().ue(7).bytes()).count(7))).toBeUndefined();
    expect(codeOf(() => new BitReader(new BitWriter().ue(8).bytes()).count(7))).toBe("CODEC_CONFIG");
  });

  test("refuses to read past the end", () => {
    const reads = [
      (bits: BitReader) => bits.bits(9),
      (bits: BitReader) => bits.skip(9),
      (bits: BitReader) => bits.ue(),
      (bits: BitReader) => bits.se(),
    ];
    expect(reads.map((read) => codeOf(() => read(new BitReader(Uint8Array.of(0)))))).toEqual(
      new Array(4).fill("TRUNCATED"),
    );
  });
});

describe("emulation prevention", () => {
  test.each([
    { name: "nothing to remove", nal: "67 01 00 03", payload: "67 01 00 03" },
    { name: "in the middle", nal: "67 00 00 03 01", payload: "67 00 00 01" },
    { name: "twice in a row", nal: "00 00 03 00 00 03 00", payload: "00 00 00 00 00" },
    { name: "at the end", nal: "67 00 00 03", payload: "67 00 00" },
    { name: "a 03 that follows the removed one", nal: "00 00 03 03", payload: "00 00 03" },
  ])("$name", ({ nal, payload }) => {
    expect(toHex(removeEmulationPrevention(fromHex(nal)))).toBe(payload.replaceAll(" ", ""));
  });

  test("removal gives back what was there before insertion", () => {
    const payloads = fc
      .array(fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 255))
      .map((bytes) => Uint8Array.from(bytes));
    holds(
      fc.property(payloads, (payload) => {
        expect(removeEmulationPrevention(insertEmulationPrevention(payload))).toEqual(payload);
      }),
    );
  });
});
