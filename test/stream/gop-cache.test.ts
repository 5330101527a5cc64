import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { GopCache } from "../../src/stream/gop-cache.ts";
import { holds } from "../base/property.ts";
import { packet } from "./packets.ts";

const key = (time: number, size = 10) => packet({ role: "key", time, size });
const frame = (time: number, size = 10) => packet({ time, size });
const audio = (time: number, size = 10) => packet({ kind: "audio", time, size });

describe("a GOP cache", () => {
  test("holds everything since the last key frame, in order", () => {
    const cache = new GopCache();
    const packets = [key(0), frame(33), audio(40), key(66), frame(100), audio(101)];
    for (const each of packets) cache.push(each);
    expect(cache.packets).toEqual(packets.slice(3));
    expect(cache.bytes).toBe(30);
  });

  test("is empty before a key frame, and without video", () => {
    const cache = new GopCache();
    for (const each of [frame(0), audio(5), audio(10)]) cache.push(each);
    expect(cache.packets).toEqual([]);
  });

  test("is not cut by a key frame of another track, and does not start with one", () => {
    const cache = new GopCache();
    cache.push(packet({ role: "key", track: 1 }));
    cache.push(frame(1));
    expect(cache.packets).toEqual([]);
    const packets = [key(2), packet({ role: "key", track: 1, time: 3 }), frame(4)];
    for (const each of packets) cache.push(each);
    expect(cache.packets).toEqual(packets);
  });

  const limits = { maxBytes: 1_000, maxMs: 2_000, maxPackets: 50 };
  for (const { name, next } of [
    { name: "bytes", next: frame(10, 991) },
    { name: "milliseconds", next: frame(2_001) },
  ]) {
    test(`empties when it is over in ${name}, and waits for the next key frame`, () => {
      const cache = new GopCache(limits);
      cache.push(key(0));
      cache.push(next);
      expect({ packets: cache.packets, bytes: cache.bytes }).toEqual({ packets: [], bytes: 0 });
      cache.push(frame(3_000));
      expect(cache.packets).toEqual([]);
      cache.push(key(3_100));
      expect(cache.packets).toHaveLength(1);
    });
  }

  test("holds exactly its limits and no packet more", () => {
    const cache = new GopCache(limits);
    cache.push(key(0));
    for (let i = 1; i < 50; i++) cache.push(frame(i));
    expect(cache.packets).toHaveLength(50);
    cache.push(frame(50));
    expect(cache.packets).toHaveLength(0);
  });

  test("is within its limits, and begins with a key frame, whatever comes", () => {
    const any = fc.record({
      role: fc.constantFrom("key" as const, "frame" as const, "disposable" as const, "other" as const),
      kind: fc.constantFrom("video" as const, "audio" as const),
      time: fc.nat({ max: 5_000 }),
      size: fc.nat({ max: 400 }),
      track: fc.nat({ max: 1 }),
    });
    holds(
      fc.property(fc.array(any, { maxLength: 120 }), (wishes) => {
        const cache = new GopCache(limits);
        for (const wish of wishes) {
          cache.push(packet(wish.kind === "audio" ? { ...wish, role: "frame" } : wish));
          const [first] = cache.packets;
          if (first) expect([first.role, first.trackId]).toEqual(["key", 0]);
          expect(cache.packets.length).toBeLessThanOrEqual(limits.maxPackets);
          expect(cache.bytes).toBeLessThanOrEqual(limits.maxBytes);
          expect(cache.bytes).toBe(cache.packets.reduce((sum, { payload }) => sum + payload.length, 0));
        }
      }),
    );
  });
});
