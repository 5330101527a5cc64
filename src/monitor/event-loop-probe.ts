import type { Cancel, Clock } from "../base/time.ts";

/** How often a timer tries the event loop, in milliseconds. */
const periodMs = 100;

/** Kept where nobody reads them. */
const maxLags = 1_000;

/** Measures by how much timers are late, which is how long whatever comes in may have to wait for its turn. */
export class EventLoopProbe {
  readonly #clock: Clock;
  #lags: number[] = [];
  #cancel: Cancel | undefined;
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins to measure, if it does not already. */
  start(): void {
    if (this.#cancel) return;
    this.#last = this.#clock.now();
    this.#cancel = this.#clock.every(periodMs, () => this.#measure());
  }

  /** Ends it. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** What was measured since the last call, in milliseconds. */
  take(): readonly number[] {
    const lags = this.#lags;
    this.#lags = [];
    return lags;
  }

  #measure(): void {
    const now = this.#clock.now();
    let lag = Math.max(0, now - this.#last - periodMs);
    this.#last = now;
    // What came in later during a long turn waited less: without these, a long turn would weigh no more than a short one.
    do {
      if (this.#lags.length >= maxLags) return;
      this.#lags.push(lag);
      lag -= periodMs;
    } while (lag > 0);
  }
}
