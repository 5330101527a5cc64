import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Backoff } from "../../src/relay/backoff.ts";
import { holds } from "../base/property.ts";

const limits = { initialMs: 500, maxMs: 5_000 };

describe("the pauses between attempts", () => {
  test("double up to their cap", () => {
    const backoff = new Backoff(limits, () => 0.5);
    expect(Array.from({ length: 7 }, () => backoff.fail())).toEqual([
      500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000,
    ]);
    expect(backoff.failures).toBe(7);
  });

  test("begin anew after a success", () => {
    const backoff = new Backoff(limits, () => 0.5);
    backoff.fail();
    backoff.fail();
    backoff.succeed();
    expect([backoff.failures, backoff.fail()]).toEqual([0, 500]);
  });

  test("are spread by a fifth either way, and stay finite for ever", () => {
    holds(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.integer({ min: 1, max: 2_000 }),
        (random, count) => {
          const backoff = new Backoff(limits, () => random);
          let pause = 0;
          for (let i = 0; i < count; i++) pause = backoff.fail();
          const plain = Math.min(5_000, 500 * 2 ** (count - 1));
          expect(pause).toBeGreaterThanOrEqual(plain * 0.8);
          expect(pause).toBeLessThanOrEqual(plain * 1.2);
        },
      ),
    );
  });

  test("differ from relay to relay", () => {
    const pauses = Array.from({ length: 20 }, () => new Backoff(limits).fail());
    expect(new Set(pauses).size).toBeGreaterThan(1);
  });
});
