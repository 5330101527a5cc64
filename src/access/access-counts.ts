import type { MetricFamily } from "../base/exposition.ts";
import { counter, type Entry, histogram } from "../base/metric-family.ts";
import { Counter, Histogram, secondsBounds } from "../base/metrics.ts";
import type { AccessAction, Admission } from "../stream/admission.ts";
import type { Refusal } from "./answer.ts";

/** What became of a decision. */
type AccessResult = "allowed" | Refusal["reason"];

const actions: readonly AccessAction[] = ["publish", "read", "playback", "api", "metrics", "pprof"];
const results: readonly AccessResult[] = ["allowed", "missing", "denied", "unavailable"];

/** The result that an answer stands for. */
export const resultOf = (answer: Admission): AccessResult => (answer.isAllowed ? "allowed" : answer.reason);

const keyOf = (action: AccessAction, result: AccessResult): string => `${action} ${result}`;

/** Counts decisions, for metrics. */
export class AccessCounts {
  readonly #decisions = new Map<string, number>();
  readonly #hits = new Counter();
  readonly #seconds = new Histogram(secondsBounds);

  /** A decision was made. */
  decided(action: AccessAction, result: AccessResult): void {
    this.#decisions.set(keyOf(action, result), this.decisions(action, result) + 1);
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
    return this.#decisions.get(keyOf(action, result)) ?? 0;
  }

  /** How many decisions needed no question of their own. */
  get hits(): number {
    return this.#hits.value;
  }

  /** All counts as metrics; fit for a collector. What was never decided shows as zero, so that the first time is seen as an increase. */
  families(): MetricFamily[] {
    const { bounds, counts, sum } = this.#seconds;
    return [
      counter(
        "rtmp_access_decisions_total",
        "Decisions about access, by action and result; unavailable: whoever decides does not answer",
        actions.flatMap((action) =>
          results.map((result): Entry => [{ action, result }, this.decisions(action, result)]),
        ),
      ),
      counter(
        "rtmp_access_cache_hits_total",
        "Decisions that were answered by a recent or pending question",
        [[{}, this.hits]],
      ),
      histogram("rtmp_access_http_seconds", "How long the access server took to answer, in seconds", [
        { labels: {}, bounds, counts: [...counts], sum },
      ]),
    ];
  }
}
