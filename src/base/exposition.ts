/** Names and values that tell the series of one metric apart. */
export type Labels = Readonly<Record<string, string>>;

/** One number. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** What a histogram saw. */
export interface HistogramSample {
  readonly labels: Labels;
  /** Upper bounds of the buckets, rising; the last bucket has none. */
  readonly bounds: readonly number[];
  /** How many values lie in each bucket and in no lower one: one more than `bounds`. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** All series of one metric at one moment. */
export type MetricFamily = {
  readonly name: string;
  /** What is measured, with its unit, in one sentence. */
  readonly help: string;
} & (
  | { readonly kind: "counter" | "gauge"; readonly samples: readonly Sample[] }
  | { readonly kind: "histogram"; readonly samples: readonly HistogramSample[] }
);

/** The media type of what {@link expose} gives, as MediaMTX spells it; Prometheus takes it for its text format 0.0.4. */
export const expositionType = "text/plain; charset=utf-8";

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelName = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Checks the name of a metric and those of its labels. @throws TypeError for one that cannot be written */
export const checkNames = (
  { name, kind }: { name: string; kind: MetricFamily["kind"] },
  labels: readonly string[],
): void => {
  if (!metricName.test(name)) throw new TypeError(`${JSON.stringify(name)} cannot name a metric`);
  for (const label of labels) {
    if (!labelName.test(label) || (kind === "histogram" && label === "le"))
      throw new TypeError(`${JSON.stringify(label)} cannot name a label of ${name}`);
  }
};

/** A number as Prometheus reads it. */
export const formatNumber = (value: number): string => {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
};

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", '"': '\\"' };

const escapeHelp = (text: string): string =>
  text.toWellFormed().replace(/[\\\n]/g, (letter) => escapes[letter] ?? letter);

const escapeLabel = (text: string): string =>
  text.toWellFormed().replace(/[\\\n"]/g, (letter) => escapes[letter] ?? letter);

/** Labels in the order of their names, without braces. The same for the same labels, in whatever order they come. */
export const labelText = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escapeLabel(labels[name] ?? "")}"`)
    .join(",");

const line = (name: string, labels: string, value: number): string =>
  `${name}${labels === "" ? "" : `{${labels}}`} ${formatNumber(value)}\n`;

const histogramLines = (name: string, labels: string, { bounds, counts, sum }: HistogramSample): string => {
  let text = "";
  let count = 0;
  for (const [index, bound] of [...bounds, Number.POSITIVE_INFINITY].entries()) {
    count += counts[index] ?? 0;
    const le = `le="${formatNumber(bound)}"`;
    text += line(`${name}_bucket`, labels === "" ? le : `${labels},${le}`, count);
  }
  return text + line(`${name}_sum`, labels, sum) + line(`${name}_count`, labels, count);
};

/** The samples with their labels as text, in the order of that; of several with the same labels the first. */
const distinct = <Each extends { readonly labels: Labels }>(samples: readonly Each[]): [string, Each][] => {
  const byLabels = new Map<string, Each>();
  for (const sample of samples) {
    const labels = labelText(sample.labels);
    if (!byLabels.has(labels)) byLabels.set(labels, sample);
  }
  return [...byLabels].sort(([a], [b]) => compareText(a, b));
};

/** By code unit, so that the order does not depend on a locale. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const familyText = (family: MetricFamily): string => {
  const { name, help, kind } = family;
  const head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`;
  const lines =
    kind === "histogram"
      ? distinct(family.samples).map(([labels, sample]) => histogramLines(name, labels, sample))
      : distinct(family.samples).map(([labels, { value }]) => line(name, labels, value));
  return head + lines.join("");
};

/**
 * Metrics in the text format of Prometheus, version 0.0.4, in the order of their names and labels: one text for each, made when it is
 * asked for. A metric without a series is left out. Names must have passed {@link checkNames}, and stand here once.
 */
export function* exposed(families: Iterable<MetricFamily>): Iterable<string> {
  const shown = [...families].filter(({ samples }) => samples.length > 0);
  for (const family of shown.sort((a, b) => compareText(a.name, b.name))) yield familyText(family);
}

/** What {@link exposed} gives, in one. */
export const expose = (families: Iterable<MetricFamily>): string => [...exposed(families)].join("");
