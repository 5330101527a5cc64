/** Remembers when the last events passed, to keep any window of time from holding more than so many. */
export class SlidingLog {
  readonly #maxEvents: number;
  readonly #windowMs: number;
  readonly #times: number[] = [];
  /** Times before this place are over. */
  #first = 0;

  constructor(maxEvents: number, windowMs: number) {
    this.#maxEvents = maxEvents;
    this.#windowMs = windowMs;
  }

  /** True where the window that ends `now` (monotonic, in milliseconds) holds as many events as it may. */
  isFull(now: number): boolean {
    while ((this.#times[this.#first] ?? Number.POSITIVE_INFINITY) <= now - this.#windowMs) this.#first++;
    // Cutting off half at a time costs each event a constant.
    if (this.#first * 2 > this.#times.length) {
      this.#times.splice(0, this.#first);
      this.#first = 0;
    }
    return this.#times.length - this.#first >= this.#maxEvents;
  }

  /** Notes that an event passes `now`. */
  add(now: number): void {
    this.#times.push(now);
  }
}
