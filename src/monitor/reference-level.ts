/** Time in which the reference goes two thirds of the way down to a lower level, in milliseconds. */
const forgetMs = 300_000;

/**
 * What is usual for a stream: it rises with the level, and follows it down so slowly that a loss is noticed, and is forgotten where
 * somebody wants it so.
 */
export class ReferenceLevel {
  #level: number | undefined;

  /** Takes the level of the last half minute, of which `elapsedMs` are new; undefined where it is not known. */
  follow(level: number | undefined, elapsedMs: number): void {
    if (level === undefined) return;
    if (this.#level === undefined || level >= this.#level) this.#level = level;
    else this.#level += (level - this.#level) * (1 - Math.exp(-elapsedMs / forgetMs));
  }

  /** By how many per cent `value` is below what is usual, at least 0; undefined where one of them is not known. */
  loss(value: number | undefined): number | undefined {
    if (value === undefined || this.#level === undefined) return undefined;
    return Math.max(0, 100 - (value / this.#level) * 100);
  }
}
