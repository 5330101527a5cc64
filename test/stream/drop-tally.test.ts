import { describe, expect, test } from "bun:test";
import type { Packet } from "../../src/media/packet.ts";
import { DropTally } from "../../src/stream/drop-tally.ts";
import { PacketQueue } from "../../src/stream/packet-queue.ts";
import { type PacketWish, packet } from "./packets.ts";

const key = (time: number, more: PacketWish = {}) => packet({ role: "key", time, ...more });
const frame = (time: number, more: PacketWish = {}) => packet({ time, ...more });
const audio = (time: number, more: PacketWish = {}) => packet({ kind: "audio", time, ...more });

const none = { skipped_to_key: 0, queue_full: 0, awaiting_key: 0, sound_too_old: 0 };

/** Puts packets into queues that share a tally; gives what each dropped in all, too. */
const countsOf = (...lists: Packet[][]): { counts: DropTally["counts"]; dropped: number[] } => {
  const tally = new DropTally();
  const queues = lists.map((list) => {
    const queue = new PacketQueue({ maxBytes: 1_000, maxMs: 1_000, tally });
    for (const each of list) queue.push(each);
    return queue;
  });
  return { counts: tally.counts, dropped: queues.map(({ dropped }) => dropped) };
};

const jump = [key(0), frame(100), audio(150), key(500), frame(600), frame(900, { size: 960 })];
const full = [key(0), frame(400), audio(500), frame(1_001)];
const sound = Array.from({ length: 60 }, (_, i) => audio(i * 20));

describe("frames that are dropped are counted as", () => {
  test("skipped where the reader jumps ahead to a key frame that waits", () => {
    expect(countsOf(jump)).toEqual({ counts: { ...none, skipped_to_key: 2 }, dropped: [2] });
  });

  test("too much where there is no key frame to jump to, and as useless until the next", () => {
    const { counts, dropped } = countsOf([...full, frame(1_040), frame(1_080), key(1_100), frame(1_140)]);
    expect({ counts, dropped }).toEqual({
      counts: { ...none, queue_full: 3, awaiting_key: 2 },
      dropped: [5],
    });
  });

  test("sound that is too old", () => {
    const { counts, dropped } = countsOf(sound);
    expect(counts.sound_too_old).toBeGreaterThan(0);
    expect(counts).toEqual({ ...none, sound_too_old: dropped[0]! });
  });

  test("those of all readers together, once each", () => {
    const { counts, dropped } = countsOf(jump, full, sound, jump);
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    expect(all).toBe(dropped.reduce((sum, count) => sum + count, 0));
    expect(counts).toMatchObject({ skipped_to_key: 4, queue_full: 3 });
  });
});
