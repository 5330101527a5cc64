import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { SlidingMedian } from "../../src/monitor/sliding-median.ts";
import { holds } from "../base/property.ts";

const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

test("the median is that of the last values, whatever comes and whenever all are forgotten", () => {
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: -5, max: 5 }) },
    { weight: 1, arbitrary: fc.constant("clear" as const) },
  );
  holds(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
      const median = new SlidingMedian(capacity);
      let kept: number[] = [];
      for (const each of steps) {
        if (each === "clear") {
          median.clear();
          kept = [];
        } else {
          median.push(each);
          kept = [...kept, each].slice(-capacity);
        }
        expect(median.count).toBe(kept.length);
        if (kept.length > 0) expect(median.median).toBe(medianOf(kept));
        else expect(median.median).toBeNaN();
      }
    }),
  );
});
