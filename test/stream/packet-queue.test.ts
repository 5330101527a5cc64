import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Packet } from "../../src/media/packet.ts";
import { PacketQueue } from "../../src/stream/packet-queue.ts";
import { holds } from "../base/property.ts";
import { type PacketWish, packet } from "./packets.ts";

const limits = { maxBytes: 1_000, maxMs: 1_000 };
const key = (time: number, more: PacketWish = {}) => packet({ role: "key", time, ...more });
const frame = (time: number, more: PacketWish = {}) => packet({ time, ...more });
const audio = (time: number, more: PacketWish = {}) => packet({ kind: "audio", time, ...more });

const filled = (packets: readonly Packet[], within = limits): PacketQueue => {
  const queue = new PacketQueue(within);
  for (const each of packets) queue.push(each);
  return queue;
};
const takeAll = (queue: PacketQueue): Packet[] => [...queue.take(Number.POSITIVE_INFINITY)];

describe("a packet queue", () => {
  test("gives what it got, in order, in portions", () => {
    const packets = [key(0), frame(10), audio(12), frame(20)];
    const queue = filled(packets);
    expect(queue.bytes).toBe(40);
    expect(queue.take(25)).toEqual(packets.slice(0, 2));
    expect(queue.take(1)).toEqual(packets.slice(2, 3));
    expect(queue.take(100)).toEqual(packets.slice(3));
    expect({ isEmpty: queue.isEmpty, bytes: queue.bytes, dropped: queue.dropped }).toEqual({
      isEmpty: true,
      bytes: 0,
      dropped: 0,
    });
  });

  test("jumps ahead to its newest key frame when it is over, and keeps the audio", () => {
    const queue = filled([key(0), frame(100), audio(150), key(500), frame(600), frame(900, { size: 960 })]);
    expect(queue.dropped).toBe(2);
    expect(takeAll(queue).map(({ kind, timestamp }) => [kind, timestamp])).toEqual([
      ["audio", 150],
      ["video", 500],
      ["video", 600],
      ["video", 900],
    ]);
  });

  test("drops all video and waits for a key frame where it holds none but the first", () => {
    const queue = filled([key(0), frame(400), audio(500), frame(1_001)]);
    expect({ dropped: queue.dropped, awaitsKey: queue.awaitsKey }).toEqual({ dropped: 3, awaitsKey: true });
    queue.push(frame(1_040));
    queue.push(key(1_100));
    queue.push(frame(1_140));
    expect(takeAll(queue).map(({ role, timestamp }) => [role, timestamp])).toEqual([
      ["frame", 500],
      ["key", 1_100],
      ["frame", 1_140],
    ]);
    expect({ dropped: queue.dropped, awaitsKey: queue.awaitsKey }).toEqual({ dropped: 4, awaitsKey: false });
  });

  test("does not keep half a GOP behind a packet of audio", () => {
    const queue = filled([
      audio(0),
      key(5),
      ...Array.from({ length: 30 }, (_, i) => frame(10 + i, { size: 50 })),
    ]);
    const pictures = takeAll(queue).filter(({ kind }) => kind === "video");
    expect(pictures).toEqual([]);
    expect(queue.awaitsKey).toBe(true);
  });

  test("is not over because of old configuration that it may not drop", () => {
    const config = packet({ role: "config", time: 0 });
    const queue = filled([config, key(5_000), frame(5_100), frame(5_200)]);
    expect({ packets: takeAll(queue).length, dropped: queue.dropped }).toEqual({ packets: 4, dropped: 0 });
  });

  test("drops the oldest audio where audio alone is too old", () => {
    const queue = filled(Array.from({ length: 60 }, (_, i) => audio(i * 20)));
    const times = takeAll(queue).map(({ timestamp }) => timestamp);
    expect(times.at(-1)).toBe(1_180);
    expect(times.at(-1)! - times[0]!).toBeLessThanOrEqual(1_000);
    expect(times).toEqual(times.map((_, i) => times[0]! + i * 20));
  });

  test("keeps configuration and metadata, dropping what newer ones replace only where it must", () => {
    const queue = new PacketQueue(limits);
    for (let i = 0; i < 8; i++) queue.push(packet({ role: "config", time: i, size: 100, fill: i }));
    expect(queue.bytes).toBe(800);
    for (let i = 8; i < 100; i++) queue.push(packet({ role: "config", time: i, size: 100, fill: i }));
    expect(queue.bytes).toBeLessThanOrEqual(limits.maxBytes);
    expect(takeAll(queue).at(-1)?.payload[0]).toBe(99);
    expect(queue.dropped).toBe(0);
  });

  test("does not count as dropped what a reader that joins never began to see", () => {
    const queue = new PacketQueue(limits);
    queue.awaitKey();
    for (const each of [frame(0), frame(33), audio(40), key(66), frame(100)]) queue.push(each);
    expect(queue.dropped).toBe(0);
    expect(takeAll(queue)).toHaveLength(3);
  });

  test("makes each track wait for a key frame of its own", () => {
    const second = { track: 1 };
    const queue = filled([key(0), key(1, second), frame(500), frame(501, second), frame(1_100)]);
    for (const each of [
      frame(1_101, second),
      key(1_200),
      frame(1_201, second),
      frame(1_233),
      key(1_240, second),
      frame(1_250, second),
    ])
      queue.push(each);
    expect(takeAll(queue).map(({ role, trackId }) => `${role} ${trackId}`)).toEqual([
      "key 0",
      "frame 0",
      "key 1",
      "frame 1",
    ]);
    expect(queue.awaitsKey).toBe(false);
  });

  test("drops what another track lost its reference for when it jumps ahead", () => {
    const second = { track: 1 };
    const queue = filled([
      key(0),
      key(1, second),
      frame(30, second),
      key(500),
      frame(530, second),
      frame(533),
      frame(560, { size: 980 }),
    ]);
    expect(takeAll(queue).map(({ timestamp }) => timestamp)).toEqual([500, 533, 560]);
    for (const each of [frame(590, second), key(600, second), frame(630, second)]) queue.push(each);
    expect(takeAll(queue).map(({ timestamp }) => timestamp)).toEqual([600, 630]);
  });
});

type Step = { readonly push: PacketWish } | { readonly take: number } | { readonly await: true };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .record({
          kind: fc.constantFrom("video" as const, "video" as const, "audio" as const, "data" as const),
          role: fc.constantFrom(
            "key" as const,
            "frame" as const,
            "frame" as const,
            "frame" as const,
            "disposable" as const,
            "other" as const,
            "config" as const,
            "metadata" as const,
          ),
          size: fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 1_200 })),
          track: fc.constantFrom(0, 0, 0, 1, 2),
          time: fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 1_500 })),
        })
        .map((push) => ({ push })),
    },
    { weight: 3, arbitrary: fc.nat({ max: 2_000 }).map((take) => ({ take })) },
    { weight: 1, arbitrary: fc.constant({ await: true as const }) },
  ),
  { maxLength: 120 },
);

const isPicture = (each: Packet): boolean =>
  each.kind === "video" && each.role !== "config" && each.role !== "metadata";
const isEssential = (each: Packet): boolean => each.role === "config" || each.role === "metadata";

/** Runs steps and gives everything that was put in and everything that came out. */
const play = (list: readonly Step[]): { sent: Packet[]; given: Packet[]; queue: PacketQueue } => {
  const queue = new PacketQueue(limits);
  queue.awaitKey();
  const sent: Packet[] = [];
  const given: Packet[] = [];
  let time = 0;
  for (const step of list) {
    if ("take" in step) given.push(...queue.take(step.take));
    else if ("await" in step) queue.awaitKey();
    else {
      time += step.push.time ?? 0;
      const { kind, role } = step.push;
      const isOdd =
        (kind === "audio" && (role === "key" || role === "disposable")) ||
        (kind === "data" && role !== "metadata");
      const each = packet({
        ...step.push,
        time,
        ...(isOdd ? { role: kind === "data" ? "other" : "frame" } : {}),
      });
      sent.push(each);
      queue.push(each);
    }
  }
  given.push(...queue.take(Number.POSITIVE_INFINITY));
  return { sent, given, queue };
};

describe("for any packets, takes and waits", () => {
  test("every inter frame given out follows an unbroken run since the last key frame given out of its track", () => {
    holds(
      fc.property(steps, (list) => {
        const { sent, given } = play(list);
        const out = new Set(given);
        const previous = new Map<number, Packet>();
        for (const each of sent) {
          if (!isPicture(each)) continue;
          const before = previous.get(each.trackId);
          if (out.has(each) && each.role !== "key") {
            if (!before || !out.has(before))
              throw new Error(
                `track ${each.trackId}: frame at ${each.timestamp} follows one that was dropped`,
              );
          }
          previous.set(each.trackId, each);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test("what comes out is in the order it went in, nothing twice, and what is missing was counted or never begun", () => {
    holds(
      fc.property(steps, (list) => {
        const { sent, given, queue } = play(list);
        const positions = given.map((each) => sent.indexOf(each));
        expect(positions.every((at, i) => at > (positions[i - 1] ?? -1))).toBe(true);
        const lost = sent.filter(
          (each) => !given.includes(each) && each.kind !== "data" && !isEssential(each),
        ).length;
        expect(queue.dropped).toBeLessThanOrEqual(lost);
      }),
      { numRuns: 500 },
    );
  });

  test("the newest configuration of every track comes out", () => {
    holds(
      fc.property(steps, (list) => {
        const { sent, given } = play(list);
        const newest = new Map<string, Packet>();
        for (const each of sent)
          if (isEssential(each)) newest.set(`${each.kind} ${each.role} ${each.trackId}`, each);
        for (const each of newest.values()) expect(given).toContain(each);
      }),
      { numRuns: 500 },
    );
  });

  test("what waits is within the bounds, one essential packet per track aside", () => {
    holds(
      fc.property(steps, (list) => {
        const queue = new PacketQueue(limits);
        let time = 0;
        for (const step of list) {
          if (!("push" in step)) continue;
          time += step.push.time ?? 0;
          queue.push(packet({ ...step.push, time }));
          const essential = 18 * 1_200;
          expect(queue.bytes).toBeLessThanOrEqual(limits.maxBytes + essential);
        }
        const waiting = takeAll(queue).filter((each) => !isEssential(each));
        const span = (waiting.at(-1)?.timestamp ?? 0) - (waiting[0]?.timestamp ?? 0);
        expect(span).toBeLessThanOrEqual(limits.maxMs);
      }),
      { numRuns: 500 },
    );
  });
});
