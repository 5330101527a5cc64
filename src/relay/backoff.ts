/** How the pauses between attempts grow, in milliseconds. */
export interface BackoffLimits {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Doubling pauses with a cap, spread by a fifth either way so that many relays do not all come back in the same moment. */
export class Backoff {
  readonly #limits: BackoffLimits;
  readonly #random: () => number;
  #failures = 0;

  constructor(limits: BackoffLimits, random: () => number = Math.random) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Attempts that failed since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure and gives the pause before the next attempt, in milliseconds. */
  fail(): number {
    const { initialMs, maxMs } = this.#limits;
    const pause = Math.min(maxMs, initialMs * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return pause * (0.8 + 0.4 * this.#random());
  }

  /** The next failure is the first again. */
  succeed(): void {
    this.#failures = 0;
  }
}
