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

/** Metrics of decisions about access. */
export const accessMetrics = (counts: Iterable<AccessCount>): MetricFamily[] => [
  counter(
    "rtmp_access_decisions_total",
    "Decisions about access, by action and result; unavailable: whoever decides does not answer",
    [...counts].map(({ action, result, count }): Entry => [{ action, result }, count]),
  ),
];
