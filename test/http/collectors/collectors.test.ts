import { describe, expect, test } from "bun:test";
import { expose, type MetricFamily } from "../../../src/base/exposition.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { MetricsRegistry } from "../../../src/base/metrics.ts";
import { connectionMetrics } from "../../../src/http/collectors/connection-metrics.ts";
import { diskMetrics } from "../../../src/http/collectors/disk-metrics.ts";
import { forwardMetrics } from "../../../src/http/collectors/forward-metrics.ts";
import { limitMetrics } from "../../../src/http/collectors/limit-metrics.ts";
import { mediaDeliveryMetrics } from "../../../src/http/collectors/media-delivery-metrics.ts";
import { DeliveryDelay } from "../../../src/stream/delivery-delay.ts";
import { DropTally } from "../../../src/stream/drop-tally.ts";
import { parseExposition, valueIn } from "../../base/exposition.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { collectEverything } from "./sample-collectors.ts";

const read = (families: readonly MetricFamily[]) => parseExposition(expose(families));

test("all collectors together make a page that can be read, and none is left out of it", async () => {
  const registry = new MetricsRegistry({ clock: new FakeClock(), log: silentLogger });
  registry.collect(collectEverything);
  const page = parseExposition(await registry.scrape());
  const names = (await collectEverything()).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect([...page.keys()].sort()).toEqual([...names, "rtmp_metrics_collector_failures_total"].sort());
  expect(valueIn(page, "rtmp_config_last_success_timestamp_seconds")).toBe(3);
  expect(valueIn(page, "rtmp_config_last_reload_successful")).toBe(0);
});

describe("connections", () => {
  test("are counted by protocol and by what they do, zeros too", () => {
    const page = read(
      connectionMetrics([
        { protocol: "rtmp", connections: [{ state: "idle" }, { state: "read" }, { state: "read" }] },
        { protocol: "rtmps", connections: [] },
      ]),
    );
    const count = (protocol: string, state: string) => valueIn(page, "rtmp_connections", { protocol, state });
    expect(["idle", "publish", "read"].map((state) => count("rtmp", state))).toEqual([1, 0, 2]);
    expect(["idle", "publish", "read"].map((state) => count("rtmps", state))).toEqual([0, 0, 0]);
  });
});

describe("targets", () => {
  test("have the number of streams in each state", () => {
    const page = read(
      forwardMetrics([
        { target: "a", state: "forwarding" },
        { target: "a", state: "error" },
        { target: "b", state: "idle" },
        { target: "a", state: "forwarding" },
      ]),
    );
    const count = (target: string, state: string) => valueIn(page, "rtmp_relay_streams", { target, state });
    expect([count("a", "forwarding"), count("a", "error"), count("a", "idle"), count("b", "idle")]).toEqual([
      2, 1, 0, 1,
    ]);
  });
});

describe("limits", () => {
  test("show what is used where that is one number", () => {
    const page = read(
      limitMetrics([
        { limit: "connections", configured: 100, used: 40, refused: 3 },
        { limit: "connections_per_address", configured: 5, refused: 0 },
      ]),
    );
    expect(page.get("rtmp_limit")?.samples.map(({ value }) => value)).toEqual([100, 5]);
    expect(page.get("rtmp_limit_used")?.samples.map(({ labels }) => labels.limit)).toEqual(["connections"]);
    expect(valueIn(page, "rtmp_limit_refusals_total", { limit: "connections" })).toBe(3);
  });
});

describe("delivery", () => {
  test("has the histogram of delays, and the frames lost for each reason", () => {
    const delay = new DeliveryDelay();
    const tally = new DropTally();
    for (const seconds of [0.0001, 0.0002, 0.04, 2]) delay.histogram.observe(seconds);
    tally.note("queue_full");
    const page = read(mediaDeliveryMetrics({ delay, tally }));
    const bucket = (le: string) => valueIn(page, "rtmp_delivery_delay_seconds_bucket", { le });
    expect([bucket("0.0001"), bucket("0.00025"), bucket("0.05"), bucket("1"), bucket("+Inf")]).toEqual([
      1, 2, 3, 3, 4,
    ]);
    const reasons = page.get("rtmp_frames_dropped_total")?.samples ?? [];
    expect(Object.fromEntries(reasons.map(({ labels, value }) => [labels.reason, value]))).toEqual({
      skipped_to_key: 0,
      queue_full: 1,
      awaiting_key: 0,
      sound_too_old: 0,
    });
  });
});

describe("disks", () => {
  test("show their room, once for each directory, and nothing of one that is not there", async () => {
    const page = read(await diskMetrics(["/", "/", "/nowhere/at/all"]));
    expect(page.get("rtmp_disk_free_bytes")?.samples.map(({ labels }) => labels.directory)).toEqual(["/"]);
    const size = valueIn(page, "rtmp_disk_size_bytes", { directory: "/" })!;
    expect(size).toBeGreaterThan(0);
    expect(valueIn(page, "rtmp_disk_free_bytes", { directory: "/" })!).toBeLessThanOrEqual(size);
  });
});
