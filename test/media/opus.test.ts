import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import { decodeOpusConfig } from "../../src/media/opus.ts";
import { codeOf } from "../base/code-of.ts";

const magic = "4f70757348656164";

describe("OpusHead", () => {
  test("gives channels, pre-skip and input rate, all little-endian", () => {
    expect(decodeOpusConfig(fromHex(`${magic} 01 02 3801 803e0000 0000 00`))).toEqual({
      channels: 2,
      preSkip: 312,
      inputSampleRate: 16000,
    });
  });

  test.each([
    { name: "nothing", hex: "", code: "TRUNCATED" },
    { name: "no mapping family", hex: `${magic} 01 02 3801 80bb0000 0000`, code: "TRUNCATED" },
    { name: "no channel", hex: `${magic} 01 00 3801 80bb0000 0000 00`, code: "CODEC_CONFIG" },
    { name: "version 16", hex: `${magic} 10 02 3801 80bb0000 0000 00`, code: "CODEC_CONFIG" },
    { name: "OpusTags", hex: "4f70757354616773 01 02 3801 80bb0000 0000 00", code: "CODEC_CONFIG" },
  ] as const)("with $name is refused with $code", ({ hex, code }) => {
    expect(codeOf(() => decodeOpusConfig(fromHex(hex)))).toBe(code);
  });
});
