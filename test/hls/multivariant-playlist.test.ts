import { describe, expect, test } from "bun:test";
import * as HLS from "hls-parser";
import { fromHex } from "../../src/base/bytes.ts";
import { addressEnd } from "../../src/hls/media-playlist.ts";
import { multivariantPlaylist, type VariantFacts } from "../../src/hls/multivariant-playlist.ts";
import type { Codec } from "../../src/media/codec.ts";
import type { SampleTrack } from "../../src/media/sample.ts";
import { describeTrack } from "../../src/media/track.ts";

const trackOf = (codec: Codec, hex: string, timescale = 90_000): SampleTrack => {
  const config = fromHex(hex);
  return { description: describeTrack(codec, config), config, timescale };
};

const avc = trackOf("H264", "0142c01effe100046742c01e01000468ce3c80");
const aac = trackOf("AAC", "1210", 44_100);
const opus = trackOf("Opus", "4f707573486561640102380180bb0000000000", 48_000);
const vp9 = trackOf("VP9", "000081020202 0000");
const mp3 = trackOf("MP3", "fffb9064 00000000", 44_100);

const textOf = (facts: Partial<VariantFacts>): string =>
  multivariantPlaylist({
    name: "main_stream.m3u8",
    version: 6,
    tracks: [avc, aac],
    frameRate: 29.97002997,
    peakBandwidth: 1_000_000.2,
    averageBandwidth: 800_000,
    ...facts,
  }).replaceAll(addressEnd, "");

describe("a multivariant playlist", () => {
  test("says what the stream is made of and what it takes", () => {
    const text = textOf({
      tracks: [{ ...avc, description: { ...avc.description, width: 1280, height: 720 } as never }, aac],
    });
    expect(text).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-STREAM-INF:BANDWIDTH=1000001,AVERAGE-BANDWIDTH=800000,CODECS="avc1.42C01E,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970
main_stream.m3u8
`);
    HLS.setOptions({ strictMode: true });
    expect(HLS.parse(text)).toMatchObject({ isMasterPlaylist: true });
  });

  for (const [name, tracks, codecs] of [
    ["Opus by the letters of its box", [opus], "Opus"],
    ["MP3", [mp3], "mp4a.6B"],
    ["VP9 without a level by the highest", [vp9], "vp09.00.51.08"],
  ] as const)
    test(`names ${name}`, () => expect(textOf({ tracks })).toContain(`CODECS="${codecs}"`));

  test("names no codecs rather than some of them", () => {
    const unread = trackOf("H264", "00");
    expect(textOf({ tracks: [unread, aac] })).not.toContain("CODECS");
  });

  test("of sound has neither size nor rate of pictures", () => {
    const text = textOf({ tracks: [aac], frameRate: undefined });
    expect(text).not.toMatch(/RESOLUTION|FRAME-RATE/);
  });
});
