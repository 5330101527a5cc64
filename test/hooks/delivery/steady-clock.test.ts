import { describe, expect, test } from "bun:test";
import { SteadyClock } from "../../../src/hooks/delivery/steady-clock.ts";
import { SteppingClock } from "./engine-bench.ts";

const hour = 3_600_000;

describe("steady time", () => {
  test("runs on over a step of the clock, and follows a correction", () => {
    const clock = new SteppingClock();
    const steady = new SteadyClock(clock);
    const start = steady.time();
    clock.advance(1_000);
    clock.stepMs = hour;
    expect(steady.time()).toBe(start + 1_000);
    clock.advance(1_000);
    clock.stepMs -= 400;
    expect(steady.time()).toBe(start + 1_600);
    clock.stepMs = 0;
    expect(steady.time()).toBe(start + 1_600);
  });

  test.each([{ stepMs: hour }, { stepMs: -hour }])(
    "no event is older for a step of $stepMs ms",
    ({ stepMs }) => {
      const clock = new SteppingClock();
      const steady = new SteadyClock(clock);
      const before = clock.date().getTime();
      clock.advance(5_000);
      expect(steady.ageOf(before)).toBe(5_000);
      clock.stepMs = stepMs;
      const after = clock.date().getTime();
      clock.advance(5_000);
      const ages = [steady.ageOf(before), steady.ageOf(after)];
      // Told by the calendar that ran on, the one or the other seems not to have happened yet.
      expect(ages).toEqual(stepMs > 0 ? [10_000, 0] : [0, 5_000]);
      expect(steady.ageOf(after + 10 * hour)).toBe(0);
    },
  );
});
