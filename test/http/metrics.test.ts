import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../src/base/log.ts";
import { MetricsRegistry } from "../../src/base/metrics.ts";
import { systemClock } from "../../src/base/time.ts";
import { type MetricsBlocks, metricsResource } from "../../src/http/metrics.ts";
import { parseMtxFilter } from "../../src/http/mtx/filter.ts";
import { mtxMetrics } from "../../src/http/mtx/mtx-metrics.ts";
import { parseExposition, parsePage, valueIn } from "../base/exposition.ts";
import { fullRegistry } from "./every-metric.ts";
import { busy, idle } from "./mtx/sample-state.ts";
import { Serving } from "./serving.ts";

test("/metrics gives what was counted until now, in the format Prometheus asks for", async () => {
  const registry = new MetricsRegistry({ clock: systemClock, log: silentLogger });
  const counter = registry.counter({ name: "events_total", help: "Events", labels: ["type"] });
  const hostile = '"}\n# TYPE evil counter\nevil 1\n\\';
  counter.with({ type: hostile }).increment();
  await using serving = new Serving([metricsResource({ own: registry })]);
  for (const expected of [1, 2]) {
    const response = await serving.get("/metrics");
    expect([response.status, response.headers.get("Content-Type")]).toEqual([
      200,
      "text/plain; charset=utf-8",
    ]);
    const read = parseExposition(await response.text());
    expect(valueIn(read, "events_total", { type: hostile })).toBe(expected);
    expect(read.has("evil")).toBe(false);
    counter.with({ type: hostile }).increment();
  }
});

describe("/metrics with MediaMTX's blocks", () => {
  const pageOf = async (query: string, state = busy): Promise<[string | null, string]> => {
    const registry = new MetricsRegistry({ clock: systemClock, log: silentLogger });
    registry.counter({ name: "own_total", help: "Ours" }).with({}).increment();
    const blocks = (asked: URLSearchParams): MetricsBlocks => {
      const filter = parseMtxFilter(asked);
      return { text: mtxMetrics(state, filter), isFiltered: filter.isActive };
    };
    await using serving = new Serving([metricsResource({ own: registry, blocks })]);
    const response = await serving.get(`/metrics${query}`);
    expect(response.status).toBe(200);
    return [response.headers.get("Content-Type"), await response.text()];
  };

  test("begins with them, and goes on with our own", async () => {
    for (const state of [busy, idle]) {
      const [type, text] = await pageOf("?unknown=1", state);
      const page = parsePage(text);
      expect(type).toBe("text/plain; charset=utf-8");
      expect(page.blocks[0]?.title).toBe("Paths");
      expect(valueIn(page.families, "own_total")).toBe(1);
    }
  });

  test("goes together with every metric there is", async () => {
    for (const state of [idle, busy]) {
      const blocks = (): MetricsBlocks => ({
        text: mtxMetrics(state, parseMtxFilter(new URLSearchParams())),
        isFiltered: false,
      });
      await using serving = new Serving([metricsResource({ own: fullRegistry(), blocks })]);
      const page = parsePage(await (await serving.get("/metrics")).text());
      expect(page.families.size).toBeGreaterThan(70);
      expect(page.blocks.length).toBeGreaterThan(3);
      expect(valueIn(page.families, "rtmp_metrics_collector_failures_total")).toBe(0);
    }
  });

  test("shows what a filter asks for, and nothing of our own", async () => {
    const [, text] = await pageOf("?path=live%2Fa");
    const page = parsePage(text);
    expect(page.blocks.map(({ title }) => title)).toEqual([
      "Paths",
      "Paths (deprecated)",
      "Forward destinations",
    ]);
    expect(page.families.size).toBe(0);
  });

  test("is empty, and of no type, where the type that is asked for is unknown", async () => {
    expect(await pageOf("?type=nonsense")).toEqual([null, ""]);
  });
});
