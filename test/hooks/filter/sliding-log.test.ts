import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { SlidingLog } from "../../../src/hooks/filter/sliding-log.ts";
import { holds } from "../../base/property.ts";

test("a sliding log is full exactly while its window holds as many events as it may", () => {
  holds(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.nat({ max: 40 }), { maxLength: 200 }),
      (max, waits) => {
        const log = new SlidingLog(max, 100);
        const times: number[] = [];
        let now = 0;
        for (const wait of waits) {
          now += wait;
          const isFull = times.filter((time) => time > now - 100).length >= max;
          expect(log.isFull(now)).toBe(isFull);
          if (isFull) continue;
          log.add(now);
          times.push(now);
        }
      },
    ),
  );
});

test("a sliding log of a million events takes the next million in a moment", () => {
  const log = new SlidingLog(1_000_000, 1_000);
  const startedAt = performance.now();
  for (let index = 0; index < 2_000_000; index++) {
    const now = index / 1_000;
    if (!log.isFull(now)) log.add(now);
  }
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
