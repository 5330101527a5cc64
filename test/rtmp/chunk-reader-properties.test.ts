import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { copyBytes, joinBytes, toHex } from "../../src/base/bytes.ts";
import { ChunkReader } from "../../src/rtmp/chunk-reader.ts";
import { maxPartialBytes } from "../../src/rtmp/limits.ts";
import type { Message } from "../../src/rtmp/message.ts";
import { holds } from "../base/property.ts";
import { cutPlaces, singly, splitAt } from "../base/split.ts";
import { chunk, filler, readPieces } from "./chunks.ts";
import { sessions } from "./sender.ts";

/** Something like chunks: valid headers of all formats with whatever behind them, and noise. */
const noise: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }) },
      {
        weight: 2,
        arbitrary: fc
          .record({
            format: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
            csid: fc.constantFrom(2, 3, 64, 320),
            time: fc.constantFrom(0, 1, 0xffffff, 0xffffffff),
            length: fc.nat({ max: 300 }),
            type: fc.nat({ max: 22 }),
            data: fc.uint8Array({ maxLength: 140 }),
          })
          .map(chunk),
      },
    ),
    { maxLength: 20 },
  )
  .map((parts) => joinBytes([...parts, new Uint8Array()]));

/** All messages of one read. */
const drain = (reader: ChunkReader): Message[] => {
  const messages: Message[] = [];
  for (let message = reader.next(); message; message = reader.next()) messages.push(message);
  return messages;
};

describe("whatever TCP does, a chunk reader", () => {
  test("gives the messages of a valid session, in one piece, in any pieces, and byte by byte", () => {
    holds(
      fc.property(sessions, cutPlaces, ({ bytes, messages }, cuts) => {
        const expected = { messages: [...messages], error: undefined };
        expect(readPieces([copyBytes(bytes)])).toEqual(expected);
        expect(readPieces(splitAt(bytes, cuts))).toEqual(expected);
        expect(readPieces(singly(bytes))).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  test("makes the same of noise in any pieces: messages, then perhaps a wire error", () => {
    holds(
      fc.property(noise, cutPlaces, (bytes, cuts) => {
        expect(readPieces(splitAt(bytes, cuts))).toEqual(readPieces([copyBytes(bytes)]));
      }),
      { numRuns: 2_000 },
    );
  });

  test("never holds more of unfinished messages than allowed", () => {
    holds(
      fc.property(noise, (bytes) => {
        const reader = new ChunkReader();
        readPieces(singly(bytes), reader);
        expect(reader.partialBytes).toBeLessThanOrEqual(reader.maxPartialBytes);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a chunk reader does not copy", () => {
  const message = chunk({ format: 0, csid: 6, time: 5, data: filler(128) });

  test("a message that lies whole in one chunk and one read", () => {
    const read = copyBytes(joinBytes([message, message, chunk({ format: 0, csid: 4, data: filler(3) })]));
    const reader = new ChunkReader();
    reader.receive(read);
    for (const { payload } of drain(reader)) expect(payload.buffer).toBe(read.buffer);
  });

  test("a message behind one whose header was cut, when it lies whole in its read", () => {
    for (let cut = 1; cut < message.length; cut++) {
      const reader = new ChunkReader();
      reader.receive(copyBytes(message.subarray(0, cut)));
      expect(drain(reader)).toEqual([]);
      const read = copyBytes(joinBytes([message.subarray(cut), message]));
      reader.receive(read);
      const [first, second, ...rest] = drain(reader);
      expect(rest).toEqual([]);
      expect(toHex(first!.payload)).toBe(toHex(filler(128)));
      expect(second?.payload.buffer).toBe(read.buffer);
    }
  });

  test("even a message whose header was cut and whose data lies whole in the next read", () => {
    for (let cut = 1; cut < 12; cut++) {
      const reader = new ChunkReader();
      reader.receive(copyBytes(message.subarray(0, cut)));
      drain(reader);
      const read = copyBytes(message.subarray(cut));
      reader.receive(read);
      const [only] = drain(reader);
      expect(only?.payload.buffer).toBe(read.buffer);
    }
  });
});

describe("a chunk reader copies once, into a buffer of the exact size,", () => {
  test("a message of several chunks", () => {
    const first = chunk({ format: 0, csid: 6, length: 200, data: filler(128) });
    const read = joinBytes([first, chunk({ format: 3, csid: 6, data: filler(72, 128) })]);
    const reader = new ChunkReader();
    reader.receive(read);
    const [only] = drain(reader);
    expect({ offset: only?.payload.byteOffset, size: only?.payload.buffer.byteLength }).toEqual({
      offset: 0,
      size: 200,
    });
    expect(toHex(only!.payload)).toBe(toHex(filler(200)));
  });

  test("a message of one chunk that comes in two reads", () => {
    const whole = chunk({ format: 0, csid: 6, data: filler(100) });
    for (let cut = 13; cut < whole.length; cut++) {
      const reader = new ChunkReader();
      reader.receive(copyBytes(whole.subarray(0, cut)));
      expect(drain(reader)).toEqual([]);
      expect(reader.partialBytes).toBe(100);
      reader.receive(copyBytes(whole.subarray(cut)));
      const [only] = drain(reader);
      expect({ offset: only?.payload.byteOffset, size: only?.payload.buffer.byteLength }).toEqual({
        offset: 0,
        size: 100,
      });
      expect(reader.partialBytes).toBe(0);
    }
  });

  test("and leaves alone what it gave before", () => {
    const reader = new ChunkReader();
    const kept: { payload: Uint8Array; hex: string }[] = [];
    for (let i = 0; i < 200; i++) {
      const bytes = chunk({ format: 0, csid: 6, data: filler(100, i) });
      for (const piece of splitAt(bytes, [i, i + 40])) {
        reader.receive(piece);
        for (const { payload } of drain(reader)) kept.push({ payload, hex: toHex(filler(100, i)) });
      }
    }
    expect(kept).toHaveLength(200);
    for (const { payload, hex } of kept) expect(toHex(payload)).toBe(hex);
  });
});

describe("a chunk reader bounds", () => {
  test("the bytes of unfinished messages, and counts them off when they end or are aborted", () => {
    const reader = new ChunkReader();
    reader.maxPartialBytes = maxPartialBytes;
    const begin = (csid: number, length: number): Uint8Array =>
      chunk({ format: 0, csid, length, data: filler(128) });
    const tenMiB = 10 * 1024 * 1024;
    expect(readPieces([begin(6, tenMiB)], reader).error).toBeUndefined();
    expect(reader.partialBytes).toBe(tenMiB);
    reader.abort(6);
    expect(reader.partialBytes).toBe(0);
    expect(readPieces([begin(6, tenMiB)], reader).error).toBeUndefined();
    expect(readPieces([begin(7, tenMiB)], reader).error).toBe("PARTIAL_BYTES");
  });

  test("the share of headers: one-byte chunks end with an error within a MiB, in any reads", () => {
    const length = 400_000;
    const size = chunk({ format: 0, csid: 2, type: 1, stream: 0, data: new Uint8Array([0, 0, 0, 1]) });
    const parts = [size, chunk({ format: 0, csid: 6, length, data: filler(1) })];
    for (let i = 1; i < length; i++) parts.push(chunk({ format: 3, csid: 6, data: filler(1, i) }));
    const message = joinBytes(parts);
    const outcome = (step: number): { read: number; error: string | undefined } => {
      const reader = new ChunkReader();
      let read = 0;
      for (let round = 0; round < 3; round++) {
        const rest = round === 0 ? message : message.subarray(size.length);
        for (let at = 0; at < rest.length; at += step) {
          const { error } = readPieces([copyBytes(rest.subarray(at, at + step))], reader);
          read += Math.min(step, rest.length - at);
          if (error) return { read, error };
        }
      }
      return { read, error: undefined };
    };
    for (const step of [1_000, 100_000, 512 * 1024]) {
      const { read, error } = outcome(step);
      expect(error).toBe("HEADER_OVERHEAD");
      expect(read).toBeLessThanOrEqual(1024 * 1024 + step);
    }
  });

  test("nothing of what real encoders send: 100 MB of small audio frames in large reads pass", () => {
    // 64-byte frames behind 8-byte headers, as low-rate speech has them.
    const one = chunk({ format: 1, csid: 4, type: 8, time: 20, data: filler(64) });
    const read = joinBytes([
      chunk({ format: 0, csid: 4, type: 8, data: filler(64) }),
      ...Array.from({ length: 14_000 }, () => one),
    ]);
    const reader = new ChunkReader();
    let count = 0;
    for (let i = 0; i < 100; i++) {
      reader.receive(read);
      while (reader.next()) count++;
    }
    expect(count).toBe(100 * 14_001);
  });
});
