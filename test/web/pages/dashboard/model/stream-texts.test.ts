import { expect, test } from "bun:test";
import type { LiveTrack } from "../../../../../src/web/pages/dashboard/model/objects.ts";
import { listOf, protocolOf } from "../../../../../src/web/pages/dashboard/model/protocols.ts";
import {
  readerCount,
  sizeText,
  tracksText,
  trackText,
} from "../../../../../src/web/pages/dashboard/model/stream-texts.ts";

const unknown = { profile: "", width: 0, height: 0, sampleRate: 0, channels: 0 };
const audio: LiveTrack = {
  ...unknown,
  kind: "audio",
  codec: "AAC",
  profile: "LC",
  sampleRate: 48_000,
  channels: 2,
};
const video: LiveTrack = {
  ...unknown,
  kind: "video",
  codec: "H264",
  profile: "High 4.1",
  width: 1920,
  height: 1080,
};

test("tracks are told in a few words, pictures first", () => {
  expect(tracksText({ tracks: [audio, video] })).toBe("H264 · AAC");
  expect([sizeText({ tracks: [audio, video] }), sizeText({ tracks: [audio] })]).toEqual(["1920×1080", ""]);
  expect(
    [video, audio, { ...audio, channels: 6 }, { ...unknown, kind: "audio", codec: "Opus" } as const].map(
      trackText,
    ),
  ).toEqual(["H264 High 4.1, 1920×1080", "AAC LC, 48 kHz, stereo", "AAC LC, 48 kHz, 6 channels", "Opus"]);
});

test("readers are counted over all protocols", () => {
  expect(readerCount({ readers: { rtmpConn: 2, rtspSession: 3 } })).toBe(5);
});

test("protocols have the names that people know, and those that are new their own", () => {
  expect(["rtmpConn", "rtspsSession", "rtspSource", "srtConn", "webRTCSession"].map(protocolOf)).toEqual([
    "RTMP",
    "RTSPS",
    "RTSP source",
    "SRT",
    "webRTC",
  ]);
  expect([listOf("rtmpsConn"), listOf("rtmpSource")]).toEqual(["rtmpsconns", undefined]);
});
