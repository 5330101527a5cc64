import type { MetricFamily } from "../../base/exposition.ts";
import { counter, gauge } from "../../base/metric-family.ts";

/** What became of the configuration. */
export interface ConfigReloads {
  /** Changes that took effect, after the start, from the file or from the API. */
  readonly done: number;
  /** Changes that were refused whole. */
  readonly rejected: number;
  /** When the configuration in force took effect, in Unix milliseconds. */
  readonly lastAt: number;
  /** The last change took effect. True before there was one. */
  readonly isLastDone: boolean;
}

/** Metrics of the configuration. */
export const configMetrics = ({ done, rejected, lastAt, isLastDone }: ConfigReloads): MetricFamily[] => [
  counter("rtmp_config_reloads_total", "Changes of the configuration, by outcome", [
    [{ status: "success" }, done],
    [{ status: "failure" }, rejected],
  ]),
  gauge("rtmp_config_last_reload_successful", "1 where the last change of the configuration took effect", [
    [{}, isLastDone ? 1 : 0],
  ]),
  gauge(
    "rtmp_config_last_success_timestamp_seconds",
    "When the configuration in force took effect, as Unix time",
    [[{}, lastAt / 1_000]],
  ),
];
