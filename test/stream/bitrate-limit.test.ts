import { expect, test } from "bun:test";
import { BitrateLimit } from "../../src/stream/bitrate-limit.ts";

/** The seconds in which a publisher that sends so many kilobytes in each is told to be too fast. */
const excesses = (kilobytes: readonly number[], maxBitrate: number): number[] => {
  const limit = new BitrateLimit();
  let bytes = 0;
  return kilobytes.flatMap((each, second) => {
    bytes += each * 1_000;
    return limit.excess(bytes, { now: second * 1_000, maxBitrate }) === undefined ? [] : [second];
  });
};

test("a publisher that keeps to the bound, or bursts for a moment, is not too fast", () => {
  expect(excesses(Array(60).fill(125), 1_000_000)).toEqual([]);
  expect(excesses([0, 600, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1_000_000)).toEqual([]);
});

test("a publisher that keeps beyond it is found out within five seconds", () => {
  expect(excesses(Array(12).fill(130), 1_000_000)).toEqual([5, 10]);
});

test("without a bound nobody is too fast, and one that comes later counts from then on", () => {
  const limit = new BitrateLimit();
  expect(limit.excess(1e9, { now: 0, maxBitrate: 0 })).toBeUndefined();
  expect(limit.excess(2e9, { now: 10_000, maxBitrate: 1 })).toBeUndefined();
  expect(limit.excess(2e9 + 5_000, { now: 15_000, maxBitrate: 1_000 })).toBe(8_000);
});
