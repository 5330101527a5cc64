/** An average that forgets: what came one time constant ago counts about a third of what comes now. */
export class MovingAverage {
  readonly #constantMs: number;
  #value: number | undefined;
  #at = 0;

  /** `constantMs` is its time constant in milliseconds. */
  constructor(constantMs: number) {
    this.#constantMs = constantMs;
  }

  /** Takes a value at `now`, in milliseconds, and gives the average; the first value is the average of itself. */
  take(value: number, now: number): number {
    const share = 1 - Math.exp((this.#at - now) / this.#constantMs);
    this.#value = this.#value === undefined ? value : this.#value + (value - this.#value) * share;
    this.#at = now;
    return this.#value;
  }
}
