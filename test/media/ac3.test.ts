import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import { decodeAc3Frame, decodeEac3Header } from "../../src/media/ac3.ts";
import { codeOf } from "../base/code-of.ts";
import { BitWriter } from "./bit-writer.ts";

type Ac3Fields = { rate: number; version: number; mode: number; mixBits: number; lowFrequency: 0 | 1 };

const ac3 = ({ rate, version, mode, mixBits, lowFrequency }: Ac3Fields): Uint8Array =>
  new BitWriter()
    .u(16, 0x0b77)
    .u(16, 0)
    .u(2, rate)
    .u(6, 0)
    .u(5, version)
    .u(3, 0)
    .u(3, mode)
    .u(mixBits, 0)
    .flags(lowFrequency)
    .bytes();

const eac3 = (rate: number, blocks: number, mode: number): Uint8Array =>
  new BitWriter().u(16, 0x0b77).u(16, 0).u(2, rate).u(2, blocks).u(3, mode).flags(1).u(5, 16).u(8, 0).bytes();

describe("AC-3 frame", () => {
  test("counts the channels of every mode, wherever the low-frequency flag stands", () => {
    const mixBits = [0, 0, 2, 2, 2, 4, 2, 4];
    const counts = mixBits.map((bits, mode) =>
      ([0, 1] as const).map(
        (lowFrequency) =>
          decodeAc3Frame(ac3({ rate: 0, version: 8, mode, mixBits: bits, lowFrequency })).channels,
      ),
    );
    expect(counts).toEqual([2, 1, 2, 3, 3, 4, 4, 5].map((channels) => [channels, channels + 1]));
  });

  test("gives the rate, halved and quartered in versions 9 and 10", () => {
    const rates = [6, 8, 9, 10].map((version) =>
      [0, 1, 2].map(
        (rate) => decodeAc3Frame(ac3({ rate, version, mode: 1, mixBits: 0, lowFrequency: 0 })).sampleRate,
      ),
    );
    expect(rates).toEqual([
      [48000, 44100, 32000],
      [48000, 44100, 32000],
      [24000, 22050, 16000],
      [12000, 11025, 8000],
    ]);
  });

  test("of the enhanced kind gives blocks and halved rates", () => {
    expect([eac3(0, 3, 7), eac3(1, 0, 2), eac3(3, 2, 1)].map(decodeAc3Frame)).toEqual([
      { sampleRate: 48000, channels: 6, samples: 1536 },
      { sampleRate: 44100, channels: 3, samples: 256 },
      { sampleRate: 16000, channels: 2, samples: 1536 },
    ]);
  });

  test("of the enhanced kind says what a file has to repeat", () => {
    const frame = new BitWriter().u(16, 0x0b77).u(2, 1).u(3, 2).u(11, 383);
    frame.u(2, 0).u(2, 3).u(3, 7).flags(1).u(5, 16).u(8, 0);
    expect(decodeEac3Header(frame.bytes())).toEqual({
      ...{ streamType: 1, frameBytes: 768, rateCode: 0, version: 16, mode: 7, lowFrequency: 1 },
    });
    const plain = ac3({ rate: 0, version: 8, mode: 2, mixBits: 2, lowFrequency: 0 });
    expect(codeOf(() => decodeEac3Header(plain))).toBe("CODEC_CONFIG");
    expect(codeOf(() => decodeEac3Header(fromHex("0b78000000008000")))).toBe("CODEC_CONFIG");
  });

  test.each([
    { name: "nothing", hex: "", code: "TRUNCATED" },
    { name: "five bytes", hex: "0b77000000", code: "TRUNCATED" },
    { name: "no sync word", hex: "0b78b50b1e40ebf8", code: "CODEC_CONFIG" },
    { name: "rate code 3", hex: "0b77b50bde40ebf8", code: "CODEC_CONFIG" },
    { name: "version 17", hex: "0b77b50b1e88ebf8", code: "CODEC_CONFIG" },
    { name: "a halved rate of code 3", hex: "0b7700ffff8000", code: "CODEC_CONFIG" },
  ] as const)("with $name is refused with $code", ({ hex, code }) => {
    expect(codeOf(() => decodeAc3Frame(fromHex(hex)))).toBe(code);
  });
});
