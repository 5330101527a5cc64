import { expect, test } from "bun:test";
import { MovingAverage } from "../../src/monitor/moving-average.ts";

test("an average starts at its first value and goes two thirds of the way to another in its time constant", () => {
  const average = new MovingAverage(10_000);
  expect(average.take(40, 5_000)).toBe(40);
  for (let second = 6; second <= 15; second++) average.take(100, second * 1000);
  expect(average.take(100, 15_000)).toBeCloseTo(100 - 60 * Math.exp(-1), 6);
});

test("an average does not depend on how often it is asked", () => {
  const often = new MovingAverage(10_000);
  const seldom = new MovingAverage(10_000);
  for (const average of [often, seldom]) average.take(0, 0);
  for (let ms = 100; ms < 7_000; ms += 100) often.take(50, ms);
  expect(often.take(50, 7_000)).toBeCloseTo(seldom.take(50, 7_000), 9);
});
