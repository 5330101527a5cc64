import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { share, toHex } from "../../src/base/bytes.ts";
import { Pieces } from "../../src/base/pieces.ts";
import { ChunkReader } from "../../src/rtmp/chunk-reader.ts";
import { chunkedSize, encodeMessage, writeChunks } from "../../src/rtmp/chunk-writer.ts";
import { maxPartialBytes } from "../../src/rtmp/limits.ts";
import { holds } from "../base/property.ts";
import { filler, readPieces } from "./chunks.ts";

interface Row {
  readonly name: string;
  readonly timestamp: number;
  readonly length: number;
  readonly chunkSize: number;
  readonly hex: string;
}

const f = (from: number, to: number): string => toHex(filler(to).subarray(from));

const rows: Row[] = [
  { name: "no payload", timestamp: 1, length: 0, chunkSize: 128, hex: "06000001000000090d0c0b0a" },
  {
    name: "exactly one chunk",
    timestamp: 1,
    length: 4,
    chunkSize: 4,
    hex: `06000001000004090d0c0b0a${f(0, 4)}`,
  },
  {
    name: "one byte more",
    timestamp: 1,
    length: 5,
    chunkSize: 4,
    hex: `06000001000005090d0c0b0a${f(0, 4)}c6${f(4, 5)}`,
  },
  {
    name: "time 0xFFFFFE",
    timestamp: 0xfffffe,
    length: 1,
    chunkSize: 4,
    hex: `06fffffe000001090d0c0b0a${f(0, 1)}`,
  },
  {
    name: "time 0xFFFFFF, repeated on every chunk",
    timestamp: 0xffffff,
    length: 5,
    chunkSize: 2,
    hex: `06ffffff000005090d0c0b0a00ffffff${f(0, 2)}c600ffffff${f(2, 4)}c600ffffff${f(4, 5)}`,
  },
  {
    name: "time 2^32 + 5, of which the low 32 bits count",
    timestamp: 2 ** 32 + 5,
    length: 1,
    chunkSize: 4,
    hex: `06000005000001090d0c0b0a${f(0, 1)}`,
  },
];

describe("the chunk writer", () => {
  for (const { name, timestamp, length, chunkSize, hex } of rows) {
    test(`writes ${name}`, () => {
      const header = { chunkStreamId: 6, typeId: 9, streamId: 0x0a0b0c0d, timestamp };
      expect(toHex(encodeMessage(header, filler(length), chunkSize))).toBe(hex);
    });
  }

  test("is understood by the reader at any chunk size, in exactly the predicted number of bytes", () => {
    const cases = fc.record({
      chunkSize: fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.constantFrom(1, 127, 128, 65_536, 70_000)),
      length: fc.oneof(fc.nat({ max: 3_000 }), fc.constantFrom(65_535, 65_536, 65_537, 140_000)),
      timestamp: fc.oneof(
        fc.nat({ max: 2 ** 32 - 1 }),
        fc.constantFrom(0xfffffe, 0xffffff, 2 ** 32, 2 ** 40 + 7),
      ),
      chunkStreamId: fc.integer({ min: 2, max: 63 }),
      typeId: fc.constantFrom(8, 9, 18, 20),
      streamId: fc.constantFrom(0, 1, 0xfedcba98),
    });
    holds(
      fc.property(cases, ({ chunkSize, length: wanted, ...header }) => {
        const length = header.typeId === 9 ? wanted : wanted % 200_000;
        const payload = filler(length);
        const bytes = encodeMessage(header, payload, chunkSize);
        expect(bytes.length).toBe(chunkedSize(length, header.timestamp, chunkSize));
        expect(bytes.buffer.byteLength).toBe(bytes.length);
        const reader = new ChunkReader();
        reader.maxPartialBytes = maxPartialBytes;
        reader.setChunkSize(chunkSize);
        expect(readPieces([bytes], reader)).toEqual({
          messages: [
            {
              type: header.typeId,
              time: header.timestamp % 2 ** 32,
              stream: header.streamId,
              hex: toHex(payload),
            },
          ],
          error: undefined,
        });
      }),
      { numRuns: 300 },
    );
  });

  test("writes into a larger buffer and touches nothing else of it", () => {
    const target = new Uint8Array(64).fill(0x55);
    const header = { chunkStreamId: 4, typeId: 8, streamId: 1, timestamp: 7 };
    const end = writeChunks(target, 10, { header, body: Pieces.of(share(filler(5))), chunkSize: 3 });
    expect(end).toBe(10 + chunkedSize(5, 7, 3));
    expect(new Set(target.subarray(0, 10))).toEqual(new Set([0x55]));
    expect(new Set(target.subarray(end))).toEqual(new Set([0x55]));
  });
});
