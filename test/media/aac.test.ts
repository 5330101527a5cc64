import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import { aacCodecString, aacProfileName, decodeAacConfig } from "../../src/media/aac.ts";
import { codeOf } from "../base/code-of.ts";
import { BitWriter } from "./bit-writer.ts";

/** The first six give the same rate and channels in ffprobe when they stand in an MP4 file. */
const table: { name: string; bytes: Uint8Array; says: [string | undefined, number, number, string] }[] = [
  { name: "LC", bytes: fromHex("1190"), says: ["LC", 48000, 2, "mp4a.40.2"] },
  { name: "LC with SBR switched off", bytes: fromHex("119056e500"), says: ["LC", 48000, 2, "mp4a.40.2"] },
  { name: "SBR in front", bytes: fromHex("2b920800"), says: ["HE-AAC", 44100, 2, "mp4a.40.5"] },
  { name: "SBR and PS in front", bytes: fromHex("eb8a0800"), says: ["HE-AACv2", 44100, 2, "mp4a.40.29"] },
  { name: "SBR behind", bytes: fromHex("139056e5a0"), says: ["HE-AAC", 44100, 2, "mp4a.40.5"] },
  { name: "SBR and PS behind", bytes: fromHex("138856e5a54880"), says: ["HE-AACv2", 44100, 2, "mp4a.40.29"] },
  { name: "SBR of a mono core", bytes: fromHex("2b8a0800"), says: ["HE-AAC", 44100, 1, "mp4a.40.5"] },
  { name: "zeros behind, as padding", bytes: fromHex("121000000000"), says: ["LC", 44100, 2, "mp4a.40.2"] },
  { name: "Main", bytes: fromHex("0a10"), says: ["Main", 44100, 2, "mp4a.40.1"] },
  { name: "LTP", bytes: fromHex("2210"), says: ["LTP", 44100, 2, "mp4a.40.4"] },
  { name: "LD", bytes: fromHex("b990"), says: ["LD", 48000, 2, "mp4a.40.23"] },
  { name: "ELD, an escaped type", bytes: fromHex("f8e85000"), says: ["ELD", 44100, 2, "mp4a.40.39"] },
  { name: "scalable, without a name", bytes: fromHex("321000"), says: [undefined, 44100, 2, "mp4a.40.6"] },
  { name: "960 samples and a core coder", bytes: fromHex("1216 0000"), says: ["LC", 44100, 2, "mp4a.40.2"] },
  {
    name: "a rate spelt out",
    bytes: new BitWriter().u(5, 2).u(4, 15).u(24, 22255).u(4, 1).u(3, 0).bytes(),
    says: ["LC", 22255, 1, "mp4a.40.2"],
  },
  {
    name: "an SBR rate spelt out",
    bytes: new BitWriter().u(5, 5).u(4, 6).u(4, 2).u(4, 15).u(24, 44056).u(5, 2).u(3, 0).bytes(),
    says: ["HE-AAC", 44056, 2, "mp4a.40.5"],
  },
  {
    name: "a program config element with SBR behind it",
    bytes: new BitWriter()
      .u(5, 2)
      .u(4, 7)
      .u(4, 0)
      .u(3, 0) // core, then the element
      .u(4, 0)
      .u(2, 1)
      .u(4, 7) // tag, type, rate
      .u(4, 2)
      .u(4, 1)
      .u(4, 1)
      .u(2, 1)
      .u(3, 1)
      .u(4, 1) // front, side, back, low, associated, coupling
      .flags(1)
      .u(4, 0)
      .flags(0)
      .flags(1)
      .u(3, 0) // mixdown
      .u(5, 0)
      .u(5, 16)
      .u(5, 16)
      .u(5, 16) // a single channel, three pairs
      .u(4, 0)
      .u(4, 0)
      .u(5, 0) // low, associated, coupling
      .u(6, 0) // to the byte border
      .u(8, 2)
      .u(16, 0x6869) // comment
      .u(11, 0x2b7)
      .u(5, 5)
      .flags(1)
      .u(4, 4)
      .bytes(),
    says: ["HE-AAC", 44100, 8, "mp4a.40.5"],
  },
  {
    name: "BSAC with its extension",
    bytes: new BitWriter().u(5, 22).u(4, 4).u(4, 2).flags(0, 0, 1).u(16, 0).flags(0).bytes(),
    says: [undefined, 44100, 2, "mp4a.40.22"],
  },
];

describe("AudioSpecificConfig", () => {
  test.each(table)("with $name", ({ bytes, says }) => {
    const config = decodeAacConfig(bytes);
    const { sampleRate, channels } = config;
    expect([aacProfileName(config), sampleRate, channels, aacCodecString(config)]).toEqual(says);
  });

  test("counts the channels of every channel configuration", () => {
    const counts: unknown[] = Array.from({ length: 16 }, (_, configuration) => {
      const bytes = new BitWriter().u(5, 2).u(4, 3).u(4, configuration).u(3, 0).bytes();
      return codeOf(() => decodeAacConfig(bytes)) ?? decodeAacConfig(bytes).channels;
    });
    const reserved = "CODEC_CONFIG";
    expect(counts).toEqual([
      "TRUNCATED",
      ...[1, 2, 3, 4, 5, 6, 8],
      ...[reserved, reserved, reserved],
      ...[7, 8, 24, 8],
      reserved,
    ]);
  });

  test.each([
    { name: "nothing", bytes: new Uint8Array(0), code: "TRUNCATED" },
    { name: "one byte", bytes: fromHex("12"), code: "TRUNCATED" },
    { name: "rate index 13", bytes: fromHex("1690"), code: "CODEC_CONFIG" },
    {
      name: "rate 0",
      bytes: new BitWriter().u(5, 2).u(4, 15).u(24, 0).u(7, 8).bytes(),
      code: "CODEC_CONFIG",
    },
    { name: "object type 0", bytes: fromHex("0210"), code: "CODEC_CONFIG" },
    { name: "speech (CELP)", bytes: fromHex("4210"), code: "CODEC_CONFIG" },
  ] as const)("refuses $name with $code", ({ bytes, code }) => {
    expect(codeOf(() => decodeAacConfig(bytes))).toBe(code);
  });
});
