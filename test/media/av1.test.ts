import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import {
  av1CodecString,
  av1LevelName,
  av1ProfileName,
  decodeAv1Config,
  decodeAv1SequenceHeader,
} from "../../src/media/av1.ts";
import { codeOf } from "../base/code-of.ts";
import { BitWriter } from "./bit-writer.ts";

describe("av1C", () => {
  test.each([
    ["81 08 0c 00", "Main", "4", "av01.0.08M.08"],
    ["81 0d cc 00", "Main", "5.1", "av01.0.13H.10"],
    ["81 29 40 00", "High", "4.1", "av01.1.09M.10"],
    ["81 4c 60 00", "Professional", "5", "av01.2.12M.12"],
    ["81 1f 0c 00", "Main", "max", "av01.0.31M.08"],
    ["81 00 0c 1f", "Main", "2", "av01.0.00M.08"],
    ["81 e0 0c 00", "7", "2", "av01.7.00M.08"],
  ])("%s is %s level %s, %s", (hex, profile, level, codecString) => {
    const config = decodeAv1Config(fromHex(hex));
    expect([av1ProfileName(config), av1LevelName(config), av1CodecString(config)]).toEqual([
      profile,
      level,
      codecString,
    ]);
    expect(decodeAv1SequenceHeader(config.obus)).toBeUndefined();
  });

  test("of another version, or cut short, is refused", () => {
    expect(codeOf(() => decodeAv1Config(fromHex("01080c00")))).toBe("CODEC_CONFIG");
    expect(codeOf(() => decodeAv1Config(fromHex("81080c")))).toBe("TRUNCATED");
  });
});

/** Sequence header up to the operating points: not reduced, with timing. */
const timed = (unitsInTick: number, timeScale: number, ticksMinus1: number): BitWriter =>
  new BitWriter().u(3, 0).flags(0, 0).flags(1).u(32, unitsInTick).u(32, timeScale).flags(1).ue(ticksMinus1);

const size = (bits: BitWriter, width: number, height: number): Uint8Array =>
  bits
    .u(4, 15)
    .u(4, 15)
    .u(16, width - 1)
    .u(16, height - 1)
    .bytes();

const onePoint = (bits: BitWriter): BitWriter => bits.flags(0).u(5, 0).u(12, 0).u(5, 5);

describe("AV1 sequence header", () => {
  const header = "0b0000002d4cffb3cdaf9004"; // size and payload, of libaom, 1280x720

  test("is found behind other OBUs, with layers, and without a size", () => {
    const expected = { width: 1280, height: 720, frameRate: undefined };
    const forms = [
      `0a ${header}`,
      `12 00 0a ${header}`,
      `0e 00 ${header}`,
      `08 ${header.slice(2)}`,
      `2a 8100 ${"ff".repeat(1)} 0a ${header}`,
    ];
    expect(forms.map((hex) => decodeAv1SequenceHeader(fromHex(hex)))).toEqual(forms.map(() => expected));
  });

  test.each([
    { name: "30", bytes: size(onePoint(timed(1, 30, 0).flags(0)), 640, 360), frameRate: 30 },
    { name: "29.97", bytes: size(onePoint(timed(1001, 60000, 1).flags(0)), 640, 360), frameRate: 29.97 },
    { name: "nothing", bytes: size(onePoint(timed(0, 0, 0).flags(0)), 640, 360), frameRate: undefined },
    {
      name: "2^32 ticks",
      bytes: size(onePoint(timed(1, 30, 0xfffffffe).flags(0)), 640, 360),
      frameRate: undefined,
    },
  ])("that declares $name frames per second gives $frameRate", ({ bytes, frameRate }) => {
    const obu = Uint8Array.of(0x08, ...bytes);
    expect(decodeAv1SequenceHeader(obu)).toEqual({ width: 640, height: 360, frameRate });
  });

  test("is read behind a decoder model, tiers and display delays of several operating points", () => {
    const bits = timed(1, 25, 0).flags(1).u(5, 9).u(32, 1).u(5, 9).u(5, 9);
    bits.flags(1).u(5, 1); // display delays, two points
    bits.u(12, 0x101).u(5, 8).flags(1).flags(1).u(21, 0).flags(1).u(4, 3);
    bits.u(12, 0x301).u(5, 7).flags(0).flags(0);
    const obu = Uint8Array.of(0x08, ...size(bits, 4096, 2176));
    expect(decodeAv1SequenceHeader(obu)).toEqual({ width: 4096, height: 2176, frameRate: 25 });
  });

  test.each([
    { name: "an OBU longer than the record", hex: "0a 20 0000002d4cffb3", code: "TRUNCATED" },
    { name: "a size without end", hex: "0a ffffffffffffffffff", code: "CODEC_CONFIG" },
    { name: "a header cut short", hex: "0a 04 0000002d", code: "TRUNCATED" },
  ] as const)("with $name is refused with $code", ({ hex, code }) => {
    expect(codeOf(() => decodeAv1SequenceHeader(fromHex(hex)))).toBe(code);
  });

  test("is not looked for behind more than 16 OBUs", () => {
    const found = [15, 16].map((count) =>
      decodeAv1SequenceHeader(fromHex(`${"1200".repeat(count)} 0a ${header}`)),
    );
    expect(found.map((sequence) => sequence?.width)).toEqual([1280, undefined]);
  });

  test("of more than 16384 pixels is refused", () => {
    const obu = Uint8Array.of(0x08, ...size(onePoint(new BitWriter().u(3, 0).flags(0, 0, 0)), 16385, 16));
    expect(codeOf(() => decodeAv1SequenceHeader(obu))).toBe("CODEC_CONFIG");
  });
});
