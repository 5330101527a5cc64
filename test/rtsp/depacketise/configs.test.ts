import { describe, expect, test } from "bun:test";
import { fromHex, toHex } from "../../../src/base/bytes.ts";
import { decodeAv1Config } from "../../../src/media/av1.ts";
import { decodeAvcConfig } from "../../../src/media/avc.ts";
import { avcReorderDepth } from "../../../src/media/avc-sps.ts";
import { decodeHevcConfig, hevcNalType } from "../../../src/media/hevc.ts";
import { hevcReorderDepth } from "../../../src/media/hevc-sps.ts";
import { describeTrack } from "../../../src/media/track.ts";
import { configOfAac, configOfLatm } from "../../../src/rtsp/depacketise/aac-config.ts";
import { encodeAv1Config } from "../../../src/rtsp/depacketise/av1-config.ts";
import { encodeAvcConfig } from "../../../src/rtsp/depacketise/avc-config.ts";
import { encodeHevcConfig } from "../../../src/rtsp/depacketise/hevc-config.ts";
import { splitObus } from "../../../src/rtsp/obu.ts";
import { codeOf } from "../../base/code-of.ts";
import { videoConfigs } from "../../media/video-configs.ts";

const fixtures = (codec: string) => videoConfigs.filter(({ track }) => track.codec === codec);

describe("a configuration made of parameter sets", () => {
  for (const { name, hex } of fixtures("H264")) {
    test(`is what the encoder wrote: ${name}`, () => {
      const { sps, pps } = decodeAvcConfig(fromHex(hex));
      const made = toHex(encodeAvcConfig(sps, pps));
      // Some writers leave out what stands behind the sets of High profiles.
      expect(made.startsWith(hex) || made === hex).toBe(true);
    });
  }

  for (const { name, hex, track } of fixtures("H265")) {
    test(`describes the same track: ${name}`, () => {
      const { units } = decodeHevcConfig(fromHex(hex));
      const of = (type: number): Uint8Array[] =>
        units.filter((unit) => unit.type === type).map(({ nal }) => nal);
      const sets = { vps: of(hevcNalType.vps), sps: of(hevcNalType.sps), pps: of(hevcNalType.pps) };
      const made = encodeHevcConfig(sets);
      expect(describeTrack("H265", made)).toEqual(track);
      // Profile, tier, compatibility, constraints and level, byte for byte.
      expect(toHex(made.subarray(1, 13))).toBe(toHex(fromHex(hex).subarray(1, 13)));
    });
  }

  for (const { name, hex } of fixtures("AV1")) {
    test(`is what the encoder wrote: ${name}`, () => {
      const { obus } = decodeAv1Config(fromHex(hex));
      const header = splitObus(obus).find(({ type }) => type === 1)!;
      expect(toHex(encodeAv1Config(header)).substring(0, 6)).toBe(hex.substring(0, 6));
      expect(describeTrack("AV1", encodeAv1Config(header))).toEqual(describeTrack("AV1", fromHex(hex)));
    });
  }

  test("needs an SPS that can be read", () => {
    expect(codeOf(() => encodeHevcConfig({ vps: [], sps: [], pps: [] }))).toBe("CODEC_CONFIG");
    expect(codeOf(() => encodeHevcConfig({ vps: [], sps: [fromHex("4201")], pps: [] }))).toBe("TRUNCATED");
  });
});

describe("the reordering depth", () => {
  test("of H.264 stands in the SPS, and is 0 for Baseline", () => {
    const depths = fixtures("H264").map(({ name, hex }) => {
      const [sps] = decodeAvcConfig(fromHex(hex)).sps;
      return [name.includes("Baseline"), sps && avcReorderDepth(sps)] as const;
    });
    expect(depths.length).toBeGreaterThan(2);
    for (const [isBaseline, depth] of depths) expect(depth).toBe(isBaseline ? 0 : depth);
    expect(depths[0]).toEqual([false, 2]);
  });

  test("of H.265 too", () => {
    for (const { hex } of fixtures("H265")) {
      const unit = decodeHevcConfig(fromHex(hex)).units.find(({ type }) => type === hevcNalType.sps)!;
      expect(hevcReorderDepth(unit.nal)).toBeGreaterThanOrEqual(0);
      expect(hevcReorderDepth(unit.nal)).toBeLessThanOrEqual(4);
    }
  });
});

describe("the configuration of AAC", () => {
  const format = {
    payloadType: 96,
    encoding: "x",
    clockRate: 44100,
    channels: 2,
    parameters: new Map<string, string>(),
  };
  const withConfig = (config: string) => ({ ...format, parameters: new Map([["config", config]]) });

  test("is the one of the SDP, or what rate and channels make", () => {
    expect(toHex(configOfAac(withConfig("1190")))).toBe("1190");
    expect(toHex(configOfAac(format))).toBe("1210");
    expect(toHex(configOfAac({ ...format, clockRate: 48000, channels: 8 }))).toBe("11b8");
    expect(codeOf(() => configOfAac({ ...format, clockRate: 90000 }))).toBe("SDP");
  });

  test("of LATM stands inside its StreamMuxConfig", () => {
    const { config, frames } = configOfLatm(withConfig("400024203fc0"));
    expect([toHex(config), frames]).toEqual(["1210", 1]);
    expect(codeOf(() => configOfLatm(format))).toBe("SDP");
    expect(codeOf(() => configOfLatm(withConfig("c00024203fc0")))).toBe("SDP");
  });
});
