import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { expose, type MetricFamily } from "../../../src/base/exposition.ts";
import { Scrape } from "../../../src/cli/hooks/scrape.ts";
import { holds } from "../../base/property.ts";

const counter = (name: string, samples: MetricFamily["samples"]): MetricFamily =>
  ({ name, help: "h", kind: "counter", samples }) as MetricFamily;

const histogram = (bounds: number[], counts: number[]): Scrape =>
  new Scrape(
    expose([
      {
        name: "h",
        help: "h",
        kind: "histogram",
        samples: [{ labels: { hook: "a" }, bounds, counts, sum: 1 }],
      },
    ]),
  );

describe("a scrape", () => {
  test("sums up the series that have the labels asked for", () => {
    const scrape = new Scrape(
      expose([
        counter("n_total", [
          { labels: { hook: "a", outcome: "success" }, value: 3 },
          { labels: { hook: "a", outcome: "failure" }, value: 1.5 },
          { labels: { hook: "b", outcome: "success" }, value: 7 },
        ]),
        counter("bare", [{ labels: {}, value: 2 }]),
      ]),
    );
    expect([
      scrape.sum("n_total"),
      scrape.sum("n_total", { hook: "a" }),
      scrape.sum("n_total", { hook: "b", outcome: "success" }),
      scrape.sum("bare"),
      scrape.sum("n_total", { hook: "c" }),
      scrape.sum("n"),
    ]).toEqual([11.5, 4.5, 7, 2, undefined, undefined]);
  });

  test("reads every label back as it was written", () => {
    const property = fc.property(
      fc.string({ unit: "binary" }),
      fc.double({ noNaN: true }),
      (value, number) => {
        const hook = value.toWellFormed();
        const scrape = new Scrape(
          expose([counter("x", [{ labels: { a: "}", hook, z: '",' }, value: number }])]),
        );
        expect(scrape.sum("x", { hook })).toBe(number + 0);
      },
    );
    holds(property);
  });

  test("is nothing for a page that is something else", () => {
    expect(new Scrape("<html>\nrtmp_x y z\n").sum("rtmp_x")).toBeUndefined();
  });

  const quantiles: { name: string; counts: number[]; is: number | undefined }[] = [
    { name: "nothing", counts: [0, 0, 0], is: undefined },
    { name: "one bucket, evenly", counts: [100, 0, 0], is: 0.95 },
    { name: "two buckets", counts: [90, 10, 0], is: 1.5 },
    { name: "a bound exactly", counts: [95, 5, 0], is: 1 },
    { name: "what is beyond the last bound", counts: [0, 0, 1], is: Number.POSITIVE_INFINITY },
  ];
  for (const { name, counts, is } of quantiles)
    test(`knows the quantile of ${name}`, () => {
      const found = histogram([1, 2], counts).quantile("h", 0.95, { hook: "a" });
      if (is === undefined || is === Number.POSITIVE_INFINITY) expect(found).toBe(is as never);
      else expect(found).toBeCloseTo(is, 10);
    });
});
