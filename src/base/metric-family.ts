import type { HistogramSample, Labels, MetricFamily, Sample } from "./exposition.ts";

/** One series of a metric: what tells it apart, and its value. */
export type Entry = readonly [labels: Labels, value: number];

const samplesOf = (entries: Iterable<Entry>): Sample[] =>
  [...entries].map(([labels, value]) => ({ labels, value }));

/** A metric that only grows; its name should end in `_total`. */
export const counter = (name: string, help: string, entries: Iterable<Entry>): MetricFamily => ({
  name,
  help,
  kind: "counter",
  samples: samplesOf(entries),
});

/** A metric that goes up and down. */
export const gauge = (name: string, help: string, entries: Iterable<Entry>): MetricFamily => ({
  name,
  help,
  kind: "gauge",
  samples: samplesOf(entries),
});

/** A metric that counts values by size. */
export const histogram = (name: string, help: string, samples: readonly HistogramSample[]): MetricFamily => ({
  name,
  help,
  kind: "histogram",
  samples,
});
