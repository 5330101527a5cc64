import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { expose, formatNumber, type MetricFamily } from "../../src/base/exposition.ts";
import { silentLogger } from "../../src/base/log.ts";
import { MetricsRegistry } from "../../src/base/metrics.ts";
import { parseExposition, valueIn } from "./exposition.ts";
import { FakeClock } from "./fake-clock.ts";
import { holds } from "./property.ts";

const registryOf = (clock = new FakeClock()): MetricsRegistry =>
  new MetricsRegistry({ clock, log: silentLogger });

const failures = "rtmp_metrics_collector_failures_total";

/** A scrape without the registry's own metric. */
const scrapeOf = async (registry: MetricsRegistry): Promise<string> =>
  (await registry.scrape()).replace(new RegExp(`^.*${failures}.*\n`, "gm"), "");

const family = (name: string, value: number, labels = {}): MetricFamily => ({
  name,
  help: "something",
  kind: "gauge",
  samples: [{ labels, value }],
});

describe("a scrape", () => {
  test("is, to the letter, what Prometheus wants", async () => {
    const registry = registryOf();
    const requests = registry.counter({
      name: "requests_total",
      help: 'Requests, by "method"\nand C:\\path',
      labels: ["method", "code"],
    });
    requests.with({ method: "post", code: "200" }).increment(3);
    requests.with({ method: "get", code: "404" }).increment();
    requests.with({ method: 'a"b\\c\nd', code: "é😀" }).increment(2.5);
    registry.gauge({ name: "alive", help: "Whether it lives" }).with({}).set(-1);
    const latency = registry
      .histogram({ name: "latency_seconds", help: "Latency", labels: ["hook"], bounds: [0.1, 1, 10] })
      .with({ hook: "a" });
    for (const value of [0.05, 0.1, 0.5, 2, 20, 30]) latency.observe(value);
    registry.histogram({ name: "empty_seconds", help: "Nothing yet", bounds: [1] }).with({});
    registry.counter({ name: "unused_total", help: "No series", labels: ["a"] });
    expect(await scrapeOf(registry)).toBe(
      [
        "# HELP alive Whether it lives",
        "# TYPE alive gauge",
        "alive -1",
        "# HELP empty_seconds Nothing yet",
        "# TYPE empty_seconds histogram",
        'empty_seconds_bucket{le="1"} 0',
        'empty_seconds_bucket{le="+Inf"} 0',
        "empty_seconds_sum 0",
        "empty_seconds_count 0",
        "# HELP latency_seconds Latency",
        "# TYPE latency_seconds histogram",
        'latency_seconds_bucket{hook="a",le="0.1"} 2',
        'latency_seconds_bucket{hook="a",le="1"} 3',
        'latency_seconds_bucket{hook="a",le="10"} 4',
        'latency_seconds_bucket{hook="a",le="+Inf"} 6',
        'latency_seconds_sum{hook="a"} 52.65',
        'latency_seconds_count{hook="a"} 6',
        '# HELP requests_total Requests, by "method"\\nand C:\\\\path',
        "# TYPE requests_total counter",
        'requests_total{code="200",method="post"} 3',
        'requests_total{code="404",method="get"} 1',
        'requests_total{code="é😀",method="a\\"b\\\\c\\nd"} 2.5',
        "",
      ].join("\n"),
    );
  });

  test("is the same in whatever order things were counted", async () => {
    const orders = [
      ["a", "b", "c"],
      ["c", "a", "b"],
    ];
    const texts = orders.map((names) => {
      const registry = registryOf();
      for (const name of names) registry.gauge({ name, help: name, labels: ["x"] }).with({ x: "1" });
      const shared = registry.counter({ name: "d", help: "d", labels: ["x"] });
      for (const x of names) shared.with({ x }).increment();
      return scrapeOf(registry);
    });
    const [first, second] = await Promise.all(texts);
    expect(first).toBe(second!);
  });

  const numbers: [number, string][] = [
    [0, "0"],
    [-0, "0"],
    [1, "1"],
    [-1.5, "-1.5"],
    [0.1 + 0.2, "0.30000000000000004"],
    [1e21, "1e+21"],
    [1.5e-9, "1.5e-9"],
    [2 ** 53, "9007199254740992"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
  ];
  for (const [value, text] of numbers) {
    test(`writes ${value} as ${text}`, () => {
      expect(formatNumber(value)).toBe(text);
    });
  }

  test("gives back any number and any label value", () => {
    holds(
      fc.property(
        fc.double(),
        fc.string({ unit: "binary" }),
        fc.string({ unit: "grapheme" }),
        (value, one, two) => {
          const text = expose([family("x", value, { one, two })]);
          const read = parseExposition(text).get("x")?.samples[0];
          expect(read?.labels).toEqual({ one, two });
          expect(Object.is(read?.value, value === 0 ? 0 : value)).toBe(true);
        },
      ),
    );
  });

  test("gives back label values of nothing but what is escaped, and any help", () => {
    const hostile = fc.string({
      unit: fc.constantFrom("\\", '"', "\n", "n", "{", "}", ",", "=", "#", " ", "\r"),
    });
    holds(
      fc.property(fc.uniqueArray(hostile, { maxLength: 20 }), hostile, (values, help) => {
        const samples = values.map((value, index) => ({ labels: { value }, value: index }));
        const text = expose([{ name: "x", help, kind: "gauge", samples }]);
        if (values.length === 0) return expect(text).toBe("");
        const read = parseExposition(text).get("x");
        expect(read?.help).toBe(help);
        const byValue = new Map(read?.samples.map((sample) => [sample.labels.value, sample.value]));
        expect(byValue).toEqual(new Map(values.map((value, index) => [value, index])));
      }),
    );
  });

  test("holds half of a surrogate pair as what UTF-8 makes of it", () => {
    const text = expose([family("x", 1, { a: "a\ud800b" })]);
    expect(new TextDecoder("utf-8", { fatal: true }).decode(new TextEncoder().encode(text))).toBe(text);
    expect(parseExposition(text).get("x")?.samples[0]?.labels).toEqual({ a: "a\ufffdb" });
  });
});

describe("a histogram", () => {
  test("counts every value once, in the lowest bucket that takes it", async () => {
    const bounds = [-1, 0, 0.5, 10];
    const registry = registryOf();
    const histogram = registry.histogram({ name: "h", help: "h", bounds }).with({});
    const values = [-5, -1, -0.5, 0, 0.5, 0.6, 10, 11, Number.POSITIVE_INFINITY];
    for (const value of values) histogram.observe(value);
    const read = parseExposition(await registry.scrape());
    for (const bound of [...bounds, Number.POSITIVE_INFINITY]) {
      const expected = values.filter((value) => value <= bound).length;
      expect(valueIn(read, "h_bucket", { le: formatNumber(bound) })).toBe(expected);
    }
    expect([valueIn(read, "h_count"), valueIn(read, "h_sum")]).toEqual([9, Number.POSITIVE_INFINITY]);
  });

  test("has whole, cumulative buckets for any values and bounds", () => {
    const bounds = fc
      .uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 8 })
      .map((list) => list.sort((a, b) => a - b));
    holds(
      fc.property(bounds, fc.array(fc.integer({ min: -60, max: 60 })), (chosen, values) => {
        const histogram = registryOf().histogram({ name: "h", help: "h", bounds: chosen }).with({});
        for (const value of values) histogram.observe(value);
        const { counts, sum } = histogram;
        const text = expose([
          { name: "h", help: "h", kind: "histogram", samples: [{ labels: {}, bounds: chosen, counts, sum }] },
        ]);
        const read = parseExposition(text);
        expect(valueIn(read, "h_count")).toBe(values.length);
        expect(valueIn(read, "h_sum")).toBe(values.reduce((total, value) => total + value, 0));
      }),
    );
  });

  test("does not take what is no number, nor bounds that do not rise", () => {
    const registry = registryOf();
    expect(() => registry.histogram({ name: "a", help: "a" }).with({}).observe(Number.NaN)).toThrow(
      TypeError,
    );
    for (const bounds of [[1, 1], [2, 1], [1, Number.POSITIVE_INFINITY], [Number.NaN]])
      expect(() => registry.histogram({ name: "b", help: "b", bounds })).toThrow(TypeError);
  });
});

describe("a metric", () => {
  test("gives the same series for the same labels, whatever order they come in", () => {
    const counter = registryOf().counter({ name: "x", help: "x", labels: ["a", "b"] });
    expect(counter.with({ a: "1", b: "2" })).toBe(counter.with({ b: "2", a: "1" }));
    expect(counter.with({ a: "1", b: "2" })).not.toBe(counter.with({ a: "2", b: "1" }));
    expect(counter.with({ a: '1","', b: "" })).not.toBe(counter.with({ a: "1", b: '","' }));
  });

  test("never counts backwards", () => {
    const counter = registryOf().counter({ name: "x", help: "x" }).with({});
    counter.increment(2);
    for (const by of [-1, Number.NaN]) expect(() => counter.increment(by)).toThrow(TypeError);
    expect(counter.value).toBe(2);
  });

  test("goes up and down where it is a gauge", () => {
    const gauge = registryOf().gauge({ name: "x", help: "x" }).with({});
    gauge.set(5);
    gauge.add(-7);
    expect(gauge.value).toBe(-2);
  });

  test("has its name for itself, and one that can be written", () => {
    const registry = registryOf();
    registry.counter({ name: "x", help: "x" });
    expect(() => registry.gauge({ name: "x", help: "x" })).toThrow("a metric x already");
    for (const name of ["", "1x", "a-b", "a b", "ä", 'a"'])
      expect(() => registry.counter({ name, help: "x" })).toThrow(TypeError);
    for (const label of ["", "1x", "a-b", "__name", "a:b"])
      expect(() => registry.counter({ name: "y", help: "y", labels: [label] })).toThrow(TypeError);
    expect(() => registry.histogram({ name: "z", help: "z", labels: ["le"] })).toThrow(TypeError);
  });

  test("without its series is gone, until it is counted again", async () => {
    const registry = registryOf();
    const gauge = registry.gauge({ name: "x", help: "x", labels: ["hook"] });
    gauge.with({ hook: "a" }).set(1);
    gauge.clear();
    gauge.with({ hook: "b" }).set(2);
    expect(parseExposition(await registry.scrape()).get("x")?.samples).toEqual([
      { name: "x", labels: { hook: "b" }, value: 2 },
    ] as never);
  });

  test("costs next to nothing to count", () => {
    const counter = registryOf()
      .counter({ name: "x", help: "x", labels: ["a"] })
      .with({ a: "1" });
    const startedAt = performance.now();
    for (let index = 0; index < 1_000_000; index++) counter.increment();
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(counter.value).toBe(1_000_000);
  });
});

describe("a collector", () => {
  test("is asked at every scrape, whether it answers at once or later, until it is taken away", async () => {
    const registry = registryOf();
    let count = 0;
    const remove = registry.collect(() => [family("now", ++count)]);
    registry.collect(async () => [family("later", ++count)]);
    await registry.scrape();
    const read = parseExposition(await registry.scrape());
    expect([valueIn(read, "now"), valueIn(read, "later")]).toEqual([3, 4]);
    remove();
    expect(valueIn(parseExposition(await registry.scrape()), "now")).toBeUndefined();
  });

  test("may share a metric with others, of which the first of a series counts", async () => {
    const registry = registryOf();
    registry
      .gauge({ name: "x", help: "x", labels: ["a"] })
      .with({ a: "1" })
      .set(1);
    registry.collect(() => [family("x", 2, { a: "1" }), family("x", 3, { a: "2" })]);
    registry.collect(() => [
      { name: "x", help: "x", kind: "counter", samples: [{ labels: { a: "3" }, value: 4 }] },
    ]);
    expect(
      parseExposition(await registry.scrape())
        .get("x")
        ?.samples.map(({ value }) => value),
    ).toEqual([1, 3]);
  });

  test("that fails or gives what cannot be written is left out, counted, and logged once while it fails", async () => {
    const warnings: unknown[] = [];
    const log = { ...silentLogger, warn: (_: string, fields?: object) => void warnings.push(fields) };
    const registry = new MetricsRegistry({ clock: new FakeClock(), log });
    let isBroken = true;
    registry.collect(() => {
      if (isBroken) throw new Error("broken now");
      return [family("mended", 1)];
    });
    registry.collect(() => Promise.reject(new Error("broken later")));
    registry.collect(() => [family("bad name", 1)]);
    registry.collect(() => [family("bad_label", 1, { "a-b": "1" })]);
    registry.collect(() => [family("good", 1)]);
    await registry.scrape();
    const read = parseExposition(await registry.scrape());
    expect([...read.keys()].sort()).toEqual(["good", failures]);
    expect(valueIn(read, failures)).toBe(8);
    expect(warnings).toHaveLength(4);
    isBroken = false;
    expect(valueIn(parseExposition(await registry.scrape()), "mended")).toBe(1);
    isBroken = true;
    await registry.scrape();
    expect(warnings).toHaveLength(5);
  });

  test("that does not answer is not waited for longer than five seconds", async () => {
    const clock = new FakeClock();
    const registry = registryOf(clock);
    registry.collect(() => new Promise(() => undefined));
    registry.collect(() => [family("good", 1)]);
    const pending = registry.scrape();
    await Bun.sleep(0);
    clock.advance(5_000);
    const read = parseExposition(await pending);
    expect([valueIn(read, "good"), valueIn(read, failures)]).toEqual([1, 1]);
    expect(clock.timers).toBe(0);
  });
});

test("a scrape of many series lets others go first now and then", async () => {
  const registry = new MetricsRegistry({ clock: new FakeClock(), log: silentLogger });
  const samples = Array.from({ length: 20_000 }, (_, index) => ({
    labels: { path: `live/${index}` },
    value: 1,
  }));
  for (let index = 0; index < 8; index++)
    registry.collect(() => [{ name: `many_${index}`, help: "Many", kind: "gauge" as const, samples }]);
  let turns = 0;
  const count = (): void => {
    turns++;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  const text = await registry.scrape();
  clearImmediate(immediate);
  expect(turns).toBeGreaterThanOrEqual(8);
  expect(parseExposition(text).get("many_7")?.samples).toHaveLength(20_000);
});
