import { withDeadline } from "./deadline.ts";
import { messageOf } from "./errors.ts";
import { checkNames, exposed, type Labels, type MetricFamily } from "./exposition.ts";
import type { Logger } from "./log.ts";
import type { Clock } from "./time.ts";

/** What a metric is called, and which labels its series have. */
export interface MetricOptions<Label extends string = never> {
  readonly name: string;
  /** What is measured, with its unit, in one sentence. */
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** Gives metrics at the moment they are asked for. */
export type Collector = () => Iterable<MetricFamily> | Promise<Iterable<MetricFamily>>;

/** A number that only grows. */
export class Counter {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  /** Adds `by`. @throws TypeError for a negative number and for NaN */
  increment(by = 1): void {
    if (!(by >= 0)) throw new TypeError(`counter incremented by ${by}`);
    this.#value += by;
  }
}

/** A number that goes up and down. */
export class Gauge {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  set(value: number): void {
    this.#value = value;
  }

  add(by: number): void {
    this.#value += by;
  }
}

/** Counts values by size. */
export class Histogram {
  /** Upper bounds of the buckets, rising. A value that is equal to a bound lies below it. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** How many values lie in each bucket and in no lower one; the last has no bound. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Counts `value`. @throws TypeError for NaN, which would spoil the sum for ever */
  observe(value: number): void {
    if (Number.isNaN(value)) throw new TypeError("histogram observed NaN");
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }
}

/** Bounds for times in seconds, from 5 ms to 10 s. */
export const secondsBounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The series of one metric, by their labels. */
export class Family<Child, Label extends string> {
  readonly #names: readonly Label[];
  readonly #make: () => Child;
  readonly #children = new Map<string, { readonly labels: Labels; readonly child: Child }>();

  /** @internal */
  constructor(names: readonly Label[], make: () => Child) {
    this.#names = names;
    this.#make = make;
  }

  /** The series with these labels, which exists from now on. Look it up once, and keep it. */
  with(labels: Readonly<Record<Label, string>>): Child {
    const key = JSON.stringify(this.#names.map((name) => labels[name]));
    const known = this.#children.get(key);
    if (known) return known.child;
    const own: Labels = Object.fromEntries(this.#names.map((name) => [name, labels[name]]));
    const child = this.#make();
    this.#children.set(key, { labels: own, child });
    return child;
  }

  /** Forgets all series, such as those of what is gone. Whoever kept one counts for nobody. */
  clear(): void {
    this.#children.clear();
  }

  /** @internal */
  samples<Value>(read: (child: Child, labels: Labels) => Value): Value[] {
    return [...this.#children.values()].map(({ labels, child }) => read(child, labels));
  }
}

/** A collector that takes longer than this is left out of a scrape, in milliseconds. Prometheus itself waits 10 s. */
const collectTimeoutMs = 5_000;

/** The text of a scrape is made in slices of this length, in milliseconds: packets do not wait for the whole of it. */
const sliceMs = 1;

/** Lets whatever has come meanwhile go first. */
const giveWay = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * All metrics of the process. Counting costs an addition; names are checked and text is made when somebody asks. A collector that
 * fails or hangs is left out and counted in `rtmp_metrics_collector_failures_total`.
 */
export class MetricsRegistry {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #names = new Set<string>();
  readonly #instruments: (() => MetricFamily)[] = [];
  readonly #collectors = new Set<Collector>();
  /** Collectors whose last answer was none, so that each failure is told once. */
  readonly #failing = new WeakSet<Collector>();
  readonly #failures: Counter;

  constructor({ clock, log }: { clock: Clock; log: Logger }) {
    this.#clock = clock;
    this.#log = log;
    const help = "Collectors of metrics that failed or took too long, since the server started";
    this.#failures = this.counter({ name: "rtmp_metrics_collector_failures_total", help }).with({});
  }

  /** Adds a counter; its name should end in `_total`. @throws TypeError for a name that is taken or none */
  counter<Label extends string = never>(options: MetricOptions<Label>): Family<Counter, Label> {
    const family = new Family(this.#take("counter", options), () => new Counter());
    return this.#add(family, (): MetricFamily => {
      const samples = family.samples(({ value }, labels) => ({ labels, value }));
      return { name: options.name, help: options.help, kind: "counter", samples };
    });
  }

  /** Adds a gauge. @throws TypeError for a name that is taken or none */
  gauge<Label extends string = never>(options: MetricOptions<Label>): Family<Gauge, Label> {
    const family = new Family(this.#take("gauge", options), () => new Gauge());
    return this.#add(family, (): MetricFamily => {
      const samples = family.samples(({ value }, labels) => ({ labels, value }));
      return { name: options.name, help: options.help, kind: "gauge", samples };
    });
  }

  /**
   * Adds a histogram, with {@link secondsBounds} where no bounds are given.
   * @throws TypeError for a name that is taken or none, and for bounds that do not rise
   */
  histogram<Label extends string = never>(
    options: MetricOptions<Label> & { readonly bounds?: readonly number[] },
  ): Family<Histogram, Label> {
    const { bounds = secondsBounds } = options;
    if (!bounds.every((bound, index) => Number.isFinite(bound) && bound > (bounds[index - 1] ?? -Infinity)))
      throw new TypeError(`bounds of ${options.name} do not rise: ${bounds.join(", ")}`);
    const family = new Family(this.#take("histogram", options), () => new Histogram(bounds));
    return this.#add(family, (): MetricFamily => {
      const samples = family.samples(({ counts, sum }, labels) => ({
        labels,
        bounds,
        counts: [...counts],
        sum,
      }));
      return { name: options.name, help: options.help, kind: "histogram", samples };
    });
  }

  /**
   * Has `collector` asked whenever metrics are, until the returned function is called. Several collectors may give series of one
   * metric; of those with the same labels the first counts.
   */
  collect(collector: Collector): () => void {
    this.#collectors.add(collector);
    return () => void this.#collectors.delete(collector);
  }

  /** All metrics in the text format of Prometheus. Never rejects. */
  async scrape(): Promise<string> {
    const results = await Promise.all([...this.#collectors].map((collector) => this.#ask(collector)));
    // Read last, so that they are as new as what was waited for.
    const own = this.#instruments.map((read) => read());
    let text = "";
    let since = performance.now();
    for (const part of exposed(merge([...own, ...results.flat()]))) {
      text += part;
      if (performance.now() - since < sliceMs) continue;
      await giveWay();
      since = performance.now();
    }
    return text;
  }

  #take<Label extends string>(
    kind: MetricFamily["kind"],
    { name, labels = [] }: MetricOptions<Label>,
  ): readonly Label[] {
    checkNames({ name, kind }, labels);
    if (this.#names.has(name)) throw new TypeError(`there is a metric ${name} already`);
    this.#names.add(name);
    return labels;
  }

  #add<Added>(family: Added, read: () => MetricFamily): Added {
    this.#instruments.push(read);
    return family;
  }

  async #ask(collector: Collector): Promise<MetricFamily[]> {
    try {
      const pending = collector();
      const answer =
        pending instanceof Promise
          ? await withDeadline(pending, { clock: this.#clock, ms: collectTimeoutMs, what: "metrics" })
          : pending;
      const families = [...answer];
      for (const family of families)
        for (const { labels } of family.samples) checkNames(family, Object.keys(labels));
      this.#failing.delete(collector);
      return families;
    } catch (error) {
      this.#failures.increment();
      if (!this.#failing.has(collector))
        this.#log.warn("metrics are incomplete: a collector failed", { error: messageOf(error) });
      this.#failing.add(collector);
      return [];
    }
  }
}

/** Joins what several collectors gave of one metric. One of another kind than the first of its name is left out. */
const merge = (families: readonly MetricFamily[]): Iterable<MetricFamily> => {
  const byName = new Map<string, MetricFamily>();
  for (const family of families) {
    const known = byName.get(family.name);
    if (!known) byName.set(family.name, family);
    else if (known.kind === "histogram" && family.kind === "histogram")
      byName.set(family.name, { ...known, samples: [...known.samples, ...family.samples] });
    else if (known.kind !== "histogram" && family.kind === known.kind)
      byName.set(family.name, { ...known, samples: [...known.samples, ...family.samples] });
  }
  return byName.values();
};
