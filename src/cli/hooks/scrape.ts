import type { Labels, Sample } from "../../base/exposition.ts";

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/gs;

const unescapes: Readonly<Record<string, string>> = { n: "\n" };

const labelsOf = (text: string): Labels =>
  Object.fromEntries(
    [...text.matchAll(label)].map(([, name = "", value = ""]) => [
      name,
      value.replace(/\\(.)/g, (_, letter: string) => unescapes[letter] ?? letter),
    ]),
  );

const numberOf = (text: string): number =>
  text === "+Inf" ? Number.POSITIVE_INFINITY : text === "-Inf" ? Number.NEGATIVE_INFINITY : Number(text);

/** Metrics as they were at one moment, read from the text format of Prometheus. */
export class Scrape {
  readonly #samples = new Map<string, Sample[]>();

  /** Lines that are no samples are left out. */
  constructor(text: string) {
    for (const line of text.split("\n")) {
      const [, name, labels = "", value = ""] = sampleLine.exec(line) ?? [];
      if (name === undefined) continue;
      const known = this.#samples.get(name) ?? [];
      known.push({ labels: labelsOf(labels), value: numberOf(value) });
      this.#samples.set(name, known);
    }
  }

  /** The sum of all series of a metric that have these labels; undefined where there is none. */
  sum(name: string, wanted: Labels = {}): number | undefined {
    const found = this.#find(name, wanted);
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }

  /**
   * The value that `share` (0 to 1) of all those that a histogram counted are below, supposing that they lie evenly within their bucket.
   * Infinite where it lies beyond the last bound; undefined where nothing was counted.
   */
  quantile(name: string, share: number, wanted: Labels = {}): number | undefined {
    const buckets = this.#find(`${name}_bucket`, wanted)
      .map(({ labels, value }) => ({ bound: numberOf(labels.le ?? "+Inf"), count: value }))
      .sort((a, b) => a.bound - b.bound);
    const total = buckets.at(-1)?.count ?? 0;
    if (total === 0) return undefined;
    const rank = share * total;
    const index = buckets.findIndex(({ count }) => count >= rank);
    const { bound = Number.POSITIVE_INFINITY, count = total } = buckets[index] ?? {};
    const below = buckets[index - 1] ?? { bound: 0, count: 0 };
    if (bound === Number.POSITIVE_INFINITY) return bound;
    return below.bound + ((bound - below.bound) * (rank - below.count)) / (count - below.count);
  }

  #find(name: string, wanted: Labels): readonly Sample[] {
    const labels = Object.entries(wanted);
    return (this.#samples.get(name) ?? []).filter((sample) =>
      labels.every(([key, value]) => sample.labels[key] === value),
    );
  }
}
