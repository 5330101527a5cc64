import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex } from "../../src/base/bytes.ts";
import {
  decodeHevcConfig,
  hevcCodecString,
  hevcLevelName,
  hevcProfileName,
  looksLikeHevcConfig,
} from "../../src/media/hevc.ts";
import { codeOf } from "../base/code-of.ts";
import { holds } from "../base/property.ts";
import { videoConfigs } from "./video-configs.ts";

const header = "01 01 60000000 900000000000 7b f000 fc fd f8 f8 0000 0f";

describe("hvcC", () => {
  test("gives its fields and NAL units", () => {
    const units = "02 20 0001 0003 400101 a1 0002 0003 420101 0002 4201";
    expect(decodeHevcConfig(fromHex(header + units))).toEqual({
      profileSpace: 0,
      isHighTier: false,
      profileIdc: 1,
      compatibility: 0x60000000,
      constraints: fromHex("900000000000"),
      levelIdc: 123,
      bitDepth: 8,
      averageFrameRate: undefined,
      nalLengthSize: 4,
      units: [
        { type: 32, nal: fromHex("400101") },
        { type: 33, nal: fromHex("420101") },
        { type: 33, nal: fromHex("4201") },
      ],
    });
  });

  test("may have version 0, and no arrays", () => {
    expect(decodeHevcConfig(fromHex(header.replace("01", "00"))).units).toEqual([]);
    expect(decodeHevcConfig(fromHex(`${header} 00`)).units).toEqual([]);
  });

  test.each([
    { name: "nothing", hex: "", code: "TRUNCATED" },
    { name: "half a header", hex: "010160000000", code: "TRUNCATED" },
    { name: "65,535 units in 4 bytes", hex: `${header} 01 21 ffff 0000`, code: "TRUNCATED" },
    { name: "257 units", hex: `${header} 01 21 0101 ${"0000".repeat(257)}`, code: "CODEC_CONFIG" },
    { name: "version 2", hex: header.replace("01", "02"), code: "CODEC_CONFIG" },
    { name: "a NAL length of 3 bytes", hex: header.replace(/0f$/, "0e"), code: "CODEC_CONFIG" },
  ] as const)("refuses $name with $code", ({ hex, code }) => {
    expect(codeOf(() => decodeHevcConfig(fromHex(hex)))).toBe(code);
  });
});

/** General profile byte, compatibility flags, constraint bytes, level; then what they are called. */
const names: readonly [string, number, string, string, string, string][] = [
  ["01 60000000 900000000000", 93, "Main", "3.1", "hvc1.1.6.L93.90", "Main of most encoders"],
  ["02 20000000 b00000000000", 120, "Main 10", "4", "hvc1.2.4.L120.B0", "Main 10"],
  ["22 20000000 b00000000000", 153, "Main 10", "5.1", "hvc1.2.4.H153.B0", "high tier"],
  ["03 70000000 000000000000", 30, "Main Still Picture", "1", "hvc1.3.E.L30", "no constraint at all"],
  ["04 08000000 9fa800000000", 90, "Main Intra", "3", "hvc1.4.10.L90.9F.A8", "4:2:0 of 8 bits, intra"],
  ["04 08000000 9f8800000000", 90, "Main", "3", "hvc1.4.10.L90.9F.88", "4:2:0 of 8 bits"],
  ["04 08000000 998800000000", 90, "Main 12", "3", "hvc1.4.10.L90.99.88", "4:2:0 of 12 bits"],
  ["04 08000000 9c0800000000", 90, "Main 4:4:4 10", "3", "hvc1.4.10.L90.9C.8", "4:4:4 of 10 bits"],
  ["04 08000000 902000000000", 90, "Main 4:4:4 16 Intra", "3", "hvc1.4.10.L90.90.20", "all of it, intra"],
  ["04 08000000 000000000000", 90, "Range Extensions", "3", "hvc1.4.10.L90", "flags left empty"],
  [
    "46 02000000 000000000001",
    186,
    "Multiview Main",
    "6.2",
    "hvc1.A6.40.L186.0.0.0.0.0.1",
    "profile space A",
  ],
  ["0c 00000000 000000000000", 90, "12", "3", "hvc1.12.0.L90", "unknown profile"],
];

describe("H.265 names", () => {
  test.each(names)("%s level %d is %s %s, %s: %s", (hex, level, profile, levelName, codecString) => {
    const rest = "f000 fc fd f8 f8 0000 0f";
    const config = decodeHevcConfig(fromHex(`01 ${hex} ${level.toString(16).padStart(2, "0")} ${rest}`));
    expect([hevcProfileName(config), hevcLevelName(config), hevcCodecString(config)]).toEqual([
      profile,
      levelName,
      codecString,
    ]);
  });
});

describe("looksLikeHevcConfig", () => {
  test("knows every real config for what it is", () => {
    const answers = videoConfigs.map(({ hex, track }) => [track.codec, looksLikeHevcConfig(fromHex(hex))]);
    expect(answers).toEqual(videoConfigs.map(({ track }) => [track.codec, track.codec === "H265"]));
  });

  test("is false without an SPS, and where a unit's header disagrees with its array", () => {
    const hevc = (units: string) => looksLikeHevcConfig(fromHex(header + units));
    expect(hevc("01 a1 0001 0003 420101")).toBe(true);
    expect(hevc("")).toBe(false);
    expect(hevc("01 a0 0001 0003 400101")).toBe(false);
    expect(hevc("01 a1 0001 0003 440101")).toBe(false);
    expect(hevc("01 a1 0001 0002 4201")).toBe(false);
    expect(hevc("02 a1 0001 0003 420101 81 0001 0003 020101")).toBe(false);
  });

  test("never throws", () => {
    holds(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !looksLikeHevcConfig(bytes)));
  });
});
