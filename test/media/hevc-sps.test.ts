import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import { decodeHevcSps } from "../../src/media/hevc-sps.ts";
import { codeOf } from "../base/code-of.ts";
import { BitWriter } from "./bit-writer.ts";

const generalProfile = (bits: BitWriter): BitWriter =>
  bits.u(8, 1).u(32, 0x60000000).u(32, 0x90000000).u(16, 0);

/** SPS of one layer up to the chroma format. */
const head = (): BitWriter =>
  generalProfile(
    new BitWriter()
      .u(16, (33 << 9) | 1)
      .u(4, 0)
      .u(3, 0)
      .flags(1),
  )
    .u(8, 93)
    .ue(0);

const writeScalingLists = (bits: BitWriter): void => {
  for (let size = 0; size < 4; size += 1) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (matrix > 0) {
        bits.flags(0).ue(1);
        continue;
      }
      bits.flags(1);
      if (size > 1) bits.se(2);
      bits.se(...Array.from({ length: Math.min(64, 16 << (2 * size)) }, (_, i) => (i % 3) - 1));
    }
  }
};

describe("H.265 SPS", () => {
  // Composed, because no encoder at hand writes these parts; FFmpeg 5.1.9 decodes pictures with it and reads the same.
  test("with three sub-layers, scaling lists, PCM, predicted and long-term references", () => {
    const bits = generalProfile(
      new BitWriter()
        .u(16, (33 << 9) | 1)
        .u(4, 0)
        .u(3, 2)
        .flags(1),
    );
    bits.u(8, 93).flags(1, 1, 0, 1).u(12, 0);
    generalProfile(bits).u(8, 60).u(8, 63); // profile and level of the first sub-layer, level of the second
    bits.ue(0, 1, 1920, 1088).flags(1).ue(0, 0, 0, 4).ue(0, 0, 4).flags(1).ue(4, 2, 0, 4, 2, 0, 4, 2, 0);
    bits.ue(0, 3, 0, 3, 0, 0).flags(1, 1);
    writeScalingLists(bits);
    bits.flags(1, 1).flags(1).u(4, 7).u(4, 7).ue(0, 0).flags(1);
    bits.ue(3); // reference picture sets: one listed, one predicted, one listed
    bits.ue(2, 1).ue(0).flags(1).ue(1).flags(1).ue(0).flags(1);
    bits.flags(1, 1).ue(0).flags(1, 0, 1, 0, 0, 1);
    bits.flags(0).ue(1, 0).ue(0).flags(1);
    bits.flags(1).ue(2).u(8, 5).flags(1).u(8, 9).flags(0);
    bits.flags(1, 1).flags(1);
    bits.flags(1).u(8, 1).flags(1, 1).flags(1).u(3, 5).flags(0, 0).flags(0).flags(0, 0, 0).flags(1);
    bits.ue(0, 0, 0, 0).flags(1).u(32, 1001).u(32, 24000).flags(0, 0, 0, 0);
    expect(decodeHevcSps(bits.nal())).toEqual({
      width: 1920,
      height: 1080,
      chroma: "4:2:0",
      bitDepth: 8,
      frameRate: 23.976,
    });
  });

  test("crops by the units of its chroma format", () => {
    const sizes = [0, 1, 2, 3].map((chroma) => {
      const bits = head().ue(chroma);
      if (chroma === 3) bits.flags(0);
      const { width, height } = decodeHevcSps(bits.ue(64, 64).flags(1).ue(1, 2, 1, 1).ue(0, 0).nal());
      return [width, height];
    });
    expect(sizes).toEqual([
      [61, 62],
      [58, 60],
      [58, 62],
      [61, 62],
    ]);
  });

  test("cut off behind the bit depth keeps its size", () => {
    const nal = head().ue(1, 1280, 720).flags(0).ue(2).nal();
    expect(decodeHevcSps(nal)).toEqual({
      width: 1280,
      height: 720,
      chroma: "4:2:0",
      bitDepth: 10,
      frameRate: undefined,
    });
  });

  const sized = (width: number, height: number): Uint8Array =>
    head().ue(1, width, height).flags(0).ue(0).nal();

  test.each([
    { name: "16384 pixels", nal: sized(16384, 16384), code: undefined },
    { name: "16385 pixels", nal: sized(16385, 16), code: "CODEC_CONFIG" },
    { name: "no height", nal: sized(16, 0), code: "CODEC_CONFIG" },
    { name: "chroma format 4", nal: head().ue(4).nal(), code: "CODEC_CONFIG" },
    { name: "a VPS", nal: fromHex("40010c01ffff"), code: "CODEC_CONFIG" },
    { name: "half a profile", nal: fromHex("420101016000"), code: "TRUNCATED" },
  ] as const)("of $name: $code", ({ nal, code }) => {
    expect(codeOf(() => decodeHevcSps(nal))).toBe(code);
  });
});
