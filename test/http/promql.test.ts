import { describe, expect, test } from "bun:test";
import { parseQuery } from "./promql.ts";

describe("the reader of PromQL", () => {
  test("finds metrics, and the labels they are chosen and grouped by", () => {
    expect(
      parseQuery('sum by (le, hook) (rate(a_bucket{x="1", y=~"b|c"}[5m])) / on (hook) group_left b > 0'),
    ).toEqual({
      selectors: [
        { metric: "a_bucket", labels: ["x", "y"] },
        { metric: "b", labels: [] },
      ],
      grouping: ["le", "hook", "hook"],
    });
  });

  test.each(["sum(a", "rates(a[5m])", 'a{b="c"', "a >", "rate(a[five])", "{}{}"])("refuses %s", (query) => {
    expect(() => parseQuery(query)).toThrow(/no PromQL/);
  });
});
