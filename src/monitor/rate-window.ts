/** Amounts and the spans they took, over the last so many entries: bytes in milliseconds, frames in milliseconds of media. */
export class RateWindow {
  /** Running totals up to and with each entry; the last one stands at `#last`. */
  readonly #amounts: Float64Array;
  readonly #spans: Float64Array;
  #last = 0;
  #count = 0;

  /** Holds up to `capacity` entries. */
  constructor(capacity: number) {
    this.#amounts = new Float64Array(capacity + 1);
    this.#spans = new Float64Array(capacity + 1);
  }

  /** Entries it holds. */
  get count(): number {
    return this.#count;
  }

  /** Adds an entry. */
  push(amount: number, span: number): void {
    const before = this.#last;
    this.#last = (before + 1) % this.#amounts.length;
    this.#amounts[this.#last] = (this.#amounts[before] ?? 0) + amount;
    this.#spans[this.#last] = (this.#spans[before] ?? 0) + span;
    if (this.#count < this.#amounts.length - 1) this.#count++;
  }

  /** The amount of the last `entries`. */
  amount(entries: number): number {
    return this.#difference(this.#amounts, entries);
  }

  /** The span of the last `entries`. */
  span(entries: number): number {
    return this.#difference(this.#spans, entries);
  }

  /** Amount by span over the last `entries`; NaN without a span. */
  mean(entries: number): number {
    return this.amount(entries) / this.span(entries);
  }

  /** Forgets all entries. */
  clear(): void {
    this.#count = 0;
  }

  #difference(totals: Float64Array, entries: number): number {
    const length = totals.length;
    const from = (this.#last - Math.min(entries, this.#count) + length) % length;
    return (totals[this.#last] ?? 0) - (totals[from] ?? 0);
  }
}
