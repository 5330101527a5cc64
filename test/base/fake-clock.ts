import type { Cancel, Clock } from "../../src/base/time.ts";

interface Timer {
  at: number;
  readonly periodMs: number | undefined;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. Timers fire in the order of their times. */
export class FakeClock implements Clock {
  #now: number;
  #epoch = Date.UTC(2026, 0, 1);
  #timers: Timer[] = [];

  constructor(startMs = 1_000) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#epoch + this.#now);
  }

  /** Somebody sets the clock of the machine, by so many milliseconds: the date jumps, and time goes on as before. */
  set(byMs: number): void {
    this.#epoch += byMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    return this.#add({ at: this.#now + Math.max(0, delayMs), periodMs: undefined, run });
  }

  every(periodMs: number, run: () => void): Cancel {
    return this.#add({ at: this.#now + periodMs, periodMs, run });
  }

  /** Timers that have not fired yet, periodic ones included. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Lets `ms` pass, firing what falls due on the way, timers that are set meanwhile too. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#now = Math.max(this.#now, next.at);
      if (next.periodMs === undefined) this.#timers = this.#timers.filter((timer) => timer !== next);
      else next.at += next.periodMs;
      next.run();
    }
    this.#now = until;
  }

  #add(timer: Timer): Cancel {
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
}
