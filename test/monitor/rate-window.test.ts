import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { RateWindow } from "../../src/monitor/rate-window.ts";
import { holds } from "../base/property.ts";

test("the mean over the last entries is their amount by their span, of no more entries than it holds", () => {
  const entry = fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 1, max: 1_000 }));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  holds(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(entry, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 8 }),
      (capacity, entries, wanted) => {
        const window = new RateWindow(capacity);
        for (const [amount, span] of entries) window.push(amount, span);
        const last = entries.slice(-Math.min(wanted, capacity));
        expect(window.count).toBe(Math.min(capacity, entries.length));
        expect(window.amount(wanted)).toBe(sum(last.map(([amount]) => amount)));
        expect(window.mean(wanted)).toBe(
          sum(last.map(([amount]) => amount)) / sum(last.map(([, span]) => span)),
        );
      },
    ),
  );
});

test("what was forgotten does not count", () => {
  const window = new RateWindow(3);
  for (const amount of [5, 6, 7, 8]) window.push(amount, 1);
  window.clear();
  expect([window.count, window.mean(3)]).toEqual([0, Number.NaN]);
  window.push(2, 4);
  expect([window.count, window.mean(3)]).toEqual([1, 0.5]);
});
