import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { equalBytes } from "../../src/base/bytes.ts";
import { ByteQueue } from "../../src/flv/byte-queue.ts";
import { holds } from "../base/property.ts";

const counted = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i & 0xff);

describe("byte queue", () => {
  test("what lies in one large piece is a view of it", () => {
    const queue = new ByteQueue();
    const input = counted(1000);
    queue.push(input);
    queue.skip(3);
    const taken = queue.take(900);
    expect(taken.buffer).toBe(input.buffer);
    expect(equalBytes(taken, input.subarray(3, 903))).toBe(true);
  });

  test("what spans pieces is an exact copy", () => {
    const queue = new ByteQueue();
    const input = counted(2000);
    queue.push(input.subarray(0, 1000));
    queue.push(input.subarray(1000));
    const taken = queue.take(1500);
    expect(equalBytes(taken, input.subarray(0, 1500))).toBe(true);
    expect([taken.byteOffset, taken.buffer.byteLength]).toEqual([0, 1500]);
  });

  test("small pieces that come later never change what was taken", () => {
    const queue = new ByteQueue();
    queue.push(new Uint8Array([1, 2, 3]));
    const early = queue.take(2);
    queue.push(new Uint8Array([4, 5]));
    expect([...queue.take(3)]).toEqual([3, 4, 5]);
    queue.push(new Uint8Array([6]));
    expect([...early]).toEqual([1, 2]);
    expect([...queue.take(1)]).toEqual([6]);
  });

  test("more than there is cannot be taken or skipped, and nothing is lost", () => {
    const queue = new ByteQueue();
    queue.push(new Uint8Array([1, 2]));
    expect(() => queue.take(3)).toThrow(RangeError);
    expect(() => queue.skip(3)).toThrow(RangeError);
    expect(queue.length).toBe(2);
    expect([queue.at(0), queue.at(1), queue.at(2)]).toEqual([1, 2, 0]);
  });

  test("any pushes and takes give the bytes in order", () => {
    const step = fc.record({
      push: fc.oneof(fc.nat(40), fc.integer({ min: 500, max: 600 }), fc.constant(17_000)),
      take: fc.oneof(fc.nat(700), fc.constant(20_000)),
      isSkip: fc.boolean(),
    });
    const everyStep = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new ByteQueue();
      let pushed = 0;
      let consumed = 0;
      for (const { push, take, isSkip } of steps) {
        queue.push(Uint8Array.from({ length: push }, () => pushed++ % 251));
        const count = Math.min(take, queue.length);
        if (count > 0) expect(queue.at(count - 1)).toBe((consumed + count - 1) % 251);
        const wanted = Uint8Array.from({ length: count }, (_, i) => (consumed + i) % 251);
        if (isSkip) queue.skip(count);
        else expect(equalBytes(queue.take(count), wanted)).toBe(true);
        consumed += count;
        expect(queue.length).toBe(pushed - consumed);
      }
    });
    holds(everyStep);
  });
});
