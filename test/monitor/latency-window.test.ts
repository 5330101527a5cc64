import { expect, test } from "bun:test";
import { LatencyWindow } from "../../src/monitor/latency-window.ts";

const p95Of = (durations: readonly number[]): number => {
  const window = new LatencyWindow();
  for (const duration of durations) window.add(duration);
  return window.takeP95();
};

test("95 of 100 durations are not above the p95", () => {
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => count - index);
  expect([p95Of([]), p95Of([7]), p95Of([9, 7]), p95Of(upTo(20)), p95Of(upTo(100)), p95Of(upTo(101))]).toEqual(
    [Number.NaN, 7, 9, 19, 95, 96],
  );
});

test("a window starts empty after the last one, and keeps the last durations of too many", () => {
  const window = new LatencyWindow();
  for (let index = 0; index < 100_000; index++) window.add(index < 90_000 ? 1 : 2);
  expect([window.count < 10_000, window.takeP95(), window.count, window.takeP95()]).toEqual([
    true,
    2,
    0,
    Number.NaN,
  ]);
});
