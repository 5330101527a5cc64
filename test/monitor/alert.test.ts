import { describe, expect, test } from "bun:test";
import { Alert } from "../../src/monitor/alert.ts";

const rule = { threshold: 10, criticalAt: 20, clearAt: 5, raiseAfter: 3, clearAfter: 4, cooldownMs: 10_000 };

/** Values one second apart, and at which second what happens. */
const rows: { name: string; values: number[]; gives: string[] }[] = [
  { name: "values below the threshold", values: [9, 9, 9, 9, 9, 9], gives: [] },
  { name: "too few values over", values: [10, 10, 9, 10, 10, 9], gives: [] },
  { name: "enough values over", values: [0, 10, 11, 12, 13], gives: ["3 raised warning 3 s"] },
  { name: "values of twice the threshold", values: [20, 20, 20], gives: ["2 raised critical 3 s"] },
  {
    name: "values between the bounds after a raise",
    values: [10, 10, 10, 6, 9, 6, 9, 6, 9],
    gives: ["2 raised warning 3 s"],
  },
  {
    name: "too few good values after a raise",
    values: [10, 10, 10, 5, 5, 5, 6, 5, 5, 5, 6],
    gives: ["2 raised warning 3 s"],
  },
  {
    name: "enough good values after a raise",
    values: [10, 10, 10, 11, 5, 4, 3, 5],
    gives: ["2 raised warning 3 s", "7 cleared info 4 s"],
  },
  {
    name: "values over again before the cooldown has passed",
    values: [10, 10, 10, 0, 0, 0, 0, 10, 10, 10, 10, 10, 10],
    gives: ["2 raised warning 3 s", "6 cleared info 3 s", "12 raised warning 6 s"],
  },
  {
    name: "a warning that becomes critical, once its cooldown has passed",
    values: [...new Array(5).fill(12), ...new Array(20).fill(25)],
    gives: ["2 raised warning 3 s", "12 raised critical 13 s"],
  },
  {
    name: "a critical alert that stays so",
    values: new Array(40).fill(30),
    gives: ["2 raised critical 3 s"],
  },
];

describe("an alert", () => {
  for (const { name, values, gives } of rows)
    test(`with ${name} gives ${gives.length === 0 ? "nothing" : gives.join(", ")}`, () => {
      const alert = new Alert(rule);
      const given = values.flatMap((value, second) => {
        const change = alert.update(value, second * 1000);
        return change ? [`${second} ${change.state} ${change.severity} ${change.durationMs / 1000} s`] : [];
      });
      expect(given).toEqual(gives);
    });
});
