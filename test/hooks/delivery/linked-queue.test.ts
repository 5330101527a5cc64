import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { LinkedQueue, type Place } from "../../../src/hooks/delivery/linked-queue.ts";
import { holds } from "../../base/property.ts";

describe("a linked queue", () => {
  test("keeps the order of what is left, wherever values are taken out", () => {
    const step = fc.record({ isPush: fc.boolean(), pick: fc.nat() });
    holds(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new LinkedQueue<number>();
        const places: Place<number>[] = [];
        steps.forEach(({ isPush, pick }, index) => {
          if (isPush || places.length === 0) places.push(queue.push(index));
          else queue.remove(places.splice(pick % places.length, 1)[0]!);
          expect([queue.length, queue.first]).toEqual([places.length, places[0]?.value]);
        });
        for (const place of places) {
          expect(queue.first).toBe(place.value);
          queue.remove(place);
        }
        expect([queue.length, queue.first]).toEqual([0, undefined]);
      }),
    );
  });
});
