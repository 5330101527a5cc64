import type { MetricFamily } from "../../base/exposition.ts";
import { counter, type Entry, gauge } from "../../base/metric-family.ts";

/** A bound of the configuration. */
export interface LimitState {
  /** Such as `connections` or `publishers`. */
  readonly limit: string;
  /** 0 for none. */
  readonly configured: number;
  /** How much of it is used now; undefined where that is no one number, as of a bound for each address. */
  readonly used?: number | undefined;
  /** How often somebody was refused because of it. */
  readonly refused: number;
}

/** Metrics of limits. */
export const limitMetrics = (limits: readonly LimitState[]): MetricFamily[] => [
  gauge(
    "rtmp_limit",
    "Limits as they are configured; 0 for none",
    limits.map(({ limit, configured }): Entry => [{ limit }, configured]),
  ),
  gauge(
    "rtmp_limit_used",
    "How much of a limit is used",
    limits.flatMap(({ limit, used }): Entry[] => (used === undefined ? [] : [[{ limit }, used]])),
  ),
  counter(
    "rtmp_limit_refusals_total",
    "Times that somebody was refused because of a limit",
    limits.map(({ limit, refused }): Entry => [{ limit }, refused]),
  ),
];
