import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex, joinBytes, share } from "../../src/base/bytes.ts";
import { encodeFileMetadata } from "../../src/flv/file-metadata.ts";
import { scanFlv } from "../../src/flv/scan.ts";
import { encodeFlvTag, type FlvTag, flvHeader, flvHeaderSize, tagType } from "../../src/flv/tag.ts";
import { holds } from "../base/property.ts";

const { audio, video } = tagType;

const scan = (file: Uint8Array) =>
  scanFlv((offset, length) => new Uint8Array(file.subarray(offset, offset + length)), file.length);

const tagOf = (type: FlvTag["type"], timestamp: number, hex: string): Uint8Array =>
  encodeFlvTag({ type, timestamp, payload: share(fromHex(hex)) });

const header = flvHeader({ hasAudio: true, hasVideo: true });
const metadata = encodeFileMetadata({ durationMs: 0, fileSize: 0, encoder: "test" }, 2048);
const tags = [
  metadata,
  tagOf(video, 0, "17 00 000000 01"),
  tagOf(audio, 0, "af 00 1210"),
  tagOf(video, 0, `17 01 000000 00000100 65 ${"00".repeat(255)}`),
  tagOf(audio, 23, "af 01 21"),
  tagOf(video, 0x1000000, "17 01 000000 0000000165"),
];
const file = joinBytes([header, ...tags]);
/** Where each tag ends. */
const ends = tags.map((_, i) => joinBytes([header, ...tags.slice(0, i + 1)]).length);

describe("flv scan", () => {
  test("a whole file is whole to its end, and known", () => {
    const { end, tags: count, metadataTagSize, index } = scan(file);
    expect([end, count, metadataTagSize]).toEqual([file.length, 6, 2048]);
    expect(index.videoConfig).toEqual({ position: ends[0]!, timestampMs: 0 });
    expect(index.keyFrames).toEqual([
      { position: ends[2]!, timestampMs: 0 },
      { position: ends[4]!, timestampMs: 0x1000000 },
    ]);
    expect([index.lastTimestampMs, index.hasAudio, index.hasVideo]).toEqual([0x1000000, true, true]);
  });

  test("a file cut anywhere is whole up to the last tag in front of the cut", () => {
    holds(
      fc.property(fc.integer({ min: flvHeaderSize, max: file.length }), (length) => {
        const whole = ends.filter((end) => end <= length);
        const found = scan(file.subarray(0, length));
        expect([found.end, found.tags]).toEqual([whole.at(-1) ?? flvHeaderSize, whole.length]);
      }),
    );
  });

  test("a file with a hole of zeros, as a crashed disk leaves it, is whole up to the hole", () => {
    const holed = new Uint8Array(file);
    holed.fill(0, ends[2]! + 20);
    expect(scan(holed).end).toBe(ends[2]!);
  });

  test("a wrong tag type and a wrong trailer end the whole part", () => {
    const wrongType = new Uint8Array(file);
    wrongType[ends[1]!] = 7;
    expect(scan(wrongType).end).toBe(ends[1]!);
    const wrongTrailer = new Uint8Array(file);
    wrongTrailer[ends[3]! - 1]! ^= 1;
    expect(scan(wrongTrailer).end).toBe(ends[2]!);
  });

  test("a file that begins with another tag has no metadata to write over", () => {
    expect(scan(joinBytes([header, tags[1]!])).metadataTagSize).toBeUndefined();
  });

  test("what is not FLV has no whole part", () => {
    for (const other of [new Uint8Array(0), header.subarray(0, 12), fromHex("00".repeat(64))]) {
      expect(scan(other)).toMatchObject({ end: 0, tags: 0 });
    }
    expect(scan(header)).toMatchObject({ end: flvHeaderSize, tags: 0 });
  });

  test("damage anywhere is survived", () => {
    const damage = fc.array(fc.record({ at: fc.nat(file.length - 1), byte: fc.nat(255) }), { maxLength: 8 });
    holds(
      fc.property(damage, (damages) => {
        const damaged = new Uint8Array(file);
        for (const { at, byte } of damages) damaged[at] = byte;
        const { end } = scan(damaged);
        expect(scan(damaged.subarray(0, end)).end).toBe(end);
      }),
    );
  });
});
