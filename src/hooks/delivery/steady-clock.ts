import type { Clock } from "../../base/time.ts";

/** Two readings whose difference changed by more than this were not taken by the same calendar, in milliseconds. */
const minStepMs = 1_000;

/**
 * Unix time that does not jump when somebody sets the clock of the machine. The clock runs on from where it stood when this was
 * made: what the calendar does between two readings is followed where it is a correction of less than a second, and ignored where it
 * is a step (or where the machine slept).
 *
 * Ages of events are told by both times, and the younger one holds: events from before a step carry the old calendar, events from after it
 * the new one. So a step, in either direction, may let an event live longer, by at most the step, and never makes it expire.
 * Times until which deliveries wait are told and understood in steady time only, so that no step makes them all due at once.
 */
export class SteadyClock {
  readonly #clock: Clock;
  /** Steady time less monotonic time. */
  #offset: number;
  /** What the calendar shows less steady time: the sum of all steps. */
  #stepped = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.date().getTime() - clock.now();
  }

  /** Unix time in milliseconds, without the steps since this clock was made. */
  time(): number {
    const now = this.#clock.now();
    this.#follow(this.#clock.date().getTime() - now);
    return now + this.#offset;
  }

  /** How long ago `at` was, in milliseconds; 0 for a time to come. The younger of what the calendar and steady time say. */
  ageOf(at: number): number {
    const steady = this.time();
    return Math.max(0, Math.min(steady, steady + this.#stepped) - at);
  }

  #follow(difference: number): void {
    const moved = difference - (this.#offset + this.#stepped);
    if (Math.abs(moved) > minStepMs) this.#stepped += moved;
    else this.#offset += moved;
  }
}
