import { expect, test } from "bun:test";
import { Standstill } from "../../src/base/standstill.ts";

test("a standstill counts from when the counter was first seen to rest, and only while it should move", () => {
  const standstill = new Standstill();
  const seen = (count: number, shouldMove: boolean, now: number): number =>
    standstill.note(count, { shouldMove, now });
  expect([
    seen(0, true, 1_000),
    seen(0, true, 2_500),
    seen(5, true, 3_000),
    seen(5, true, 4_000),
    seen(5, false, 5_000),
    seen(5, true, 6_000),
    seen(5, true, 6_500),
  ]).toEqual([0, 1_500, 0, 1_000, 0, 0, 500]);
});
