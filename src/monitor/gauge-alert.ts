import { Alert, type AlertChange, type AlertRule } from "./alert.ts";
import { MovingAverage } from "./moving-average.ts";

/** Samples are smoothed over this time, in milliseconds. */
const smoothingMs = 10_000;

const common = { raiseAfter: 3, clearAfter: 30, cooldownMs: 60_000 };

/** The rule of a percentage: cleared 10 points below the threshold (a low one at half of it), critical half way between it and 100. */
export const percentRule = (threshold: number): AlertRule => ({
  ...common,
  threshold,
  criticalAt: (threshold + 100) / 2,
  clearAt: Math.max(threshold - 10, threshold / 2),
});

/** The rule of what has no upper end: cleared a tenth below the threshold, critical at twice. */
export const amountRule = (threshold: number): AlertRule => ({
  ...common,
  threshold,
  criticalAt: 2 * threshold,
  clearAt: 0.9 * threshold,
});

/** The change of an alert, with the smoothed value that led to it. */
export interface GaugeChange extends AlertChange {
  readonly value: number;
  readonly threshold: number;
}

/** An alert on the smoothed samples of something that is measured once a second. */
export class GaugeAlert {
  readonly #average = new MovingAverage(smoothingMs);
  readonly #alert: Alert;

  constructor(rule: AlertRule) {
    this.#alert = new Alert(rule);
  }

  /** Takes a sample at `now`, in milliseconds; undefined where it could not be measured. */
  update(sample: number | undefined, now: number): GaugeChange | undefined {
    if (sample === undefined) return undefined;
    const value = this.#average.take(sample, now);
    const change = this.#alert.update(value, now);
    return change && { ...change, value, threshold: this.#alert.rule.threshold };
  }
}
