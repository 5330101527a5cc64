import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { type AmfProperties, amfProperty } from "../../src/amf/value.ts";
import {
  encodeFileMetadata,
  type FileSummary,
  fileMetadataTagSize,
  minFileMetadataTagSize,
} from "../../src/flv/file-metadata.ts";
import { readMetadata } from "../../src/flv/metadata.ts";
import { FlvReader } from "../../src/flv/reader.ts";
import { flvHeader, tagType } from "../../src/flv/tag.ts";
import { holds } from "../base/property.ts";

const started: FileSummary = { durationMs: 0, fileSize: 0, encoder: "rtmp-server 1.0" };

const keyFramesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ position: 30_000 + i * 1000, timestampMs: i * 2000 }));

const videoConfig = { position: 20_493, timestampMs: 0 };

const full: FileSummary = {
  ...started,
  durationMs: 10_000,
  fileSize: 5_000_000,
  hasVideo: true,
  hasAudio: true,
  videoCodecId: 7,
  audioCodecId: 10,
  width: 1280,
  height: 720,
  frameRate: 29.97,
  audioSampleRate: 48_000,
  audioSampleSize: 16,
  audioChannels: 2,
  videoBytes: 3_125_000,
  audioBytes: 160_000,
  lastTimestampMs: 9980,
  videoConfig,
  keyFrames: keyFramesOf(5),
};

/** The properties of a tag, read as any reader of files would. */
const valuesOf = (tag: Uint8Array): AmfProperties => {
  const reader = new FlvReader();
  reader.receive(flvHeader({ hasAudio: true, hasVideo: true }));
  reader.receive(new Uint8Array(tag));
  const read = reader.next();
  expect([read?.type, read?.timestamp, reader.pendingBytes]).toEqual([tagType.script, 0, 4]);
  return readMetadata(read!.payload)!.values;
};

const withoutSpacer = (values: AmfProperties) =>
  Object.fromEntries([...values].filter(([key]) => key !== "spacer" && key !== "keyframes"));

const indexIn = (values: AmfProperties) => {
  const keyframes = values.get("keyframes");
  return {
    positions: amfProperty(keyframes, "filepositions") as number[],
    times: amfProperty(keyframes, "times") as number[],
  };
};

describe("file metadata", () => {
  test("a file that grows has no duration, no claims and no index", () => {
    const values = valuesOf(encodeFileMetadata(started));
    expect(values.has("keyframes")).toBe(false);
    expect(withoutSpacer(values)).toEqual({
      duration: 0,
      filesize: 0,
      hasKeyframes: false,
      canSeekToEnd: false,
      encoder: "rtmp-server 1.0",
    });
  });

  test("a finished file tells everything, with the sequence header in front of the index", () => {
    const values = valuesOf(encodeFileMetadata(full));
    expect(withoutSpacer(values)).toEqual({
      duration: 10,
      filesize: 5_000_000,
      width: 1280,
      height: 720,
      framerate: 29.97,
      videocodecid: 7,
      videodatarate: 2500,
      audiocodecid: 10,
      audiodatarate: 128,
      audiosamplerate: 48_000,
      audiosamplesize: 16,
      audiochannels: 2,
      stereo: true,
      hasVideo: true,
      hasAudio: true,
      hasKeyframes: true,
      canSeekToEnd: false,
      lasttimestamp: 9.98,
      lastkeyframetimestamp: 8,
      encoder: "rtmp-server 1.0",
    });
    expect(indexIn(values)).toEqual({
      positions: [20_493, 30_000, 31_000, 32_000, 33_000, 34_000],
      times: [0, 0, 2, 4, 6, 8],
    });
  });

  test("a file that ends with a key frame can be sought to its end", () => {
    expect(valuesOf(encodeFileMetadata({ ...full, lastTimestampMs: 8000 })).get("canSeekToEnd")).toBe(true);
  });

  test("an index too large is thinned out evenly and keeps its first and last key frame", () => {
    const keyFrames = keyFramesOf(5000);
    const { positions, times } = indexIn(valuesOf(encodeFileMetadata({ ...full, keyFrames })));
    expect(positions.length).toBeGreaterThan(1000);
    expect(times.length).toBe(positions.length);
    expect([positions[0], positions[1], positions.at(-1)]).toEqual([
      20_493,
      30_000,
      keyFrames.at(-1)?.position,
    ]);
    const gaps = positions.slice(2).map((position, i) => position - (positions[i + 1] ?? 0));
    expect([Math.min(...gaps), Math.max(...gaps)]).toEqual([4000, 5000]);
  });

  test("too few entries for a player to trust give no index", () => {
    const only = keyFramesOf(1);
    const none = [
      { ...full, keyFrames: [] },
      { ...full, keyFrames: undefined },
      { ...full, keyFrames: only, videoConfig: undefined },
    ];
    for (const summary of none) {
      const values = valuesOf(encodeFileMetadata(summary));
      expect([values.has("keyframes"), values.get("hasKeyframes")]).toEqual([false, false]);
    }
    expect(indexIn(valuesOf(encodeFileMetadata({ ...full, keyFrames: only }))).times).toEqual([0, 0]);
  });

  test("no string is long enough to make FFmpeg give up", () => {
    const spacer = valuesOf(encodeFileMetadata(started, 200_000 / 4)).get("spacer") as string[];
    expect(Math.max(...spacer.map((text) => text.length))).toBeLessThan(256);
    const encoder = valuesOf(encodeFileMetadata({ ...started, encoder: "x".repeat(1000) })).get("encoder");
    expect(encoder).toBe("x".repeat(64));
  });

  test("a size without room for the fields is refused", () => {
    expect(() => encodeFileMetadata(started, minFileMetadataTagSize - 1)).toThrow(RangeError);
  });

  test("any summary gives a tag of exactly the size asked for", () => {
    const number = fc.option(fc.double(), { nil: undefined });
    const flag = fc.option(fc.boolean(), { nil: undefined });
    const entry = fc.record({ position: fc.nat(), timestampMs: fc.nat() });
    const summary: fc.Arbitrary<FileSummary> = fc.record({
      durationMs: fc.nat(),
      fileSize: fc.nat(),
      encoder: fc.string({ unit: "binary", maxLength: 100 }),
      hasVideo: flag,
      hasAudio: flag,
      videoCodecId: number,
      audioCodecId: number,
      width: number,
      height: number,
      frameRate: number,
      audioSampleRate: number,
      audioSampleSize: number,
      audioChannels: number,
      videoBytes: fc.option(fc.nat(), { nil: undefined }),
      audioBytes: fc.option(fc.nat(), { nil: undefined }),
      lastTimestampMs: fc.option(fc.nat(), { nil: undefined }),
      videoConfig: fc.option(entry, { nil: undefined }),
      keyFrames: fc.array(entry, { maxLength: 100 }),
    });
    const size = fc.oneof(
      fc.constant(fileMetadataTagSize),
      fc.integer({ min: minFileMetadataTagSize, max: minFileMetadataTagSize + 2000 }),
    );
    holds(
      fc.property(summary, size, (any, tagSize) => {
        const tag = encodeFileMetadata(any, tagSize);
        expect(tag.length).toBe(tagSize);
        const values = valuesOf(tag);
        expect([...values.keys()].at(-1)).toBe("spacer");
        expect(values.get("hasKeyframes")).toBe(values.has("keyframes"));
      }),
      { numRuns: 500 },
    );
  });
});
