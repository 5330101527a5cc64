import { expect, test } from "bun:test";
import { parseStreamPath } from "../../../src/base/stream-path.ts";
import { CountCoalescer } from "../../../src/hooks/event/count-coalescer.ts";
import { FakeClock } from "../../base/fake-clock.ts";

const path = parseStreamPath("live/test");

test("player counts pass at most once a second, the last of a burst at its end, and leave no timer behind", () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const coalescer = new CountCoalescer(clock, ({ previous, count }) => seen.push(`${previous}>${count}`));
  const change = (previous: number, count: number): void => {
    coalescer.take({ kind: "subscriberCount", path, previous, count });
  };
  change(0, 1);
  change(1, 2);
  change(2, 3);
  expect(seen).toEqual(["0>1"]);
  clock.advance(1_000);
  expect(seen).toEqual(["0>1", "1>3"]);
  change(3, 4);
  change(4, 3);
  clock.advance(1_000);
  expect(seen).toEqual(["0>1", "1>3"]);
  expect(clock.timers).toBe(0);
});

test("what waits is passed on at the end", () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  const coalescer = new CountCoalescer(clock, ({ count }) => seen.push(count));
  for (const count of [1, 2]) coalescer.take({ kind: "subscriberCount", path, previous: count - 1, count });
  coalescer.flush();
  expect(seen).toEqual([1, 2]);
  expect(clock.timers).toBe(0);
});
