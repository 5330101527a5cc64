import type { MetricFamily } from "../../src/base/exposition.ts";
import { silentLogger } from "../../src/base/log.ts";
import { MetricsRegistry } from "../../src/base/metrics.ts";
import { deliveryMetrics, dispatchMetrics, reloadMetrics } from "../../src/hooks/hook-metrics.ts";
import { parseMtxFilter } from "../../src/http/mtx/filter.ts";
import { mtxMetrics } from "../../src/http/mtx/mtx-metrics.ts";
import { ProcessMetrics } from "../../src/http/process-metrics.ts";
import { parsePage } from "../base/exposition.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { hook, report } from "../hooks/sample-report.ts";
import { collectEverything } from "./collectors/sample-collectors.ts";
import { busyRtsp, connOf, flvConnOf, hlsMuxerOf, hlsSessionOf } from "./mtx/sample-state.ts";

const clock = new FakeClock();

const hookFamilies = (): MetricFamily[] => [
  ...dispatchMetrics({
    generated: new Map([["publish_start", 1]]),
    filtered: new Map([["stream_filter stream", 1]]),
    lastEventTime: 0,
  }),
  ...reloadMetrics({ done: 1, rejected: 1, lastAt: 0 }),
  ...deliveryMetrics(report([hook(), hook({ id: "s", type: "shell" })])),
];

/** A registry in which every metric of our own has a series. */
export const fullRegistry = (): MetricsRegistry => {
  const registry = new MetricsRegistry({ clock, log: silentLogger });
  const process = new ProcessMetrics({ clock, build: { version: "1", commit: "a", bun: "1", target: "x" } });
  process.close();
  for (const collector of [collectEverything, hookFamilies, process.collect]) registry.collect(collector);
  return registry;
};

/** A metric that the server has, with all labels that its series have. */
export interface KnownMetric {
  readonly name: string;
  readonly kind: string;
  readonly help: string;
  readonly labels: readonly string[];
}

const labelsOf = (samples: Iterable<{ readonly labels: Readonly<Record<string, string>> }>): string[] =>
  [...new Set([...samples].flatMap(({ labels }) => Object.keys(labels)))].sort();

/** Every metric of our own, by groups. */
export const ownMetrics = async (): Promise<
  readonly (readonly [title: string, metrics: KnownMetric[]])[]
> => {
  const process = new ProcessMetrics({ clock, build: { version: "1", commit: "a", bun: "1", target: "x" } });
  const processFamilies = await process.collect();
  process.close();
  const registry = new MetricsRegistry({ clock, log: silentLogger });
  const own = [...parsePage(await registry.scrape()).families.values()];
  const known = (families: readonly MetricFamily[]): KnownMetric[] => {
    // Several collectors may give parts of one metric.
    const byName = new Map<string, KnownMetric>();
    for (const { name, kind, help, samples } of families) {
      const labels = [...(byName.get(name)?.labels ?? []), ...labelsOf(samples)];
      byName.set(name, { name, kind, help, labels: [...new Set(labels)] });
    }
    return [...byName.values()];
  };
  const ours = known(await collectEverything());
  const isOfStreams = ({ name }: KnownMetric): boolean => /^rtmp_(?:stream|metrics_streams)/.test(name);
  return [
    ["Streams", ours.filter(isOfStreams)],
    ["The server", ours.filter((metric) => !isOfStreams(metric))],
    ["Hooks", known(hookFamilies())],
    [
      "The process",
      [
        ...known(processFamilies),
        ...own.map(({ name, type, help, samples }) => ({
          name,
          kind: type,
          help,
          labels: labelsOf(samples),
        })),
      ],
    ],
  ];
};

/** MediaMTX's blocks, with the labels that each metric has. */
export const blocks = (): readonly { title: string; metrics: { name: string; labels: string[] }[] }[] => {
  const state = {
    ...busyRtsp,
    rtmpsConns: [connOf("9")],
    flvConns: [flvConnOf("3")],
    hlsSessions: [hlsSessionOf("4")],
    hlsMuxers: [hlsMuxerOf("live/a")],
  };
  return parsePage(mtxMetrics(state, parseMtxFilter(new URLSearchParams()))).blocks.map(
    ({ title, samples }) => ({
      title,
      metrics: [...Map.groupBy(samples, ({ name }) => name)].map(([name, of]) => ({
        name,
        labels: labelsOf(of),
      })),
    }),
  );
};

/** The labels of every series that a scrape can show, those of histograms under their full names. */
export const seriesLabels = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
  const known = new Map<string, readonly string[]>();
  for (const { metrics } of blocks()) for (const { name, labels } of metrics) known.set(name, labels);
  for (const [, metrics] of await ownMetrics()) {
    for (const { name, kind, labels } of metrics) {
      if (kind !== "histogram") known.set(name, labels);
      else {
        known.set(`${name}_bucket`, [...labels, "le"]);
        known.set(`${name}_sum`, labels);
        known.set(`${name}_count`, labels);
      }
    }
  }
  return known;
};
