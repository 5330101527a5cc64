import { expect, test } from "bun:test";
import { silentLogger } from "../../src/base/log.ts";
import { MetricsRegistry } from "../../src/base/metrics.ts";
import { systemClock } from "../../src/base/time.ts";
import { metricsResource } from "../../src/http/metrics.ts";
import { parseExposition, valueIn } from "../base/exposition.ts";
import { Serving } from "./serving.ts";

test("/metrics gives what was counted until now, in the format Prometheus asks for", async () => {
  const registry = new MetricsRegistry({ clock: systemClock, log: silentLogger });
  const counter = registry.counter({ name: "events_total", help: "Events", labels: ["type"] });
  const hostile = '"}\n# TYPE evil counter\nevil 1\n\\';
  counter.with({ type: hostile }).increment();
  await using serving = new Serving([metricsResource(registry)]);
  for (const expected of [1, 2]) {
    const response = await serving.get("/metrics");
    expect([response.status, response.headers.get("Content-Type")]).toEqual([
      200,
      "text/plain; version=0.0.4; charset=utf-8",
    ]);
    const read = parseExposition(await response.text());
    expect(valueIn(read, "events_total", { type: hostile })).toBe(expected);
    expect(read.has("evil")).toBe(false);
    counter.with({ type: hostile }).increment();
  }
});
