import { expect, test } from "bun:test";
import { sparklinePoints } from "../../../../../src/web/pages/dashboard/model/sparkline.ts";

const size = { width: 30, height: 11, values: 4 };

test("the newest value is at the right, the greatest at the top", () => {
  expect(sparklinePoints([5, 10], size)).toBe("20.0,5.5 30.0,0.5");
  expect(sparklinePoints([9, 9, 0, 1, 2, 4], size)).toBe("0.0,10.5 10.0,8.0 20.0,5.5 30.0,0.5");
});

test("nothing is a line at the bottom, or none", () => {
  expect(sparklinePoints([0, 0], size)).toBe("20.0,10.5 30.0,10.5");
  expect(sparklinePoints([], size)).toBe("");
});
