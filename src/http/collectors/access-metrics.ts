import type { MetricFamily } from "../../base/exposition.ts";
import { counter, type Entry } from "../../base/metric-family.ts";
import type { AccessAction, Admission } from "../../stream/admission.ts";

/** What was decided: the reason of a refusal, in the words of `Admission`. */
export type AccessResult = "allowed" | Extract<Admission, { isAllowed: false }>["reason"];

/** How often it was decided so. */
export interface AccessCount {
  readonly action: AccessAction;
  readonly result: AccessResult;
  readonly count: number;
}

const actions: readonly AccessAction[] = ["publish", "read", "playback", "api", "metrics", "pprof"];
const results: readonly AccessResult[] = ["allowed", "missing", "denied", "unavailable"];

/**
 * Metrics of decisions about access. What was never decided shows as zero, so that the first time is seen as an increase; of one
 * action and result there may be several counts, which are added.
 */
export const accessMetrics = (counts: Iterable<AccessCount>): MetricFamily[] => {
  const sums = new Map<string, number>();
  for (const { action, result, count } of counts) {
    const key = `${action} ${result}`;
    sums.set(key, (sums.get(key) ?? 0) + count);
  }
  const entries = actions.flatMap((action) =>
    results.map((result): Entry => [{ action, result }, sums.get(`${action} ${result}`) ?? 0]),
  );
  return [
    counter(
      "rtmp_access_decisions_total",
      "Decisions about access, by action and result; unavailable: whoever decides does not answer",
      entries,
    ),
  ];
};
