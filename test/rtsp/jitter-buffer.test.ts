import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { emptyPayload } from "../../src/base/bytes.ts";
import { JitterBuffer } from "../../src/rtsp/jitter-buffer.ts";
import type { RtpPacket } from "../../src/rtsp/rtp.ts";
import { holds } from "../base/property.ts";

const packet = (sequence: number): RtpPacket => ({
  payloadType: 96,
  marker: false,
  sequence: sequence & 0xffff,
  timestamp: 0,
  ssrc: 1,
  payload: emptyPayload,
});

const drain = (buffer: JitterBuffer, nowMs: number): number[] => {
  const sequences: number[] = [];
  for (let next = buffer.next(nowMs); next; next = buffer.next(nowMs)) sequences.push(next.sequence);
  return sequences;
};

/** Pushes packets at their times and gives what comes out at each. */
const run = (
  buffer: JitterBuffer,
  arrivals: readonly (readonly [sequence: number, nowMs: number])[],
): number[][] =>
  arrivals.map(([sequence, nowMs]) => {
    buffer.push(packet(sequence), nowMs);
    return drain(buffer, nowMs);
  });

describe("a reorder window", () => {
  const options = { maxPackets: 3, maxWaitMs: 50 };

  test("passes packets in order at once, over the wrap too", () => {
    const buffer = new JitterBuffer(options);
    expect(
      run(buffer, [
        [65534, 0],
        [65535, 1],
        [0, 2],
        [1, 3],
      ]),
    ).toEqual([[65534], [65535], [0], [1]]);
    expect({ lost: buffer.lost, late: buffer.late, deadline: buffer.deadlineMs }).toEqual({
      lost: 0,
      late: 0,
      deadline: undefined,
    });
  });

  test("waits for one that is missing, and gives it before those that overtook it", () => {
    const buffer = new JitterBuffer(options);
    expect(
      run(buffer, [
        [65535, 0],
        [2, 1],
        [1, 2],
        [0, 3],
        [3, 4],
      ]),
    ).toEqual([[65535], [], [], [0, 1, 2], [3]]);
    expect([buffer.lost, buffer.late]).toEqual([0, 0]);
  });

  test("gives it up when too many wait", () => {
    const buffer = new JitterBuffer(options);
    expect(
      run(buffer, [
        [0, 0],
        [2, 1],
        [3, 1],
        [4, 1],
        [5, 1],
        [1, 2],
      ]),
    ).toEqual([[0], [], [], [], [2, 3, 4, 5], []]);
    expect([buffer.lost, buffer.late]).toEqual([1, 1]);
  });

  test("gives it up when the first has waited long enough, which it says in advance", () => {
    const buffer = new JitterBuffer(options);
    expect(
      run(buffer, [
        [0, 0],
        [3, 10],
        [4, 30],
      ]),
    ).toEqual([[0], [], []]);
    expect(buffer.deadlineMs).toBe(60);
    expect(drain(buffer, 59)).toEqual([]);
    expect(drain(buffer, 60)).toEqual([3, 4]);
    expect(buffer.lost).toBe(2);
  });

  test("counts what comes twice, and begins anew where a sender does", () => {
    const buffer = new JitterBuffer(options);
    expect(
      run(buffer, [
        [5, 0],
        [5, 1],
        [7, 1],
        [7, 2],
        [40000, 3],
        [40001, 3],
      ]),
    ).toEqual([[5], [], [], [], [40000], [40001]]);
    expect([buffer.lost, buffer.late]).toEqual([0, 2]);
  });

  test("begins anew with another source, though its numbers are near", () => {
    const buffer = new JitterBuffer(options);
    run(buffer, [
      [500, 0],
      [502, 0],
    ]);
    buffer.push({ ...packet(100), ssrc: 2 }, 1);
    expect(drain(buffer, 1)).toEqual([100]);
    expect([buffer.lost, buffer.late]).toEqual([0, 0]);
  });

  test("gives every packet once and in order, whatever comes, and holds no more than it may", () => {
    holds(
      fc.property(
        fc.array(fc.record({ ahead: fc.integer({ min: -6, max: 6 }), wait: fc.nat({ max: 30 }) }), {
          maxLength: 200,
        }),
        (steps) => {
          const buffer = new JitterBuffer(options);
          const given: number[] = [];
          let nowMs = 0;
          let pushed = 0;
          for (const [index, { ahead, wait }] of steps.entries()) {
            nowMs += wait;
            buffer.push(packet(index + ahead + 65500), nowMs);
            pushed += 1;
            given.push(...drain(buffer, nowMs));
            expect(pushed - given.length - buffer.late).toBeLessThanOrEqual(options.maxPackets);
          }
          given.push(...drain(buffer, nowMs + 50));
          for (let i = 1; i < given.length; i += 1) {
            expect(((given[i]! - given[i - 1]!) << 16) >> 16).toBeGreaterThan(0);
          }
          expect(given.length + buffer.late).toBe(pushed);
          if (given.length > 0) {
            const span = (given.at(-1)! - given[0]!) & 0xffff;
            expect(buffer.lost).toBe(span + 1 - given.length);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
