import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { encodeAmf0All } from "../../src/amf/amf0.ts";
import { amfEcmaArray } from "../../src/amf/value.ts";
import { share, toHex } from "../../src/base/bytes.ts";
import { Packet, type PacketKind, type PacketRole } from "../../src/media/packet.ts";
import { ChunkReader } from "../../src/rtmp/chunk-reader.ts";
import { chunkedSize } from "../../src/rtmp/chunk-writer.ts";
import { maxPartialBytes } from "../../src/rtmp/limits.ts";
import { mediaForm } from "../../src/rtmp/media-form.ts";
import { holds } from "../base/property.ts";
import { filler, readPieces } from "./chunks.ts";

const packet = (kind: PacketKind, role: PacketRole, timestamp: number, payload: Uint8Array): Packet =>
  new Packet({ kind, role, codec: undefined, trackId: 0, dataOffset: 0 }, timestamp, share(payload));

const typeOf = { audio: 8, video: 9, data: 18 } as const;

const packets = fc.array(
  fc
    .record({
      kind: fc.constantFrom("audio" as const, "video" as const, "data" as const),
      timestamp: fc.oneof(fc.nat({ max: 10_000 }), fc.constantFrom(0xfffffe, 0xffffff, 2 ** 31, 2 ** 32 + 9)),
      length: fc.nat({ max: 5_000 }),
      seed: fc.nat({ max: 12 }),
    })
    .map(({ kind, timestamp, length, seed }) => packet(kind, "other", timestamp, filler(length, seed))),
  { minLength: 1, maxLength: 12 },
);

describe("a media form", () => {
  test("is understood by the reader for every chunk size, in one buffer of the exact size", () => {
    const sizes = fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.constantFrom(1, 128, 4096, 65_536));
    holds(
      fc.property(packets, sizes, fc.constantFrom(1, 3), (sent, chunkSize, streamId) => {
        const bytes = mediaForm({ chunkSize, streamId, toward: "player" }).encode(sent);
        const predicted = sent.map(({ payload, timestamp }) =>
          chunkedSize(payload.length, timestamp, chunkSize),
        );
        expect(bytes.length).toBe(predicted.reduce((a, b) => a + b, 0));
        expect(bytes.buffer.byteLength).toBe(bytes.length);
        const reader = new ChunkReader();
        reader.maxPartialBytes = maxPartialBytes;
        reader.setChunkSize(chunkSize);
        expect(readPieces([bytes], reader).messages).toEqual(
          sent.map(({ kind, timestamp, payload }) => ({
            type: typeOf[kind],
            time: timestamp % 2 ** 32,
            stream: streamId,
            hex: toHex(payload),
          })),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("puts audio, data and video on chunk streams 4, 5 and 6, all behind format 0", () => {
    const form = mediaForm({ chunkSize: 4096, streamId: 1, toward: "player" });
    const firsts = (["audio", "data", "video"] as const).map(
      (kind) => form.encode([packet(kind, "other", 0, filler(1))])[0],
    );
    expect(firsts).toEqual([4, 5, 6]);
  });

  test("wraps metadata in @setDataFrame toward a server, and nothing else", () => {
    const metadata = encodeAmf0All(["onMetaData", amfEcmaArray({ width: 640 })]);
    const cue = encodeAmf0All(["onCuePoint", amfEcmaArray({ name: "a" })]);
    const sent = [
      packet("data", "metadata", 0, metadata),
      packet("data", "other", 0, cue),
      packet("video", "metadata", 0, filler(9)),
    ];
    const hexOf = (toward: "player" | "publisher"): string[] => {
      const reader = new ChunkReader();
      reader.setChunkSize(4096);
      const bytes = mediaForm({ chunkSize: 4096, streamId: 1, toward }).encode(sent);
      return readPieces([bytes], reader).messages.map(({ hex }) => hex);
    };
    const plain = [metadata, cue, filler(9)].map(toHex);
    const name = toHex(encodeAmf0All(["@setDataFrame"]));
    expect(hexOf("player")).toEqual(plain);
    expect(hexOf("publisher")).toEqual([name + plain[0], plain[1]!, plain[2]!]);
  });

  test("is one object per choice, so that its bytes can be shared, and another for another choice", () => {
    const base = { chunkSize: 4096, streamId: 1, toward: "player" } as const;
    expect(mediaForm({ ...base })).toBe(mediaForm({ ...base }));
    expect(mediaForm({ ...base, streamId: 2 })).not.toBe(mediaForm(base));
    expect(mediaForm({ ...base, chunkSize: 128 })).not.toBe(mediaForm(base));
    expect(mediaForm({ ...base, toward: "publisher" })).not.toBe(mediaForm(base));
  });
});
