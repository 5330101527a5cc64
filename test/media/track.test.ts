import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex } from "../../src/base/bytes.ts";
import type { Codec } from "../../src/media/codec.ts";
import { describeTrack, isAudioCodec, type Track } from "../../src/media/track.ts";
import { holds } from "../base/property.ts";
import { audioConfigs } from "./audio-configs.ts";
import { videoConfigs } from "./video-configs.ts";

const configs = [...videoConfigs, ...audioConfigs];

const audioCodecs: readonly Codec[] = [
  "AAC",
  "MP3",
  "Opus",
  "FLAC",
  "AC3",
  "EAC3",
  "Speex",
  "G711A",
  "G711U",
  "PCM",
  "ADPCM",
  "Nellymoser",
];
const videoCodecs: readonly Codec[] = ["H264", "H265", "H266", "AV1", "VP8", "VP9", "H263", "VP6", "Screen"];
const codecs = [...audioCodecs, ...videoCodecs];

const bareTrack = (codec: Codec): Track =>
  isAudioCodec(codec) ? { kind: "audio", codec } : { kind: "video", codec };

test("a codec is either audio or video", () => {
  const found: readonly Codec[] = codecs.filter(isAudioCodec);
  expect(found).toEqual(audioCodecs);
});

describe("describeTrack", () => {
  test.each(configs)("reads $name", ({ hex, track }) => {
    expect(describeTrack(track.codec, fromHex(hex))).toStrictEqual(track);
  });

  test.each(codecs)("gives kind and codec alone for an empty config of %s", (codec) => {
    expect(describeTrack(codec, new Uint8Array(0))).toStrictEqual(bareTrack(codec));
  });

  test.each(codecs)("gives kind and codec alone for a config of %s that is text", (codec) => {
    expect(describeTrack(codec, Buffer.from("this is no codec config"))).toStrictEqual(bareTrack(codec));
  });

  test("keeps profile and level where the parameter sets cannot be read", () => {
    const avc = fromHex("01640029ffe1 0004 67640029 01 0004 68ebe3cb");
    const hevc = fromHex("0101600000009000000000007bf000fcfdf8f80000 0f 01 21 0001 0004 42010101");
    expect([describeTrack("H264", avc), describeTrack("H265", hevc)]).toStrictEqual([
      { kind: "video", codec: "H264", codecString: "avc1.640029", profile: "High", level: "4.1" },
      {
        kind: "video",
        codec: "H265",
        codecString: "hvc1.1.6.L123.90",
        profile: "Main",
        level: "4.1",
        bitDepth: 8,
      },
    ]);
  });

  test("keeps profile and level of an avcC whose parameter sets come in-band", () => {
    expect(describeTrack("H264", fromHex("0142c01fffe000"))).toStrictEqual({
      kind: "video",
      codec: "H264",
      codecString: "avc1.42C01F",
      profile: "Constrained Baseline",
      level: "3.1",
    });
  });

  test("takes the frame rate of an hvcC where the SPS has none", () => {
    const { hex } = videoConfigs.find(({ name }) => name === "H.265 Main 1080p30")!;
    const config = fromHex(hex);
    config.set([25, 0], 19); // average frame rate, in 1/256
    expect(describeTrack("H265", config)).toMatchObject({ frameRate: 30 });
    const withoutVui = fromHex("0101600000009000000000007bf000fcfdf8f8 1900 0f 01 21 0001 0004 42010101");
    expect(describeTrack("H265", withoutVui)).toMatchObject({ frameRate: 25 });
  });

  test("reads VP8 as far as its config goes", () => {
    expect(describeTrack("VP8", fromHex("000a820202020000"))).toStrictEqual({
      kind: "video",
      codec: "VP8",
      codecString: "vp8",
      bitDepth: 8,
    });
  });

  test("never throws and never gives a picture or rate outside its bounds", () => {
    const seeds = configs.map(({ hex }) => fromHex(hex));
    const damaged = fc
      .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat())
      .map(([seed, edits, end]) => {
        const config = Uint8Array.from(seed);
        for (const [at, byte] of edits) config[at % config.length] = byte;
        return end % 3 === 0 ? config.subarray(0, end % config.length) : config;
      });
    const anyConfig = fc.oneof(damaged, fc.uint8Array({ maxLength: 300 }));
    holds(
      fc.property(fc.constantFrom(...codecs), anyConfig, (codec, config) => {
        const track = describeTrack(codec, config);
        expect(track).toMatchObject(bareTrack(codec));
        if (track.kind === "audio") return;
        const { width = 1, height = 1, frameRate = 1 } = track;
        expect(Math.min(width, height, frameRate)).toBeGreaterThanOrEqual(1);
        expect(Math.max(width, height)).toBeLessThanOrEqual(16384);
        expect(frameRate).toBeLessThanOrEqual(240);
      }),
      { numRuns: 5000 },
    );
  });

  test("reads long runs of zeros and ones in bounded time", () => {
    for (const codec of codecs) {
      for (const fill of [0x00, 0x01, 0x55, 0xff]) {
        const config = new Uint8Array(65_000).fill(fill);
        config.set(fromHex("01640029ffe1fd00676400"));
        const began = performance.now();
        describeTrack(codec, config);
        expect(performance.now() - began).toBeLessThan(500);
      }
    }
  });
});
