import { describe, expect, test } from "bun:test";
import { ChangeDetector, type ChangeRule } from "../../src/monitor/change-detector.ts";

const both: ChangeRule = { thresholdPercent: 20, direction: "both" };
const down: ChangeRule = { thresholdPercent: 10, direction: "down" };

const times = (count: number, mean: number): number[] => new Array(count).fill(mean);

/** Means one second apart, and at which second which change is told. */
const rows: { name: string; rule: ChangeRule; means: number[]; gives: string[] }[] = [
  { name: "a level that stays", rule: both, means: times(200, 100), gives: [] },
  {
    name: "two means that differ",
    rule: both,
    means: [...times(40, 100), 50, 50, ...times(20, 100)],
    gives: [],
  },
  {
    name: "three means that differ",
    rule: both,
    means: [...times(40, 100), 50, 50, 50],
    gives: ["42: 100 > 50"],
  },
  { name: "more", rule: both, means: [...times(40, 100), ...times(5, 120)], gives: ["42: 100 > 120"] },
  {
    name: "a little less than the threshold",
    rule: both,
    means: [...times(40, 100), ...times(40, 80.1)],
    gives: [],
  },
  {
    name: "a change in the first 20 seconds",
    rule: both,
    means: [...times(12, 100), ...times(60, 200)],
    gives: ["20: 100 > 200"],
  },
  {
    name: "a change that is taken back during the cooldown, once that has passed",
    rule: both,
    means: [...times(40, 100), ...times(5, 50), ...times(30, 100)],
    // The baseline after the first change is made of what came after it: mostly the old level.
    gives: ["42: 100 > 50"],
  },
  {
    name: "a change back after the cooldown",
    rule: both,
    means: [...times(40, 100), ...times(20, 50), ...times(10, 100)],
    gives: ["42: 100 > 50", "62: 50 > 100"],
  },
  {
    name: "a change back as soon as the new level is known",
    rule: both,
    means: [...times(40, 100), ...times(14, 50), ...times(10, 100)],
    gives: ["42: 100 > 50", "56: 50 > 100"],
  },
  {
    name: "fewer, where only that counts",
    rule: down,
    means: [...times(40, 30), ...times(5, 27)],
    gives: ["42: 30 > 27"],
  },
  {
    name: "more, where only less counts",
    rule: down,
    means: [...times(40, 30), ...times(40, 60)],
    gives: [],
  },
];

describe("a change detector", () => {
  for (const { name, rule, means, gives } of rows)
    test(`with ${name} tells ${gives.length === 0 ? "nothing" : gives.join(", ")}`, () => {
      const detector = new ChangeDetector(rule);
      const told = means.flatMap((mean, second) => {
        const change = detector.evaluate(mean, second * 1000);
        return change ? [`${second}: ${change.previous} > ${change.current}`] : [];
      });
      expect(told).toEqual(gives);
    });

  test("does not count means before and after an interruption in one row", () => {
    const detector = new ChangeDetector(both);
    const told: number[] = [];
    [...times(40, 100), 50, 50, 50, 50].forEach((mean, second) => {
      if (second === 42) detector.interrupt();
      if (detector.evaluate(mean, second * 1000)) told.push(second);
    });
    expect(told).toEqual([]);
  });

  test("after a change, tells the next one only once the level has settled within half the threshold", () => {
    const detector = new ChangeDetector(both);
    const told: number[] = [];
    // Falls by 4 % of itself every second for a minute: one change for each time it settles, none while it falls.
    let mean = 100;
    for (let second = 0; second < 200; second++) {
      if (second >= 40 && second < 100) mean *= 0.96;
      if (detector.evaluate(mean, second * 1000)) told.push(second);
    }
    expect(told).toHaveLength(1);
  });

  test("knows its baseline from ten means on", () => {
    const detector = new ChangeDetector(both);
    for (let second = 0; second < 9; second++) detector.evaluate(second, second * 1000);
    expect(detector.baseline).toBeUndefined();
    detector.evaluate(9, 9_000);
    expect(detector.baseline).toBe(4.5);
  });
});
