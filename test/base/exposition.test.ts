import { describe, expect, test } from "bun:test";
import { parseExposition, valueIn } from "./exposition.ts";

const head = "# HELP x help\n# TYPE x gauge\n";
const histogram = "# HELP h help\n# TYPE h histogram\n";

describe("the parser of scrapes", () => {
  test("reads what is right", () => {
    const read = parseExposition(`${head}x 1\nx{a="b\\n\\"\\\\,}",c=""} +Inf\n`);
    expect(read.get("x")?.samples.map(({ value }) => value)).toEqual([1, Number.POSITIVE_INFINITY]);
    expect(valueIn(read, "x", { c: "", a: 'b\n"\\,}' })).toBe(Number.POSITIVE_INFINITY);
    expect(parseExposition("").size).toBe(0);
  });

  const bad: [string, string][] = [
    ["no line feed at its end", `${head}x 1`],
    ["an empty line", `${head}\nx 1\n`],
    ["a sample without HELP", "x 1\n"],
    ["no TYPE", "# HELP x help\nx 1\n"],
    ["the TYPE of another", "# HELP x help\n# TYPE y gauge\nx 1\n"],
    ["a metric twice", `${head}x 1\n${head}`],
    ["a sample of another metric", `${head}y 1\n`],
    ["a series twice", `${head}x{a="1",b="2"} 1\nx{b="2",a="1"} 1\n`],
    ["a label twice", `${head}x{a="1",a="2"} 1\n`],
    ["a label without quotes", `${head}x{a=1} 1\n`],
    ["an open quote", `${head}x{a="1} 1\n`],
    ["an unknown escape", `${head}x{a="\\t"} 1\n`],
    ["a comma too many", `${head}x{a="1",} 1\n`],
    ["empty braces", `${head}x{} 1\n`],
    ["two spaces", `${head}x  1\n`],
    ["no value", `${head}x\n`],
    ["a value that is none", `${head}x Infinity\n`],
    ["a value with a comma", `${head}x 1,5\n`],
    ["a negative counter", "# HELP x help\n# TYPE x counter\nx -1\n"],
    ["an unknown type", "# HELP x help\n# TYPE x number\nx 1\n"],
    ["a histogram without +Inf", `${histogram}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n`],
    ["buckets that fall", `${histogram}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`],
    [
      "bounds that fall",
      `${histogram}h_bucket{le="2"} 1\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
    ],
    ["a count that is not +Inf's", `${histogram}h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n`],
    ["a histogram without its sum", `${histogram}h_bucket{le="+Inf"} 1\nh_count 1\n`],
    ["a bucket without its bound", `${histogram}h_bucket 1\nh_sum 1\nh_count 1\n`],
  ];
  for (const [name, text] of bad) {
    test(`refuses ${name}`, () => {
      expect(() => parseExposition(text)).toThrow();
    });
  }
});
