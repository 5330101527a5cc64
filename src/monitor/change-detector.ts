import { SlidingMedian } from "./sliding-median.ts";

/** Means that the baseline is the median of: one a second, so these are seconds. */
const baselineMeans = 30;

/** Fewer means than this are no baseline. */
const leastMeans = 10;

/** Means in a row that have to differ. */
const confirmations = 3;

/** After a change, no other is told for this long, in milliseconds. */
const cooldownMs = 10_000;

/** At its beginning a publish finds its level: nothing is told for this long, in milliseconds. */
const warmUpMs = 20_000;

/** What counts as a change. */
export interface ChangeRule {
  /** In per cent of the baseline. After a change, a difference of less than half of it arms the detector again. */
  readonly thresholdPercent: number;
  /** Whether more is a change too, or only less. */
  readonly direction: "both" | "down";
}

/** A level that was left, and the one that was found. */
export interface Change {
  readonly previous: number;
  readonly current: number;
}

/**
 * Compares each window's mean with the median of those of the last half minute. A single burst or dip moves a few means for a
 * moment, never the median; a change is one that lasts.
 *
 *   armed --(3 means in a row differ by the threshold)--> told: baseline starts anew --(10 s, difference < threshold/2)--> armed
 */
export class ChangeDetector {
  readonly #rule: ChangeRule;
  readonly #means = new SlidingMedian(baselineMeans);
  #differing = 0;
  #isArmed = true;
  /** Nothing is told before; undefined until the first mean. */
  #quietUntil: number | undefined;

  constructor(rule: ChangeRule) {
    this.#rule = rule;
  }

  /** The level that means are compared with; undefined as long as it is not known well enough. */
  get baseline(): number | undefined {
    return this.#means.count < leastMeans ? undefined : this.#means.median;
  }

  /** The publish has begun: its warm-up is from `now` on. */
  begin(now: number): void {
    this.#quietUntil ??= now + warmUpMs;
  }

  /** Takes the mean of the window that ends at `now`, positive, about once a second. */
  evaluate(mean: number, now: number): Change | undefined {
    this.begin(now);
    const baseline = this.baseline;
    const change = baseline === undefined ? undefined : this.#compare(mean, baseline);
    const isQuiet = now < (this.#quietUntil ?? now);
    if (!change || isQuiet || this.#differing < confirmations || !this.#isArmed) {
      this.#means.push(mean);
      return undefined;
    }
    this.#means.clear();
    this.#differing = 0;
    this.#isArmed = false;
    this.#quietUntil = now + cooldownMs;
    return change;
  }

  /** Means before and after this do not follow each other: they are not counted in one row. The baseline stays. */
  interrupt(): void {
    this.#differing = 0;
  }

  #compare(mean: number, baseline: number): Change {
    const { thresholdPercent, direction } = this.#rule;
    // In hundredths of the baseline, so that a change of exactly the threshold is one.
    const rise = (mean - baseline) * 100;
    const threshold = thresholdPercent * baseline;
    if (Math.abs(rise) < threshold / 2) this.#isArmed = true;
    const differs = (direction === "both" ? Math.abs(rise) : -rise) >= threshold;
    this.#differing = differs ? this.#differing + 1 : 0;
    return { previous: baseline, current: mean };
  }
}
