/** Durations kept of one window; of more, the last ones. */
const capacity = 2_048;

/** The durations of one window. */
export class LatencyWindow {
  #durations: number[] = [];
  #next = 0;

  /** How many there are. */
  get count(): number {
    return this.#durations.length;
  }

  /** Adds a duration in milliseconds. */
  add(durationMs: number): void {
    this.#durations[this.#next] = durationMs;
    this.#next = (this.#next + 1) % capacity;
  }

  /** Ends the window: gives what 95 of 100 durations did not exceed, in milliseconds, and starts the next. NaN without any. */
  takeP95(): number {
    const sorted = this.#durations.sort((a, b) => a - b);
    this.#durations = [];
    this.#next = 0;
    return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
  }
}
