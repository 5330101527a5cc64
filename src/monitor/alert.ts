import type { AlertSeverity, AlertState } from "../stream/monitor-event.ts";

/** The time between two evaluations, in milliseconds. */
export const evaluationMs = 1_000;

/** When an alert is raised and when it is cleared. Values, thresholds and bounds have the same unit. */
export interface AlertRule {
  /** From here on a value is over. */
  readonly threshold: number;
  /** From here on it is critical. */
  readonly criticalAt: number;
  /** Down to here a value is good again. */
  readonly clearAt: number;
  /** Evaluations in a row that have to be over, or good, before it changes. */
  readonly raiseAfter: number;
  readonly clearAfter: number;
  /** The least time between two raises, in milliseconds. */
  readonly cooldownMs: number;
}

/** An alert changes. */
export interface AlertChange {
  readonly state: AlertState;
  readonly severity: AlertSeverity;
  /** How long values have been over, in milliseconds. */
  readonly durationMs: number;
}

/**
 * One alert with its hysteresis:
 *
 *   calm --(raiseAfter values over in a row, cooldown over)--> raised --(clearAfter good values in a row)--> calm
 *
 * It is raised once. What was raised as a warning is raised once more if it becomes critical.
 */
export class Alert {
  readonly rule: AlertRule;
  #severity: "warning" | "critical" | undefined;
  /** Values in a row that lead to the next state. */
  #streak = 0;
  #criticalStreak = 0;
  /** Evaluations since values are over. */
  #over = 0;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(rule: AlertRule) {
    this.rule = rule;
  }

  /** Whether it is raised. */
  get isRaised(): boolean {
    return this.#severity !== undefined;
  }

  /** Takes the value of this evaluation; `now` is in milliseconds. */
  update(value: number, now: number): AlertChange | undefined {
    const { criticalAt } = this.rule;
    this.#criticalStreak = value >= criticalAt ? this.#criticalStreak + 1 : 0;
    return this.#severity === undefined ? this.#watch(value, now) : this.#follow(value, now);
  }

  #watch(value: number, now: number): AlertChange | undefined {
    this.#streak = value >= this.rule.threshold ? this.#streak + 1 : 0;
    this.#over = this.#streak;
    if (this.#streak < this.rule.raiseAfter || now < this.#quietUntil) return undefined;
    return this.#raise(value >= this.rule.criticalAt ? "critical" : "warning", now);
  }

  #follow(value: number, now: number): AlertChange | undefined {
    this.#over++;
    this.#streak = value <= this.rule.clearAt ? this.#streak + 1 : 0;
    if (this.#streak >= this.rule.clearAfter) {
      this.#severity = undefined;
      this.#streak = 0;
      const durationMs = (this.#over - this.rule.clearAfter) * evaluationMs;
      return { state: "cleared", severity: "info", durationMs };
    }
    const hasWorsened = this.#severity === "warning" && this.#criticalStreak >= this.rule.raiseAfter;
    return hasWorsened && now >= this.#quietUntil ? this.#raise("critical", now) : undefined;
  }

  #raise(severity: "warning" | "critical", now: number): AlertChange {
    this.#severity = severity;
    this.#streak = 0;
    this.#quietUntil = now + this.rule.cooldownMs;
    return { state: "raised", severity, durationMs: this.#over * evaluationMs };
  }
}
