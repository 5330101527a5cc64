import { describe, expect, test } from "bun:test";
import { expose, type MetricFamily } from "../../src/base/exposition.ts";
import { silentLogger } from "../../src/base/log.ts";
import { MetricsRegistry } from "../../src/base/metrics.ts";
import { deliveryMetrics, dispatchMetrics } from "../../src/hooks/hook-metrics.ts";
import { parseExposition, valueIn } from "../base/exposition.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { classes, hook, report } from "./sample-report.ts";

/** As Prometheus gets it. */
const scrape = async (...families: readonly MetricFamily[][]) => {
  const registry = new MetricsRegistry({ clock: new FakeClock(), log: silentLogger });
  for (const each of families) registry.collect(() => each);
  return parseExposition(await registry.scrape());
};

describe("the numbers of hooks", () => {
  test("tell of scripts that were stopped, and of no webhook under that name", async () => {
    const read = await scrape(deliveryMetrics(report([hook(), hook({ id: "s", type: "shell" })])));
    const name = "rtmp_hook_script_killed_total";
    expect(valueIn(read, name, { hook: "s", reason: "timeout" })).toBe(2);
    expect(valueIn(read, name, { hook: "a", reason: "timeout" })).toBeUndefined();
  });

  test("are what Prometheus can read, each under its name and labels", async () => {
    const read = await scrape(deliveryMetrics(report([hook()])));
    const rows: [string, Record<string, string>, number][] = [
      [
        "rtmp_hook_executions_total",
        { hook_type: "webhook", event_type: "publish_start", status: "success" },
        9,
      ],
      [
        "rtmp_hook_executions_total",
        { hook_type: "webhook", event_type: "publish_start", status: "failure" },
        2,
      ],
      [
        "rtmp_hook_execution_duration_seconds_count",
        { hook_type: "webhook", event_type: "publish_start" },
        11,
      ],
      [
        "rtmp_hook_execution_duration_seconds_sum",
        { hook_type: "webhook", event_type: "publish_start" },
        0.5,
      ],
      ["rtmp_hook_queue_depth", { hook: "a" }, 4],
      ["rtmp_hook_queue_oldest_seconds", { hook: "a" }, 1.5],
      ["rtmp_hook_inflight", { hook: "a" }, 2],
      ["rtmp_hook_attempts_total", { hook: "a", outcome: "success" }, 10],
      ["rtmp_hook_attempts_total", { hook: "a", outcome: "failure" }, 3],
      ["rtmp_hook_retries_total", { hook: "a" }, 5],
      ["rtmp_hook_token_refresh_total", { status: "success" }, 5],
      ["rtmp_hook_token_refresh_total", { status: "failure" }, 4],
      ["rtmp_hook_dead_letters_total", { hook: "a", reason: "exhausted" }, 1],
      ["rtmp_hook_dead_letters_total", { hook: "a", reason: "overflow" }, 2],
      ["rtmp_hook_breaker_state", { hook: "a" }, 2],
      ["rtmp_hook_dropped_total", { hook: "a", class: "telemetry", reason: "queue_full" }, 6],
      ["rtmp_hook_dropped_total", { hook: "a", class: "other", reason: "queue_full" }, 7],
      ["rtmp_hook_delivery_latency_seconds_count", { hook: "a" }, 10],
      ["rtmp_hook_delivery_latency_seconds_bucket", { hook: "a", le: "0.025" }, 0],
      ["rtmp_hook_delivery_latency_seconds_bucket", { hook: "a", le: "0.05" }, 10],
      ["rtmp_hook_dlq_size", {}, 9],
      ["rtmp_hook_store_bytes", {}, 4_096],
      ["rtmp_hook_store_pending", {}, 8],
      ["rtmp_hook_store_overflowed_total", {}, 3],
      ["rtmp_hook_store_commit_seconds", {}, 0.25],
      ["rtmp_hook_store_errors_total", {}, 1],
      ["rtmp_hook_emit_to_commit_seconds_count", {}, 8],
      ["rtmp_hook_emit_to_commit_seconds_sum", {}, 21],
    ];
    for (const [name, labels, value] of rows)
      expect([name, labels, valueIn(read, name, labels)]).toEqual([name, labels, value]);
  });

  test("of hooks of one kind are added up by type of event, and kinds are kept apart", async () => {
    const slow = { done: 1, failed: 0, durations: classes(12, 1), seconds: 40 };
    const read = await scrape(
      deliveryMetrics(
        report([
          hook(),
          hook({ id: "b", byType: { publish_start: slow, publish_stop: slow } }),
          hook({ id: "c", type: "shell", byType: { publish_start: slow } }),
        ]),
      ),
    );
    const executions = (hook_type: string, event_type: string): number | undefined =>
      valueIn(read, "rtmp_hook_executions_total", { hook_type, event_type, status: "success" });
    expect([
      executions("webhook", "publish_start"),
      executions("webhook", "publish_stop"),
      executions("shell", "publish_start"),
    ]).toEqual([10, 1, 1]);
    const labels = { hook_type: "webhook", event_type: "publish_start" };
    const name = "rtmp_hook_execution_duration_seconds";
    expect([
      valueIn(read, `${name}_bucket`, { ...labels, le: "30" }),
      valueIn(read, `${name}_count`, labels),
      valueIn(read, `${name}_sum`, labels),
    ]).toEqual([11, 12, 40.5]);
  });

  test.each([
    { breaker: "closed", value: 0 },
    { breaker: "half-open", value: 1 },
    { breaker: "open", value: 2 },
  ] as const)("say $value for a breaker that is $breaker", async ({ breaker, value }) => {
    const read = await scrape(deliveryMetrics(report([hook({ breaker })])));
    expect(valueIn(read, "rtmp_hook_breaker_state", { hook: "a" })).toBe(value);
  });

  test("name no store where there is none, and are empty families where there is no hook", async () => {
    const read = await scrape(deliveryMetrics(report([], { store: undefined })));
    expect([...read.keys()].filter((name) => name.includes("store"))).toEqual([]);
    expect(read.get("rtmp_hook_queue_depth")?.samples ?? []).toEqual([]);
  });

  test("of a thousand hooks, some with odd names, are whole", async () => {
    const hooks = Array.from({ length: 1_000 }, (_, index) => hook({ id: `"hook"\n\\ ${index}` }));
    const read = await scrape(deliveryMetrics(report(hooks)));
    expect(read.get("rtmp_hook_queue_depth")?.samples.length).toBe(1_000);
    expect(
      valueIn(read, "rtmp_hook_executions_total", {
        hook_type: "webhook",
        event_type: "publish_start",
        status: "success",
      }),
    ).toBe(9_000);
  });

  test("show nothing of errors, streams or addresses", () => {
    const text = expose(deliveryMetrics(report([hook()])));
    expect(text).not.toContain("secret");
    expect(text).not.toContain("192.0.2.7");
  });
});

describe("the numbers of events", () => {
  const counts = {
    generated: new Map([["publish_start", 3]]),
    filtered: new Map([["min_severity below_minimum", 2]]),
    lastEventTime: 5,
  };

  test("tell what was raised, kept from hooks, and not taken, beside what hooks lost themselves", async () => {
    const read = await scrape(
      dispatchMetrics(counts, { telemetry: 4, other: 1 }),
      deliveryMetrics(report([hook()])),
    );
    const rows: [string, Record<string, string>, number][] = [
      ["rtmp_events_generated_total", { event_type: "publish_start" }, 3],
      ["rtmp_events_filtered_total", { filter_type: "min_severity", reason: "below_minimum" }, 2],
      ["rtmp_hook_dropped_total", { class: "telemetry", reason: "not_taken" }, 4],
      ["rtmp_hook_dropped_total", { class: "other", reason: "not_taken" }, 1],
      ["rtmp_hook_dropped_total", { hook: "a", class: "other", reason: "queue_full" }, 7],
    ];
    for (const [name, labels, value] of rows)
      expect([name, labels, valueIn(read, name, labels)]).toEqual([name, labels, value]);
  });
});
