import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import {
  decodeVp9KeyFrame,
  decodeVpConfig,
  vpCodecString,
  vpLevelName,
  vpProfileName,
} from "../../src/media/vp9.ts";
import { codeOf } from "../base/code-of.ts";
import { BitWriter } from "./bit-writer.ts";

describe("vpcC", () => {
  test.each([
    ["00 1f 82 02 02 02 0000", "Profile 0", "3.1", "vp09.00.31.08"],
    ["01000000 00 1f 82 02 02 02 0000", "Profile 0", "3.1", "vp09.00.31.08"],
    ["01000000 02 1e a2 02 02 02 0000", "Profile 2", "3", "vp09.02.30.10"],
    ["03 3e c6 09 10 09 0000", "Profile 3", "6.2", "vp09.03.62.12"],
    ["01 0a 86 02 02 02 0000", "Profile 1", "1", "vp09.01.10.08"],
    ["00 00 80 02 02 02 0000", "Profile 0", undefined, "vp09.00.00.08"],
  ])("%s is %s level %s, %s", (hex, profile, level, codecString) => {
    const config = decodeVpConfig(fromHex(hex));
    expect([vpProfileName(config), vpLevelName(config), vpCodecString("vp09", config)]).toEqual([
      profile,
      level,
      codecString,
    ]);
  });

  test.each([
    { name: "nothing", hex: "", code: "TRUNCATED" },
    { name: "seven bytes", hex: "001f8202020200", code: "TRUNCATED" },
    { name: "a depth of 9 bits", hex: "001f920202020000", code: "CODEC_CONFIG" },
    { name: "profile 4", hex: "041f820202020000", code: "CODEC_CONFIG" },
  ] as const)("with $name is refused with $code", ({ hex, code }) => {
    expect(codeOf(() => decodeVpConfig(fromHex(hex)))).toBe(code);
  });
});

describe("VP9 key frame", () => {
  // First bytes of frames of libvpx 1.12: testsrc2 at these sizes, yuv420p, yuv420p10le, yuv444p.
  test.each([
    ["82498342004ff02cf6063824", 1280, 720],
    ["92498342001aa80efb031c12", 854, 480],
    ["a249834200028201e2c0c704", 322, 242],
  ])("%s is %dx%d", (hex, width, height) => {
    expect(decodeVp9KeyFrame(fromHex(hex))).toEqual({ width, height });
  });

  test("of profile 3 in sRGB is read too", () => {
    const bits = new BitWriter().u(2, 2).flags(1, 1, 0, 0, 0, 1, 0).u(24, 0x498342).flags(1).u(3, 7).flags(0);
    expect(decodeVp9KeyFrame(bits.u(16, 15).u(16, 7).bytes())).toEqual({ width: 16, height: 8 });
  });

  test.each([
    { name: "an inter frame", hex: "86498342004ff02cf606", code: "CODEC_CONFIG" },
    { name: "a shown frame", hex: "8a498342004ff02cf606", code: "CODEC_CONFIG" },
    { name: "another sync code", hex: "82498343004ff02cf606", code: "CODEC_CONFIG" },
    { name: "65,536 pixels", hex: "82498342 0ffff0fff0", code: "CODEC_CONFIG" },
    { name: "its size cut off", hex: "82498342004f", code: "TRUNCATED" },
  ] as const)("with $name is refused with $code", ({ hex, code }) => {
    expect(codeOf(() => decodeVp9KeyFrame(fromHex(hex)))).toBe(code);
  });
});
