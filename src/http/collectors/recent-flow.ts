/** Readings that are kept: with one each second, the oldest is between five and six seconds old. */
const readingsKept = 6;

/** Less time than this says nothing about a rate, in milliseconds. */
const shortestMs = 500;

/** What came in the last seconds, for each second. */
export interface RecentRates {
  readonly bytesPerSecond: number;
  readonly framesPerSecond: number;
}

/** The last readings of two counters that only grow: bytes, and frames. */
export class RecentFlow {
  readonly #times = new Float64Array(readingsKept);
  readonly #bytes = new Float64Array(readingsKept);
  readonly #frames = new Float64Array(readingsKept);
  #count = 0;

  /** Keeps a reading made at `now`, in milliseconds; to be called once a second. */
  note(now: number, bytes: number, frames: number): void {
    const index = this.#count % readingsKept;
    this.#times[index] = now;
    this.#bytes[index] = bytes;
    this.#frames[index] = frames;
    this.#count++;
  }

  /** The rates from the oldest reading to a new one made at `now`; undefined where hardly any time lies between. */
  rates(now: number, bytes: number, frames: number): RecentRates | undefined {
    if (this.#count === 0) return undefined;
    const oldest = this.#count < readingsKept ? 0 : this.#count % readingsKept;
    const elapsedMs = now - (this.#times[oldest] ?? now);
    if (elapsedMs < shortestMs) return undefined;
    const seconds = elapsedMs / 1_000;
    return {
      bytesPerSecond: (bytes - (this.#bytes[oldest] ?? 0)) / seconds,
      framesPerSecond: (frames - (this.#frames[oldest] ?? 0)) / seconds,
    };
  }
}
