import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Slots } from "../../../src/hooks/delivery/slots.ts";
import { holds } from "../../base/property.ts";

describe("slots", () => {
  test("whatever the others do, a hook below its reserve gets a slot, and no limit is ever passed", () => {
    const step = fc.record({ hook: fc.nat(9), isRelease: fc.boolean() });
    const limits = fc.array(fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }), {
      minLength: 1,
      maxLength: 10,
    });
    holds(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        limits,
        fc.array(step, { maxLength: 200, size: "max" }),
        (total, each, steps) => {
          const slots = new Slots(total);
          const shares = each.map((limit) => slots.share(limit));
          const reserve = Math.max(1, Math.floor(total / (2 * shares.length)));
          const most = shares.length > 1 ? Math.max(1, Math.floor(total * 0.6)) : total;
          for (const { hook, isRelease } of steps) {
            const share = shares[hook % shares.length]!;
            if (isRelease && share.running > 0) slots.release(share);
            else if (!isRelease && slots.mayTake(share)) slots.take(share);
            expect(slots.running).toBeLessThanOrEqual(total);
            for (const { running, limit } of shares)
              expect(running).toBeLessThanOrEqual(Math.min(limit ?? most, most));
            if (shares.length > total) continue;
            for (const one of shares)
              if (one.running < Math.min(reserve, one.limit ?? reserve, most))
                expect(slots.mayTake(one)).toBe(true);
          }
        },
      ),
    );
  });

  test("hooks that hang never take all: five that want everything leave the sixth its reserve", () => {
    const slots = new Slots(24);
    const shares = Array.from({ length: 6 }, () => slots.share(undefined));
    const [last] = shares.splice(5);
    for (let i = 0; i < 100; i++) for (const share of shares) if (slots.mayTake(share)) slots.take(share);
    expect([slots.running, slots.mayTake(last!)]).toEqual([22, true]);
  });

  test("a hook that is removed leaves its reserve to the others, and gives back what it holds", () => {
    const slots = new Slots(10);
    const [kept, gone] = [slots.share(undefined), slots.share(undefined)];
    for (let i = 0; i < 4; i++) slots.take(gone);
    slots.remove(gone);
    while (slots.mayTake(kept)) slots.take(kept);
    expect(kept.running).toBe(6);
    for (let i = 0; i < 4; i++) slots.release(gone);
    while (slots.mayTake(kept)) slots.take(kept);
    expect(slots.running).toBe(10);
    slots.enter(gone, 1);
    slots.resize(20);
    while (slots.mayTake(gone)) slots.take(gone);
    while (slots.mayTake(kept)) slots.take(kept);
    expect([kept.running, gone.running]).toEqual([12, 1]);
  });
});
