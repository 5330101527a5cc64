/** Stops a timer that has not fired yet; calling it twice does no harm. */
export type Cancel = () => void;

/** Where time comes from. Everything that waits takes a clock, so that tests need not. */
export interface Clock {
  /** Milliseconds that never run backwards, from an arbitrary start. */
  now(): number;
  /** Wall clock time. */
  date(): Date;
  /** Calls `run` once after `delayMs` milliseconds. */
  after(delayMs: number, run: () => void): Cancel;
  /** Calls `run` every `periodMs` milliseconds. */
  every(periodMs: number, run: () => void): Cancel;
}

/** setTimeout fires at once for longer delays. */
const maxDelayMs = 2 ** 31 - 1;

/** The clock of this process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, maxDelayMs));
    return () => clearTimeout(timer);
  },
  every(periodMs, run) {
    const timer = setInterval(run, Math.min(periodMs, maxDelayMs));
    return () => clearInterval(timer);
  },
};
