import type { MetricFamily } from "../base/exposition.ts";
import { Counter, Histogram, secondsBounds } from "../base/metrics.ts";
import type { AccessAction, Admission } from "../stream/admission.ts";

/** What became of a decision. */
export type AccessResult = "allowed" | "denied" | "missing" | "unavailable";

/** The result that an answer stands for. */
export const resultOf = (answer: Admission): AccessResult => (answer.isAllowed ? "allowed" : answer.reason);

/** Counts decisions, for metrics. */
export class AccessCounts {
  readonly #decisions = new Map<string, { action: AccessAction; result: AccessResult; counter: Counter }>();
  readonly #hits = new Counter();
  readonly #seconds = new Histogram(secondsBounds);

  /** A decision was made. */
  decided(action: AccessAction, result: AccessResult): void {
    const key = `${action} ${result}`;
    const known = this.#decisions.get(key) ?? { action, result, counter: new Counter() };
    known.counter.increment();
    this.#decisions.set(key, known);
  }

  /** A decision needed no question of its own. */
  hit(): void {
    this.#hits.increment();
  }

  /** A server was asked, and this is how long it took. */
  asked(seconds: number): void {
    this.#seconds.observe(seconds);
  }

  /** How many decisions had a result. */
  decisions(action: AccessAction, result: AccessResult): number {
    return this.#decisions.get(`${action} ${result}`)?.counter.value ?? 0;
  }

  /** How many decisions needed no question of their own. */
  get hits(): number {
    return this.#hits.value;
  }

  /** Every decision that was made at least once, with how often. */
  *all(): Iterable<{ readonly action: AccessAction; readonly result: AccessResult; readonly count: number }> {
    for (const { action, result, counter } of this.#decisions.values())
      yield { action, result, count: counter.value };
  }

  /** Everything but {@link all} as metrics; fit for a collector. */
  families(): MetricFamily[] {
    const { bounds, counts, sum } = this.#seconds;
    return [
      {
        name: "rtmp_access_cache_hits_total",
        help: "Decisions that were answered by a recent or pending question to the access server",
        kind: "counter",
        samples: [{ labels: {}, value: this.#hits.value }],
      },
      {
        name: "rtmp_access_http_seconds",
        help: "How long the access server took to answer, in seconds",
        kind: "histogram",
        samples: [{ labels: {}, bounds, counts: [...counts], sum }],
      },
    ];
  }
}
