import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ByteWriter, joinBytes, share, toHex } from "../../src/base/bytes.ts";
import type { WireError } from "../../src/base/errors.ts";
import { unpackAggregate } from "../../src/rtmp/aggregate.ts";
import { Message } from "../../src/rtmp/message.ts";
import { codeOf } from "../base/code-of.ts";
import { holds } from "../base/property.ts";
import { filler } from "./chunks.ts";

const tag = (
  type: number,
  time: number,
  data: Uint8Array,
  options: { length?: number; isLast?: boolean } = {},
): Uint8Array => {
  const writer = new ByteWriter();
  writer
    .u8(type)
    .u24(options.length ?? data.length)
    .u24(time & 0xffffff)
    .u8(time >>> 24)
    .u24(0x0a0b0c)
    .bytes(data);
  return (options.isLast ? writer : writer.u32(11 + data.length)).take();
};

const aggregate = (timestamp: number, ...tags: Uint8Array[]): Message =>
  new Message(22, timestamp, 7, share(joinBytes([...tags, new Uint8Array()])));

const seen = (messages: readonly Message[]): unknown =>
  messages.map(({ typeId, timestamp, streamId, payload }) => [typeId, timestamp, streamId, toHex(payload)]);

describe("an aggregate message", () => {
  test("gives its tags, timed from the message's time by their distance from the first", () => {
    const message = aggregate(1000, tag(8, 50, filler(2)), tag(9, 73, filler(3)), tag(18, 90, filler(1)));
    expect(seen(unpackAggregate(message))).toEqual([
      [8, 1000, 7, toHex(filler(2))],
      [9, 1023, 7, toHex(filler(3))],
      [18, 1040, 7, toHex(filler(1))],
    ]);
  });

  test("counts times modulo 2^32, with the fourth byte of a tag's time as its highest", () => {
    const message = aggregate(0xfffffff0, tag(9, 0x1000000, filler(1)), tag(9, 0x1000020, filler(1)));
    expect(unpackAggregate(message).map(({ timestamp }) => timestamp)).toEqual([0xfffffff0, 0x10]);
  });

  test("may lack the back pointer of its last tag", () => {
    expect(
      unpackAggregate(aggregate(0, tag(8, 0, filler(2)), tag(9, 5, filler(3), { isLast: true }))),
    ).toHaveLength(2);
  });

  test("holds empty tags, or nothing", () => {
    expect(seen(unpackAggregate(aggregate(5, tag(8, 0, filler(0)))))).toEqual([[8, 5, 7, ""]]);
    expect(unpackAggregate(aggregate(5))).toEqual([]);
  });

  test("shares its bytes with what it gives", () => {
    const message = aggregate(0, tag(8, 0, filler(2)));
    expect(unpackAggregate(message)[0]?.payload.buffer).toBe(message.payload.buffer);
  });

  const faults = [
    { name: "a tag that reaches beyond it", message: aggregate(0, tag(8, 0, filler(2), { length: 20 })) },
    { name: "an aggregate in it", message: aggregate(0, tag(22, 0, filler(2))) },
    {
      name: "more than 1024 tags",
      message: aggregate(0, ...Array.from({ length: 1025 }, () => tag(8, 0, filler(0)))),
    },
  ];
  for (const { name, message } of faults) {
    test(`is a wire error with ${name}`, () => {
      expect(codeOf(() => unpackAggregate(message))).toBe("AGGREGATE");
    });
  }

  test("of any bytes gives messages no longer than itself, or a wire error", () => {
    holds(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          const messages = unpackAggregate(new Message(22, 0, 1, share(bytes)));
          const total = messages.reduce((length, { payload }) => length + payload.length + 11, 0);
          expect(total).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect((error as WireError).code).toBe("AGGREGATE");
        }
      }),
      { numRuns: 500 },
    );
  });
});
