import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { DueHeap } from "../../../src/hooks/delivery/due-heap.ts";
import { holds } from "../../base/property.ts";

test("a due heap gives what is due, the earliest first, and nothing else", () => {
  const step = fc.oneof(fc.record({ push: fc.nat(100) }), fc.record({ now: fc.nat(100) }));
  holds(
    fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const heap = new DueHeap<number>();
      let model: number[] = [];
      for (const each of steps) {
        if ("push" in each) {
          heap.push(each.push, each.push);
          model = [...model, each.push].sort((a, b) => a - b);
        } else {
          const isDue = model[0] !== undefined && model[0] <= each.now;
          expect(heap.takeDue(each.now)).toBe(isDue ? model.shift() : undefined);
        }
        expect([heap.next, heap.length]).toEqual([model[0], model.length]);
      }
      expect(heap.takeAll().sort((a, b) => a - b)).toEqual(model);
      expect(heap.length).toBe(0);
    }),
  );
});
