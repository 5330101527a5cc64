import { describe, expect, test } from "bun:test";
import { fromHex } from "../../../src/base/bytes.ts";
import { codecLabel, trackObject } from "../../../src/http/api/track-object.ts";
import type { Codec } from "../../../src/media/codec.ts";
import { describeTrack, type Track } from "../../../src/media/track.ts";
import { videoConfigs } from "../../media/video-configs.ts";

const trackOf = (name: string): Track => {
  const fixture = videoConfigs.find((each) => each.name.startsWith(name));
  if (!fixture) throw new Error(`no fixture ${name}`);
  return describeTrack(fixture.track.codec, fromHex(fixture.hex));
};

describe("a track of the control API", () => {
  const rows: { track: Track; codec: string; props: unknown }[] = [
    {
      track: trackOf("H.264 High 1080p30"),
      codec: "H264",
      props: { width: 1920, height: 1080, profile: "High", level: "4.1" },
    },
    {
      track: trackOf("H.264 Constrained Baseline"),
      codec: "H264",
      props: { width: 480, height: 272, profile: "Baseline", level: "2.1" },
    },
    {
      track: { kind: "video", codec: "H264", codecString: "avc1.2C000B", profile: "CAVLC 4:4:4 Intra" },
      codec: "H264",
      props: { width: 0, height: 0, profile: "44", level: "1.1" },
    },
    {
      track: { kind: "video", codec: "H264" },
      codec: "H264",
      props: { width: 0, height: 0, profile: "", level: "" },
    },
    {
      track: {
        kind: "video",
        codec: "H265",
        codecString: "hvc1.2.4.L93.B0",
        profile: "Main 10",
        level: "3.1",
        width: 4,
        height: 2,
      },
      codec: "H265",
      props: { width: 4, height: 2, profile: "Main 10", level: "3.1" },
    },
    {
      track: {
        kind: "video",
        codec: "H265",
        codecString: "hvc1.A4.10.H120.9F",
        profile: "Main 4:4:4",
        level: "4",
      },
      codec: "H265",
      props: { width: 0, height: 0, profile: "Range Extensions", level: "4" },
    },
    {
      track: { kind: "video", codec: "AV1", codecString: "av01.1.08H.10", width: 640, height: 360 },
      codec: "AV1",
      props: { width: 640, height: 360, profile: 1, level: 8, tier: 1 },
    },
    { track: { kind: "video", codec: "VP9", profile: "Profile 2" }, codec: "VP9", props: { profile: 2 } },
    { track: { kind: "video", codec: "VP8" }, codec: "VP8", props: null },
    {
      track: { kind: "audio", codec: "AAC", sampleRate: 48000, channels: 2 },
      codec: "MPEG-4 Audio",
      props: { sampleRate: 48000, channelCount: 2 },
    },
    {
      track: { kind: "audio", codec: "AC3", sampleRate: 48000, channels: 6 },
      codec: "AC3",
      props: { sampleRate: 48000, channelCount: 6 },
    },
    {
      track: { kind: "audio", codec: "Opus", sampleRate: 48000, channels: 2 },
      codec: "Opus",
      props: { channelCount: 2 },
    },
    {
      track: { kind: "audio", codec: "G711U" },
      codec: "G711",
      props: { muLaw: true, sampleRate: 8000, channelCount: 0 },
    },
    { track: { kind: "audio", codec: "MP3", sampleRate: 44100 }, codec: "MPEG-1/2 Audio", props: null },
    { track: { kind: "audio", codec: "PCM" }, codec: "LPCM", props: null },
  ];
  for (const { track, codec, props } of rows)
    test(`is ${codec} ${JSON.stringify(props)}`, () => {
      expect(trackObject(track)).toEqual({ codec, codecProps: props as never });
    });

  test("has MediaMTX's name where it knows the codec", () => {
    const codecs: Codec[] = ["H264", "H265", "AV1", "VP9", "FLAC", "G711A", "Speex", "EAC3"];
    expect(codecs.map(codecLabel)).toEqual(["H264", "H265", "AV1", "VP9", "FLAC", "G711", "Speex", "EAC3"]);
  });

  test("tells of every H.264 and H.265 stream what its configuration says", () => {
    for (const { hex, track } of videoConfigs) {
      if (track.kind !== "video" || (track.codec !== "H264" && track.codec !== "H265")) continue;
      expect(trackObject(describeTrack(track.codec, fromHex(hex)))).toMatchObject({
        codec: track.codec,
        codecProps: { width: track.width, height: track.height, level: track.level },
      });
    }
  });
});
