import { describe, expect, test } from "bun:test";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import { avcCodecString, avcLevelName, avcProfileName, decodeAvcConfig } from "../../src/media/avc.ts";
import { codeOf } from "../base/code-of.ts";

const sps = "67640029acd940780227e5c044000003000400000300f03c60c658";
const pps = "68ebe3cb22c0";

describe("avcC", () => {
  test("gives profile, level, NAL length size and parameter sets", () => {
    const config = decodeAvcConfig(fromHex(`01640029ffe1001b${sps}010006${pps}fdf8f800`));
    expect({ ...config, sps: config.sps.map(toHex), pps: config.pps.map(toHex) }).toEqual({
      profileIdc: 100,
      constraints: 0,
      levelIdc: 41,
      nalLengthSize: 4,
      sps: [sps],
      pps: [pps],
    });
  });

  test("may hold several parameter sets, or none, or end after the SPS", () => {
    const counts = (hex: string) => {
      const config = decodeAvcConfig(fromHex(hex));
      return [config.nalLengthSize, config.sps.length, config.pps.length];
    };
    expect(counts("01640029fce2 0002 6764 0001 67 02 0001 68 0001 68")).toEqual([1, 2, 2]);
    expect(counts("01640029fde0 00")).toEqual([2, 0, 0]);
    expect(counts("01640029ffe0")).toEqual([4, 0, 0]);
    expect(counts("01640029ffe1 0001 67")).toEqual([4, 1, 0]);
  });

  test.each([
    { name: "nothing", hex: "", code: "TRUNCATED" },
    { name: "a record cut in its SPS", hex: "01640029ffe1001b6764", code: "TRUNCATED" },
    { name: "Annex B", hex: `00000001${sps}`, code: "CODEC_CONFIG" },
    { name: "a NAL length of 3 bytes", hex: "01640029fee000", code: "CODEC_CONFIG" },
  ])("refuses $name with $code", ({ hex, code }) => {
    expect(String(codeOf(() => decodeAvcConfig(fromHex(hex))))).toBe(code);
  });
});

/** Profile, constraint and level byte, as in the codec string. */
const names: readonly [string, string, string][] = [
  ["42001E", "Baseline", "3"],
  ["42C01E", "Constrained Baseline", "3"],
  ["42E01F", "Constrained Baseline", "3.1"],
  ["42F00B", "Constrained Baseline", "1b"],
  ["42E00B", "Constrained Baseline", "1.1"],
  ["4D4028", "Main", "4"],
  ["58C01E", "Extended", "3"],
  ["640C33", "High", "5.1"],
  ["640009", "High", "1b"],
  ["64100B", "High", "1.1"],
  ["6E0029", "High 10", "4.1"],
  ["6E1029", "High 10 Intra", "4.1"],
  ["7A0029", "High 4:2:2", "4.1"],
  ["7A1029", "High 4:2:2 Intra", "4.1"],
  ["F4003E", "High 4:4:4 Predictive", "6.2"],
  ["530029", "83", "4.1"],
];

test.each(names)("avc1.%s is %s at level %s", (hex, profile, level) => {
  const [profileIdc = 0, constraints = 0, levelIdc = 0] = fromHex(hex);
  const fields = { profileIdc, constraints, levelIdc };
  expect([avcCodecString(fields), avcProfileName(fields), avcLevelName(fields)]).toEqual([
    `avc1.${hex}`,
    profile,
    level,
  ]);
});
