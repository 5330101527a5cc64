import type { Labels, MetricFamily } from "../base/exposition.ts";
import { counter, type Entry, gauge, histogram } from "../base/metric-family.ts";
import { secondsBounds } from "../base/metrics.ts";
import { durationBounds, type HookReport } from "./delivery/hook-report.ts";
import type { DispatchCounts } from "./dispatcher.ts";
import type { HookReloads } from "./hooks.ts";
import type { DeliveryReport } from "./messages.ts";

const droppedName = "rtmp_hook_dropped_total";
const droppedHelp = "Events that were lost because too many waited, by class";

const breakerNumber = { closed: 0, "half-open": 1, open: 2 } as const;

/** One entry for each hook. */
const perHook = (hooks: readonly HookReport[], read: (hook: HookReport) => number): Entry[] =>
  hooks.map((hook) => [{ hook: hook.id }, read(hook)]);

/** Series of one kind of hook together, by type of event: that is what dashboards know them by. */
const byKind = (
  hooks: readonly Pick<HookReport, "type" | "byType">[],
): Map<string, { labels: Labels; done: number; failed: number; seconds: number; counts: number[] }> => {
  const merged = new Map<
    string,
    { labels: Labels; done: number; failed: number; seconds: number; counts: number[] }
  >();
  for (const { type, byType } of hooks) {
    for (const [eventType, { done, failed, seconds, durations }] of Object.entries(byType)) {
      const key = `${type} ${eventType}`;
      const known = merged.get(key) ?? {
        labels: { hook_type: type, event_type: eventType },
        done: 0,
        failed: 0,
        seconds: 0,
        counts: durations.map(() => 0),
      };
      known.done += done;
      known.failed += failed;
      known.seconds += seconds;
      known.counts = known.counts.map((count, index) => count + (durations[index] ?? 0));
      merged.set(key, known);
    }
  }
  return merged;
};

/**
 * What is counted where events are raised: how many there were, those that filters kept from hooks, and those `dropped` because the thread
 * that delivers did not take them.
 */
export const dispatchMetrics = (
  { generated, filtered }: DispatchCounts,
  dropped: { readonly telemetry: number; readonly other: number } = { telemetry: 0, other: 0 },
): MetricFamily[] => [
  counter(
    "rtmp_events_generated_total",
    "Events raised, by type",
    [...generated].map(([event_type, value]) => [{ event_type }, value]),
  ),
  counter(
    "rtmp_events_filtered_total",
    "Events that a filter kept from a hook, by filter and reason",
    [...filtered].map(([key, value]) => {
      const [filter_type = "", reason = ""] = key.split(" ");
      return [{ filter_type, reason }, value];
    }),
  ),
  // Told without the thread that delivers: it is the one that does not keep up.
  counter(droppedName, droppedHelp, [
    [{ class: "telemetry", reason: "not_taken" }, dropped.telemetry],
    [{ class: "other", reason: "not_taken" }, dropped.other],
  ]),
];

/** What became of the hooks file. */
export const reloadMetrics = ({ done, rejected, lastAt }: HookReloads): MetricFamily[] => [
  counter("rtmp_hook_config_reloads_total", "Times the hooks file was read again, by outcome", [
    [{ status: "success" }, done],
    [{ status: "failure" }, rejected],
  ]),
  gauge(
    "rtmp_hook_config_last_success_timestamp_seconds",
    "When the hooks in force were read, as Unix time",
    [[{}, Math.round(lastAt) / 1000]],
  ),
];

/** What the delivery of events counts, under the names that dashboards for hooks know. No label holds a stream, a URL or an address. */
export const deliveryMetrics = ({
  engine: { hooks },
  past = [],
  store,
  tokens,
}: DeliveryReport): MetricFamily[] => {
  const kinds = [...byKind([...hooks, ...past]).values()];
  const status = (labels: Labels, word: string): Labels => ({ ...labels, status: word });
  return [
    counter(
      "rtmp_hook_executions_total",
      "Executions of hooks, by kind, type of event and outcome",
      kinds.flatMap(({ labels, done, failed }): Entry[] => [
        [status(labels, "success"), done],
        [status(labels, "failure"), failed],
      ]),
    ),
    histogram(
      "rtmp_hook_execution_duration_seconds",
      "How long executions of hooks took",
      kinds.map(({ labels, counts, seconds }) => ({ labels, bounds: durationBounds, counts, sum: seconds })),
    ),
    gauge(
      "rtmp_hook_queue_depth",
      "Deliveries that wait in memory",
      perHook(hooks, ({ waiting }) => waiting),
    ),
    gauge(
      "rtmp_hook_queue_oldest_seconds",
      "How long the first delivery in the queue has been waiting",
      perHook(hooks, ({ oldestMs }) => oldestMs / 1000),
    ),
    gauge(
      "rtmp_hook_inflight",
      "Executions under way",
      perHook(hooks, ({ running }) => running),
    ),
    counter(
      "rtmp_hook_attempts_total",
      "Attempts at delivery, by outcome",
      hooks.flatMap(({ id, delivered, failed }): Entry[] => [
        [{ hook: id, outcome: "success" }, delivered],
        [{ hook: id, outcome: "failure" }, failed],
      ]),
    ),
    counter(
      "rtmp_hook_retries_total",
      "Attempts after the first one",
      perHook(hooks, ({ retries }) => retries),
    ),
    counter(
      "rtmp_hook_script_killed_total",
      "Scripts that were stopped, because they took too long",
      hooks
        .filter(({ type }) => type === "shell")
        .map(({ id, timeouts }): Entry => [{ hook: id, reason: "timeout" }, timeouts]),
    ),
    counter("rtmp_hook_token_refresh_total", "Tokens of OAuth 2 that were asked for, by outcome", [
      [{ status: "success" }, tokens.done],
      [{ status: "failure" }, tokens.failed],
    ]),
    counter(
      "rtmp_hook_dead_letters_total",
      "Deliveries that were given up, by reason",
      hooks.flatMap(({ id, dead }) =>
        Object.entries(dead).map(([reason, value]): Entry => [{ hook: id, reason }, value]),
      ),
    ),
    gauge(
      "rtmp_hook_breaker_state",
      "0 closed, 1 half open, 2 open: the receiver fails and is asked now and then only",
      perHook(hooks, ({ breaker }) => breakerNumber[breaker]),
    ),
    counter(
      droppedName,
      droppedHelp,
      hooks.flatMap(({ id, dropped }): Entry[] => [
        [{ hook: id, class: "telemetry", reason: "queue_full" }, dropped.telemetry],
        [{ hook: id, class: "other", reason: "queue_full" }, dropped.other],
      ]),
    ),
    histogram(
      "rtmp_hook_delivery_latency_seconds",
      "From an event to its delivery",
      hooks.map(({ id, latencies, latencySeconds }) => ({
        labels: { hook: id },
        bounds: durationBounds,
        counts: latencies,
        sum: latencySeconds,
      })),
    ),
    ...(store
      ? [
          gauge("rtmp_hook_dlq_size", "Dead letters in the store", [[{}, store.deadLetters]]),
          gauge("rtmp_hook_store_bytes", "Size of the store", [[{}, store.bytes]]),
          gauge("rtmp_hook_store_pending", "Deliveries that wait in the store", [[{}, store.pending]]),
          counter(
            "rtmp_hook_store_overflowed_total",
            "Deliveries that became dead letters at once, because the store was full",
            [[{}, store.overflowed]],
          ),
          gauge("rtmp_hook_store_commit_seconds", "Longest commit of the last minute", [
            [{}, store.commitMs / 1000],
          ]),
          histogram("rtmp_hook_emit_to_commit_seconds", "From an event to its commit", [
            { labels: {}, bounds: secondsBounds, ...store.emitToCommit },
          ]),
          counter("rtmp_hook_store_errors_total", "Faults of the store's disk", [[{}, store.errors]]),
        ]
      : []),
  ];
};
