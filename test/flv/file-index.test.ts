import { describe, expect, test } from "bun:test";
import { fromHex } from "../../src/base/bytes.ts";
import { FlvFileIndex } from "../../src/flv/file-index.ts";
import { type FlvTagType, tagType } from "../../src/flv/tag.ts";

const { audio, video, script } = tagType;

/** An index that saw `tags`, each at 100 times its number. */
const indexOf = (tags: readonly (readonly [FlvTagType, number, string])[]): FlvFileIndex => {
  const index = new FlvFileIndex();
  for (const [i, [type, timestamp, hex]] of tags.entries()) {
    const payload = fromHex(hex);
    index.add({ type, timestamp, position: i * 100, head: payload, payloadLength: payload.length });
  }
  return index;
};

describe("flv file index", () => {
  test("tells what a file of H.264 and AAC holds", () => {
    const index = indexOf([
      [script, 0, "02000a6f6e4d65746144617461 03 000009"],
      [video, 0, "17 00 000000 01"],
      [audio, 0, "af 00 1210"],
      [video, 0, "17 01 000000 0000000165"],
      [audio, 21, "af 01 21"],
      [video, 40, "27 01 000000 0000000141"],
      [video, 80, "17 01 000000 0000000165"],
      [audio, 85, "af 01 21"],
    ]);
    expect(index.videoConfig).toEqual({ position: 100, timestampMs: 0 });
    expect(index.keyFrames).toEqual([
      { position: 300, timestampMs: 0 },
      { position: 600, timestampMs: 80 },
    ]);
    expect([index.hasAudio, index.hasVideo, index.lastTimestampMs]).toEqual([true, true, 85]);
    expect([index.audioCodecId, index.videoCodecId]).toEqual([10, 7]);
    expect([index.audioBytes, index.videoBytes]).toEqual([10, 36]);
  });

  test("names enhanced codecs by their FourCC", () => {
    const index = indexOf([
      [video, 0, "91 61763031 0a0b"],
      [audio, 0, "91 4f707573 fc"],
    ]);
    expect([index.videoCodecId, index.audioCodecId]).toEqual([1_635_135_537, 1_332_770_163]);
  });

  test("keeps the key frames of further tracks out", () => {
    const index = indexOf([
      [video, 0, "96 00 61763031 01 81"],
      [video, 0, "96 01 61763031 01 0a"],
      [video, 0, "91 61763031 0a0b"],
    ]);
    expect(index.keyFrames).toEqual([{ position: 200, timestampMs: 0 }]);
    expect(index.videoConfig).toBeUndefined();
  });

  test("does not believe the time of a sequence header", () => {
    const index = indexOf([
      [video, 0xffffff00, "17 00 000000 01"],
      [video, 40, "17 01 000000 0000000165"],
    ]);
    expect(index.lastTimestampMs).toBe(40);
  });

  test("a file without frames holds nothing", () => {
    const index = indexOf([[script, 5, "02"]]);
    expect([index.hasAudio, index.hasVideo, index.lastTimestampMs, index.keyFrames.length]).toEqual([
      false,
      false,
      0,
      0,
    ]);
  });
});
