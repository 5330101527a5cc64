import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { YAML } from "bun";
import * as v from "valibot";
import dashboardFile from "../../docs/grafana-dashboard.json";
import { seriesLabels } from "./every-metric.ts";
import { parseQuery } from "./promql.ts";

const docs = join(import.meta.dir, "../../docs");

/** What Prometheus adds to every series, and has of every target. */
const ofPrometheus = { labels: ["instance", "job"], metrics: ["up"] };

/** Faults of a query: no PromQL, a metric or label that there is not. */
const faultsOf = (query: string, known: ReadonlyMap<string, readonly string[]>): string[] => {
  const { selectors, grouping } = parseQuery(query);
  const faults: string[] = [];
  const given = new Set(ofPrometheus.labels);
  for (const { metric, labels } of selectors) {
    const has = ofPrometheus.metrics.includes(metric) ? [] : known.get(metric);
    if (!has) faults.push(`${metric} is not there`);
    for (const label of has ?? []) given.add(label);
    for (const label of labels)
      if (!has?.includes(label) && !ofPrometheus.labels.includes(label))
        faults.push(`${metric} has no label ${label}`);
  }
  for (const label of grouping) if (!given.has(label)) faults.push(`nothing has the label ${label}`);
  return faults;
};

const target = v.object({
  expr: v.string(),
  refId: v.pipe(v.string(), v.regex(/^[A-Z]$/)),
  legendFormat: v.string(),
  datasource: v.object({
    type: v.literal("prometheus"),
    uid: v.pipe(v.string(), v.regex(/^\$\{DS_PROMETHEUS\}$/)),
  }),
});
const panel = v.object({
  id: v.number(),
  type: v.picklist(["row", "stat", "timeseries", "heatmap", "table"]),
  title: v.string(),
  description: v.optional(v.string()),
  gridPos: v.object({ x: v.number(), y: v.number(), w: v.number(), h: v.number() }),
  targets: v.optional(v.array(target)),
});
const variable = v.object({ name: v.string(), type: v.literal("query"), definition: v.string() });

describe("the dashboard", () => {
  const dashboard = v.parse(
    v.object({
      __inputs: v.array(v.object({ name: v.string(), type: v.string(), pluginId: v.string() })),
      __requires: v.array(v.object({ type: v.string(), id: v.string() })),
      panels: v.array(panel),
      templating: v.object({ list: v.array(variable) }),
      schemaVersion: v.pipe(v.number(), v.minValue(36)),
      title: v.string(),
      uid: v.string(),
      id: v.null(),
    }),
    dashboardFile,
  );
  const { panels } = dashboard;
  const targets = panels.flatMap(({ title, targets = [] }) => targets.map((each) => ({ title, ...each })));

  /** Grafana puts a duration in; what stands in quotes may stay as it is. */
  const filledIn = (query: string): string => query.replaceAll("$__rate_interval", "5m");

  test("asks for its data source when it is imported", () => {
    expect(dashboard.__inputs.map(({ name, pluginId }) => [name, pluginId])).toEqual([
      ["DS_PROMETHEUS", "prometheus"],
    ]);
    const required = dashboard.__requires.filter(({ type }) => type === "panel").map(({ id }) => id);
    expect(new Set<string>(panels.map(({ type }) => type).filter((type) => type !== "row"))).toEqual(
      new Set(required),
    );
  });

  test("has its rows, and variables for servers and streams", () => {
    expect(panels.filter(({ type }) => type === "row").map(({ title }) => title)).toEqual([
      "Overview",
      "Streams",
      "Hooks",
      "Process",
    ]);
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(["instance", "path"]);
  });

  test("has panels that do not overlap, each with an id of its own", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test("asks for metrics and labels that the server has, in PromQL", async () => {
    const known = await seriesLabels();
    expect(targets.length).toBeGreaterThan(40);
    const faults = targets.flatMap(({ title, expr }) =>
      faultsOf(filledIn(expr), known).map((fault) => `${title}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  test("has names for its lines that the results have", async () => {
    for (const { title, expr, legendFormat } of targets) {
      const { selectors, grouping } = parseQuery(filledIn(expr));
      const known = await seriesLabels();
      const isGrouped = /\bby \(/.test(expr);
      const labels = isGrouped
        ? grouping
        : [...ofPrometheus.labels, ...selectors.flatMap(({ metric }) => known.get(metric) ?? [])];
      for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect(labels, title).toContain(label);
    }
  });

  test("finds the values of its variables", async () => {
    const known = await seriesLabels();
    for (const { definition } of dashboard.templating.list) {
      const [, selector = "", label = ""] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
      expect(faultsOf(selector, known), definition).toEqual([]);
      const [first] = parseQuery(selector).selectors;
      expect([...ofPrometheus.labels, ...known.get(first!.metric)!]).toContain(label);
    }
  });
});

const duration = v.pipe(v.string(), v.regex(/^\d+[smhd]$/));
const rule = v.strictObject({
  alert: v.pipe(v.string(), v.regex(/^Rtmp[A-Za-z]+$/)),
  expr: v.string(),
  for: v.optional(duration),
  labels: v.strictObject({ severity: v.picklist(["info", "warning", "critical"]) }),
  annotations: v.strictObject({ summary: v.string(), description: v.string() }),
});
const ruleFile = v.strictObject({
  groups: v.array(v.strictObject({ name: v.string(), rules: v.array(rule) })),
});

describe("the alerts", () => {
  const { groups } = v.parse(ruleFile, YAML.parse(readFileSync(join(docs, "alerts.yml"), "utf8")));
  const rules = groups.flatMap((group) => group.rules);

  test("are each there once", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length);
    expect(rules.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining([
        "RtmpPublisherMissing",
        "RtmpStreamWithoutReaders",
        "RtmpPublisherReconnects",
        "RtmpHookBreakerOpen",
        "RtmpRecordingFailed",
        "RtmpDiskFull",
        "RtmpConfigRejected",
        "RtmpEventLoopLag",
        "RtmpAccessUnavailable",
      ]),
    );
  });

  test("ask for metrics and labels that the server has, in PromQL", async () => {
    const known = await seriesLabels();
    const faults = rules.flatMap(({ alert, expr }) =>
      faultsOf(expr, known).map((fault) => `${alert}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  test("speak of labels that their results have", async () => {
    const known = await seriesLabels();
    for (const { alert, expr, annotations } of rules) {
      const { selectors, grouping } = parseQuery(expr);
      const labels = /\bby \(/.test(expr)
        ? grouping
        : [...ofPrometheus.labels, ...selectors.flatMap(({ metric }) => known.get(metric) ?? [])];
      const text = annotations.summary + annotations.description;
      for (const [, label = ""] of text.matchAll(/\$labels\.(\w+)/g)) expect(labels, alert).toContain(label);
    }
  });
});

test("a query for what the server does not have is found", async () => {
  const known = await seriesLabels();
  expect(faultsOf("rtmp_streams_total > 0", known)).toEqual(["rtmp_streams_total is not there"]);
  expect(faultsOf('rtmp_streams{path="a"}', known)).toEqual(["rtmp_streams has no label path"]);
  expect(faultsOf("sum by (hook) (rtmp_streams)", known)).toEqual(["nothing has the label hook"]);
});
