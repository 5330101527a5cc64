import { describe, expect, test } from "bun:test";
import { AccessCounts } from "../../../src/access/access-counts.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { MetricsRegistry } from "../../../src/base/metrics.ts";
import { ServerMetrics, type ServerMetricsPorts } from "../../../src/http/collectors/server-metrics.ts";
import { DeliveryDelay } from "../../../src/stream/delivery-delay.ts";
import { DropTally } from "../../../src/stream/drop-tally.ts";
import { parseExposition, valueIn } from "../../base/exposition.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { House, opening, send, Viewer } from "../../stream/house.ts";

const metricsOf = (ports: Partial<ServerMetricsPorts> = {}) => {
  const house = new House();
  const metrics = new ServerMetrics({
    clock: house.clock,
    streams: () => house.registry.streams,
    delivery: { delay: new DeliveryDelay(), tally: new DropTally() },
    connections: () => [{ protocol: "rtmp", connections: [{ state: "publish" }] }],
    ...ports,
  });
  house.hub.listen(metrics.take);
  const registry = new MetricsRegistry({ clock: new FakeClock(), log: silentLogger });
  for (const collector of metrics.collectors) registry.collect(collector);
  return { house, metrics, read: async () => parseExposition(await registry.scrape()) };
};

describe("the metrics of a server", () => {
  test("show a publish and a play, and that they ended", async () => {
    const { house, read, metrics } = metricsOf();
    const publication = house.publish();
    const viewer = new Viewer();
    house.registry.subscribe(house.path, viewer);
    send(publication, ...opening());
    house.clock.advance(2_000);
    const during = await read();
    expect(valueIn(during, "rtmp_stream_readers", { path: "live/a" })).toBe(1);
    expect(valueIn(during, "rtmp_publishes_started_total")).toBe(1);
    expect(valueIn(during, "rtmp_connections", { protocol: "rtmp", state: "publish" })).toBe(1);
    house.registry.find(house.path)?.unsubscribe(viewer);
    publication.end("client_stop");
    const after = await read();
    expect(after.has("rtmp_stream_readers")).toBe(false);
    expect(valueIn(after, "rtmp_publishes_ended_total", { reason: "client_stop" })).toBe(1);
    const timers = house.clock.timers;
    metrics.close();
    expect(house.clock.timers).toBe(timers - 1);
  });

  test("have nothing of what there is not", async () => {
    const names = [...(await metricsOf().read()).keys()];
    expect(names.filter((name) => /config|access|limit|disk|relay|upload/.test(name))).toEqual([]);
  });

  test("show what there is", async () => {
    const { read } = metricsOf({
      forwards: () => [{ target: "a", state: "error" }],
      config: () => ({ done: 0, rejected: 1, lastAt: 0, isLastDone: false }),
      access: () => new AccessCounts().families(),
      limits: () => [{ limit: "publishers", configured: 3, refused: 0 }],
      directories: () => ["/"],
      uploads: () => ({ waiting: 1, done: 2, failed: 3 }),
    });
    const names = [...(await read()).keys()];
    expect(names).toEqual(
      expect.arrayContaining([
        "rtmp_relay_streams",
        "rtmp_config_reloads_total",
        "rtmp_access_decisions_total",
        "rtmp_limit",
        "rtmp_disk_free_bytes",
        "rtmp_recording_uploads_waiting",
      ]),
    );
  });

  test("go on where a part of them fails", async () => {
    const { read } = metricsOf({
      limits: () => {
        throw new Error("no limits today");
      },
    });
    const page = await read();
    expect(valueIn(page, "rtmp_metrics_collector_failures_total")).toBe(1);
    expect(page.has("rtmp_connections")).toBe(true);
  });
});
