import { describe, expect, test } from "bun:test";
import { ReferenceLevel } from "../../src/monitor/reference-level.ts";

describe("what is usual", () => {
  test("is not known before there is a level", () => {
    const reference = new ReferenceLevel();
    reference.follow(undefined, 1_000);
    expect(reference.loss(50)).toBeUndefined();
    reference.follow(100, 1_000);
    expect([reference.loss(undefined), reference.loss(50), reference.loss(150)]).toEqual([undefined, 50, 0]);
  });

  test("rises at once and falls two thirds of the way in five minutes", () => {
    const reference = new ReferenceLevel();
    for (const level of [100, 200]) reference.follow(level, 1_000);
    expect(reference.loss(100)).toBe(50);
    for (let second = 0; second < 300; second++) reference.follow(100, 1_000);
    expect(reference.loss(100)).toBeCloseTo(100 - 100 / (1 + Math.exp(-1)), 6);
  });

  test("stays where it was while the level is not known", () => {
    const reference = new ReferenceLevel();
    reference.follow(100, 1_000);
    for (let second = 0; second < 300; second++) reference.follow(undefined, 1_000);
    expect(reference.loss(50)).toBe(50);
  });
});
