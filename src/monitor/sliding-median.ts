/** The median of the last values. A value costs moving a few others; nothing is allocated. */
export class SlidingMedian {
  /** In the order they came, the oldest at `#next` once it is full. */
  readonly #ring: Float64Array;
  /** The same values in order of size. */
  readonly #sorted: Float64Array;
  #next = 0;
  #count = 0;

  /** Keeps the last `capacity` values. */
  constructor(capacity: number) {
    this.#ring = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
  }

  /** How many values it is the median of. */
  get count(): number {
    return this.#count;
  }

  /** The median; NaN without values. */
  get median(): number {
    const count = this.#count;
    const upper = this.#sorted[count >> 1] ?? Number.NaN;
    if (count === 0) return Number.NaN;
    return count % 2 === 1 ? upper : (upper + (this.#sorted[(count >> 1) - 1] ?? upper)) / 2;
  }

  /** Adds a finite value, in place of the oldest where it is full. */
  push(value: number): void {
    if (this.#count === this.#ring.length) this.#remove(this.#ring[this.#next] ?? 0);
    this.#ring[this.#next] = value;
    this.#next = (this.#next + 1) % this.#ring.length;
    const at = this.#placeOf(value);
    this.#sorted.copyWithin(at + 1, at, this.#count);
    this.#sorted[at] = value;
    this.#count++;
  }

  /** Forgets all values. */
  clear(): void {
    this.#next = 0;
    this.#count = 0;
  }

  #remove(value: number): void {
    const at = this.#placeOf(value);
    this.#sorted.copyWithin(at, at + 1, this.#count);
    this.#count--;
  }

  /** Where the first value that is not less than `value` stands, or would. */
  #placeOf(value: number): number {
    let from = 0;
    let to = this.#count;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#sorted[middle] ?? 0) < value) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
