import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import { decodeAvcSps } from "../../src/media/avc-sps.ts";
import { codeOf } from "../base/code-of.ts";
import { BitWriter } from "./bit-writer.ts";

/** Baseline SPS up to the picture size. */
const baseline = () => new BitWriter().u(8, 0x67).u(8, 66).u(8, 0).u(8, 30).ue(0).ue(0).ue(2).ue(1).flags(0);

/** A Baseline SPS of 640x480 with timing. */
const timed = (unitsInTick: number, timeScale: number): Uint8Array =>
  baseline()
    .ue(39, 29)
    .flags(1, 1, 0, 1)
    .flags(0, 0, 0, 0, 1)
    .u(32, unitsInTick)
    .u(32, timeScale)
    .flags(1)
    .nal();

describe("H.264 SPS", () => {
  // Composed, because no encoder at hand writes these parts; FFmpeg 5.1.9 reads the same from it (trace_headers).
  test("with scaling lists, picture order type 1, fields and an extended aspect ratio", () => {
    const bits = new BitWriter().u(8, 0x67).u(8, 100).u(8, 0).u(8, 41).ue(0);
    bits.ue(1, 0, 0).flags(0, 1); // chroma, depths, bypass; scaling matrix
    bits.flags(1).se(...new Array(16).fill(0));
    bits.flags(1).se(-8); // breaks off at once
    bits.flags(0, 0, 0, 0);
    bits.flags(1).se(...Array.from({ length: 64 }, (_, i) => (i % 2 ? 1 : -1)));
    bits.flags(1).se(3, -11); // breaks off at the second
    bits.ue(0).ue(1).flags(0).se(-2, 1).ue(3).se(1, -1, 2);
    bits.ue(4).flags(0).ue(119, 33).flags(0, 1, 1).flags(1).ue(0, 0, 0, 2);
    bits.flags(1, 1).u(8, 255).u(16, 1).u(16, 1).flags(1, 0).flags(1).u(3, 5).flags(1, 1).u(24, 0x010101);
    bits.flags(1).ue(0, 0).flags(1).u(32, 1001).u(32, 60000).flags(1, 0, 0, 0, 0);
    expect(decodeAvcSps(bits.nal())).toEqual({
      width: 1920,
      height: 1080,
      isInterlaced: true,
      chroma: "4:2:0",
      bitDepth: 8,
      frameRate: 29.97,
    });
  });

  test("crops separate colour planes by single pixels, and reads 12 scaling lists", () => {
    const bits = new BitWriter().u(8, 0x67).u(8, 244).u(8, 0).u(8, 30).ue(0).ue(3).flags(1).ue(2, 2);
    bits.flags(0, 1).flags(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1).se(-8);
    bits.ue(0).ue(2).ue(1).flags(0).ue(1, 0).flags(1, 1, 1).ue(1, 2, 3, 4).flags(0);
    expect(decodeAvcSps(bits.nal())).toEqual({
      width: 29,
      height: 9,
      isInterlaced: false,
      chroma: "4:4:4",
      bitDepth: 10,
      frameRate: undefined,
    });
  });

  test.each([
    { rate: "25", sps: timed(1, 50), frameRate: 25 },
    { rate: "23.976", sps: timed(1001, 48000), frameRate: 23.976 },
    { rate: "240", sps: timed(1, 480), frameRate: 240 },
    { rate: "241", sps: timed(1, 482), frameRate: undefined },
    { rate: "0.5", sps: timed(1, 1), frameRate: undefined },
    { rate: "0", sps: timed(1, 0), frameRate: undefined },
    { rate: "a division by zero", sps: timed(0, 60), frameRate: undefined },
    { rate: "nothing by nothing", sps: timed(0, 0), frameRate: undefined },
  ])("that declares $rate frames per second gives $frameRate", ({ sps, frameRate }) => {
    expect(decodeAvcSps(sps)).toMatchObject({ width: 640, height: 480, frameRate });
  });

  test("cut off inside the VUI keeps its size", () => {
    expect(decodeAvcSps(timed(1, 50).subarray(0, 14))).toMatchObject({ width: 640, frameRate: undefined });
  });

  const sized = (widthMinus1: number, heightMinus1: number, ...crop: number[]): Uint8Array => {
    const bits = baseline().ue(widthMinus1, heightMinus1).flags(1, 1);
    return (crop.length > 0 ? bits.flags(1).ue(...crop) : bits.flags(0)).flags(0).nal();
  };

  test.each([
    { name: "16384 pixels", sps: sized(1023, 1023), code: undefined },
    { name: "more than 16384 pixels", sps: sized(1024, 29), code: "CODEC_CONFIG" },
    { name: "2^36 pixels", sps: sized(0xfffffffe, 0xfffffffe), code: "CODEC_CONFIG" },
    { name: "a cropping to nothing", sps: sized(0, 0, 4, 4, 0, 0), code: "CODEC_CONFIG" },
    { name: "a cropping to less than nothing", sps: sized(0, 0, 0, 0, 0xfffffffe, 1), code: "CODEC_CONFIG" },
  ] as const)("of $name: $code", ({ sps, code }) => {
    expect(codeOf(() => decodeAvcSps(sps))).toBe(code);
  });

  test.each([
    { name: "nothing", hex: "", code: "TRUNCATED" },
    { name: "a PPS", hex: "68ebe3cb22c0", code: "CODEC_CONFIG" },
    { name: "an exp-Golomb run without end", hex: `67420029${"00".repeat(40)}`, code: "CODEC_CONFIG" },
    { name: "chroma format 4", hex: "67640029 94", code: "CODEC_CONFIG" },
  ] as const)("that is $name is refused with $code", ({ hex, code }) => {
    expect(codeOf(() => decodeAvcSps(fromHex(hex)))).toBe(code);
  });
});
