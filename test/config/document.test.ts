import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { stringify } from "yaml";
import { ConfigError } from "../../src/base/errors.ts";
import { type ConfigDocument, formatPath, parseConfigDocument } from "../../src/config/document.ts";
import { holds } from "../base/property.ts";

const parse = (text: string): ConfigDocument => parseConfigDocument(text, "f");

const faultOf = (text: string): string => {
  try {
    return JSON.stringify(parse(text).value);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};

/** Plain data as documents may hold it. */
const plain = fc.dictionary(
  fc.string(),
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: "grapheme" }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
    ),
  })).value,
  { minKeys: 1, maxKeys: 5 },
);

describe("a document", () => {
  test("gives what was written as YAML or JSON, whatever keys and texts there are", () => {
    holds(
      fc.property(plain, (value) => {
        expect(JSON.stringify(parse(JSON.stringify(value)).value)).toBe(JSON.stringify(value));
        expect(parse(stringify(value)).value).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("gives data, or ConfigErrors with lines, for any text", () => {
    const piece = fc.constantFrom(
      ..."abc:-[]{}&*!|>'\"#%@,? \n\t<1".split(""),
      "<<: ",
      "&a ",
      "*a",
      "a: ",
      "- ",
      "\n  ",
    );
    holds(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const told = faultOf(pieces.join(""));
        if (!told.startsWith("{")) expect(told).toMatch(/^(?:f:\d+: .+(?:\n|$))+/);
      }),
      { numRuns: 500 },
    );
  });

  test("keeps keys that objects have by themselves", () => {
    const value = parse("__proto__: 1\nconstructor: 2\ntoString: 3").value as object;
    expect(Object.entries(value)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
      ["toString", 3],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test("reads yes, on and dates as text, as YAML 1.2 has it", () => {
    expect(parse("a: yes\nb: on\nc: 2026-01-01\nd: 0o17\ne: ~").value).toEqual({
      a: "yes",
      b: "on",
      c: "2026-01-01",
      d: 15,
      e: null,
    });
  });

  test("understands anchors and merge keys; what stands in the mapping itself counts, then what comes first", () => {
    expect(
      parse("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\nd: [*a, *a]").value,
    ).toEqual({
      a: { x: 1, y: 1 },
      b: { y: 2, z: 2 },
      c: { x: 3, y: 1, z: 2 },
      d: [
        { x: 1, y: 1 },
        { x: 1, y: 1 },
      ],
    });
  });

  test("takes the last anchor of a name before the alias", () => {
    expect(parse("a: &x 1\nb: *x\nc: &x 2\nd: *x").value).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  const text = `a: 1
b:
  - c: &c
      d: x
    e: [1,
        2]
  - *c
f:
  <<: *c

  g: |
    long
`;
  const lines: { path: (string | number)[]; line: number }[] = [
    { path: [], line: 1 },
    { path: ["a"], line: 1 },
    { path: ["b"], line: 2 },
    { path: ["b", 0], line: 3 },
    { path: ["b", 0, "c", "d"], line: 4 },
    { path: ["b", 0, "e", 0], line: 5 },
    { path: ["b", 0, "e", 1], line: 6 },
    { path: ["b", 0, "e", 7], line: 5 },
    { path: ["b", 1], line: 4 },
    { path: ["b", 1, "d"], line: 4 },
    { path: ["f", "d"], line: 4 },
    { path: ["f", "g"], line: 11 },
    { path: ["f", "nothing", "at all"], line: 8 },
  ];
  for (const { path, line } of lines) {
    test(`knows that ${formatPath(path) || "the root"} is on line ${line}`, () => {
      expect(parse(text).lineOf(path)).toBe(line);
    });
  }

  test("words a fault with file, line and path", () => {
    expect(parse(text).faultAt(["b", 0, "c", "d"], "no")).toBe("f:4: b[0].c.d: no");
    expect(parse(text).faultAt(["f", "a b\n"], "no")).toBe('f:8: f."a b\\n": no');
    expect(parse(text).faultAt([], "no")).toBe("f:1: no");
  });

  const bad: { name: string; text: string; message: string }[] = [
    {
      name: "keys that stand twice",
      text: "a: 1\nb: 1\na: 2\nb: 2",
      message: 'f:3: "a" stands twice, first on line 1\nf:4: "b" stands twice, first on line 2',
    },
    {
      name: "keys that stand twice in JSON",
      text: '{"a": 1,\n"a": 1}',
      message: 'f:2: "a" stands twice, first on line 1',
    },
    { name: "an anchor within itself", text: "a: &a [*a]", message: 'f:1: no anchor "a" before this alias' },
    {
      name: "a merge of text",
      text: "a: x\n<<: y",
      message: "f:2: << expects a mapping, or a list of mappings",
    },
    { name: "a list as key", text: "? [a]\n: 1", message: "f:1: a key that is no text" },
    {
      name: "depth",
      text: `a: ${"[".repeat(33)}${"]".repeat(33)}`,
      message: "f:1: more than 32 levels deep",
    },
    {
      name: "a library's quote of the text",
      text: 'a: "s3cret" }',
      message: "f:1: unexpected flow-map-end token in YAML stream",
    },
  ];
  for (const { name, text, message } of bad) {
    test(`refuses ${name}`, () => {
      expect(faultOf(text)).toBe(message);
    });
  }

  const huge: { name: string; text: string; fault: RegExp }[] = [
    {
      name: "too long a text",
      text: "#".repeat(1_048_577),
      fault: /^f: 1048577 bytes, expected at most 1048576$/,
    },
    {
      name: "many keys",
      text: Array.from({ length: 80_000 }, (_, index) => `k${index}: v`).join("\n"),
      fault: /^f:50001: more than 50000 values/,
    },
    {
      name: "anchors of anchors",
      text: bomb("[", ",", "]"),
      fault: /^f:5: more than 50000 values, those of aliases too$/,
    },
    { name: "merges of merges", text: mergeBomb(), fault: /more than 50000 values, those of aliases too$/ },
    { name: "open brackets", text: "[".repeat(500_000), fault: /^f:1: / },
    { name: "open dashes", text: "- ".repeat(500_000), fault: /^f:1: / },
  ];
  for (const { name, text, fault } of huge) {
    test(`refuses ${name} in no time`, () => {
      const start = performance.now();
      expect(faultOf(text)).toMatch(fault);
      expect(performance.now() - start).toBeLessThan(5_000);
    });
  }
});

/** Ten aliases of what holds ten aliases of … */
function bomb(open: string, comma: string, close: string): string {
  const lines = [`a0: &a0 ${open}${Array(10).fill("x").join(comma)}${close}`];
  for (let index = 1; index < 9; index++)
    lines.push(
      `a${index}: &a${index} ${open}${Array(10)
        .fill(`*a${index - 1}`)
        .join(comma)}${close}`,
    );
  return lines.join("\n");
}

/** Each line holds the one before it twice, once merged. */
function mergeBomb(): string {
  const lines = ["a0: &a0 {k0: 1}"];
  for (let index = 1; index < 40; index++)
    lines.push(`a${index}: &a${index} {<<: *a${index - 1}, k${index}: {<<: *a${index - 1}}}`);
  return lines.join("\n");
}
