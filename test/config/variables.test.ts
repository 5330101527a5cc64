import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ConfigError } from "../../src/base/errors.ts";
import { expandDocument, expandVariables } from "../../src/config/variables.ts";
import { holds } from "../base/property.ts";

const environment = { A: "one", EMPTY: "", DOLLAR: `$\{A}` };

const rows: { text: string; expected: string }[] = [
  { text: "", expected: "" },
  { text: "$A $ {A} $", expected: "$A $ {A} $" },
  { text: `$\{A}`, expected: "one" },
  { text: `<$\{A}$\{A}>`, expected: "<oneone>" },
  { text: `$\{EMPTY}`, expected: "" },
  { text: `$\{A:-two}`, expected: "one" },
  { text: `$\{B:-two}`, expected: "two" },
  { text: `$\{B:-}`, expected: "" },
  { text: `$\{EMPTY:-two}`, expected: "two" },
  { text: `$\{B:-a:-b $ ?}`, expected: "a:-b $ ?" },
  { text: `$\{A:?no}`, expected: "one" },
  { text: `$$\{A}`, expected: `$\{A}` },
  { text: `$$$\{A}`, expected: `$$\{A}` },
  { text: `\\$\{A}`, expected: "\\one" },
  { text: `$\{DOLLAR}`, expected: `$\{A}` },
];

const broken: { text: string; message: string }[] = [
  { text: `$\{B}`, message: "variable B is not set" },
  { text: `$\{toString}`, message: "variable toString is not set" },
  { text: `$\{B:?where it goes}`, message: "variable B: where it goes" },
  { text: `$\{EMPTY:?where it goes}`, message: "variable EMPTY: where it goes" },
  { text: `$\{B:?}`, message: "variable B: not set" },
  ...[`$\{}`, `$\{1}`, `$\{A-b}`, `$\{A:b}`, `$\{A `, `$\{ A}`].map((text) => ({
    text,
    message: `"${text.endsWith("}") ? text : `$\{`}", expected $\{NAME}, $\{NAME:-default} or $\{NAME:?text}; write $$\{ for a plain $\{`,
  })),
];

describe("variables in a text", () => {
  for (const { text, expected } of rows) {
    test(`${JSON.stringify(text)} is ${JSON.stringify(expected)}`, () => {
      expect(expandVariables(text, environment)).toBe(expected);
    });
  }
  for (const { text, message } of broken) {
    test(`${JSON.stringify(text)} is refused`, () => {
      expect(() => expandVariables(text, environment)).toThrow(new ConfigError(message));
    });
  }

  test("a text without a reference stays as it is", () => {
    holds(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes("${"));
        expect(expandVariables(text, {})).toBe(text);
      }),
    );
  });

  test("a text with every reference escaped comes out as it was", () => {
    const text = fc
      .array(fc.constantFrom("$", "{", "}", "${", "A", ":-", "x"))
      .map((parts) => parts.join(""));
    holds(
      fc.property(text, (given) => {
        expect(expandVariables(given.replaceAll("${", "$$${"), {})).toBe(given);
      }),
    );
  });

  test("a value comes out as it is, whatever is in it", () => {
    holds(
      fc.property(fc.string(), fc.stringMatching(/^[A-Za-z_]\w*$/), (value, name) => {
        expect(expandVariables(`<$\{${name}}>`, Object.fromEntries([[name, value]]))).toBe(`<${value}>`);
      }),
    );
  });
});

describe("variables in a document", () => {
  test("are put into texts, never into keys", () => {
    const key = `$\{A}`;
    const value = { [key]: key, list: [`$\{A}`, 1, true, null, { inner: `x$\{A}` }] };
    expect(expandDocument(value, environment)).toEqual({
      value: { [key]: "one", list: ["one", 1, true, null, { inner: "xone" }] },
      variables: new Set(["A"]),
      faults: [],
    });
  });

  test("are all named, set or not, and each fault has its path", () => {
    const value = { a: [`$\{A}`, `$\{B}`], c: `$\{C:-$}`, d: { e: `$\{D:?why}` } };
    const { variables, faults } = expandDocument(value, environment);
    expect([...variables]).toEqual(["A", "B", "C", "D"]);
    expect(faults).toEqual([
      { path: ["a", 1], message: "variable B is not set" },
      { path: ["d", "e"], message: "variable D: why" },
    ]);
  });
});
