import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type * as v from "valibot";
import { ConfigError } from "../../src/base/errors.ts";
import { formatDuration } from "../../src/base/units.ts";
import { checkDocument } from "../../src/config/check.ts";
import { parseConfigDocument } from "../../src/config/document.ts";
import {
  duration,
  type Field,
  integer,
  moment,
  number,
  optional,
  size,
  text,
  truth,
  unserved,
  word,
} from "../../src/config/field.ts";
import { redact } from "../../src/config/redact.ts";
import { secret } from "../../src/config/secret.ts";
import { choice, list, oneOrMore, section } from "../../src/config/section.ts";
import { texts } from "../../src/config/texts.ts";
import { holds } from "../base/property.ts";

const check = <Value>(
  yaml: string,
  schema: v.GenericSchema<unknown, Value>,
  environment: Record<string, string> = {},
): Value => checkDocument(parseConfigDocument(yaml, "f"), schema, environment).value;

const readAs = <Value>(field: Field<Value>, value: unknown): Value | string => {
  try {
    return check(`k: ${JSON.stringify(value)}`, section("a document", { k: field })).k as Value;
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replace("f:1: k: ", "!");
    throw error;
  }
};

describe("a field", () => {
  const rows: { name: string; field: Field<unknown>; value: unknown; expected: unknown }[] = [
    { name: "text", field: text("t"), value: "a b", expected: "a b" },
    { name: "empty text", field: text("t"), value: "", expected: '!"", expected text' },
    { name: "text with a NUL", field: text("t"), value: "a\0", expected: '!"a\\u0000", expected text' },
    { name: "a number as text", field: text("t"), value: 5, expected: "!5, expected text in quotes" },
    { name: "a list as text", field: text("t"), value: [], expected: "!a list, expected text" },
    { name: "an integer", field: integer("i", { min: -5, max: 5 }), value: -5, expected: -5 },
    { name: "an integer as text", field: integer("i", { min: 0, max: 5 }), value: "5", expected: 5 },
    {
      name: "an integer beyond",
      field: integer("i", { min: 0, max: 5 }),
      value: "6",
      expected: '!"6", expected a whole number from 0 to 5',
    },
    {
      name: "an integer with space",
      field: integer("i", { min: 0, max: 5 }),
      value: " 5",
      expected: '!" 5", expected a whole number from 0 to 5',
    },
    {
      name: "a truth as integer",
      field: integer("i", { min: 0, max: 5 }),
      value: true,
      expected: "!true, expected a whole number from 0 to 5",
    },
    { name: "a number", field: number("n", { min: 0, max: 1 }), value: 0.5, expected: 0.5 },
    { name: "a number as text", field: number("n", { min: 0, max: 1 }), value: "0.5", expected: 0.5 },
    {
      name: "a number beyond",
      field: number("n", { min: 0, max: 1 }),
      value: 1.5,
      expected: "!1.5, expected a number from 0 to 1",
    },
    {
      name: "a number in words",
      field: number("n", { min: 0, max: 1 }),
      value: "NaN",
      expected: '!"NaN", expected a number from 0 to 1',
    },
    { name: "ON", field: truth("b"), value: "ON", expected: true },
    { name: "Off", field: truth("b"), value: "Off", expected: false },
    {
      name: "toString",
      field: truth("b"),
      value: "toString",
      expected: '!"toString", expected true or false',
    },
    { name: "a duration", field: duration("d"), value: "1m30s", expected: 90_000 },
    { name: "no duration at all", field: duration("d", { min: "0", max: "1h" }), value: 0, expected: 0 },
    {
      name: "a long duration",
      field: duration("d", { min: "1s", max: "1h" }),
      value: "61m",
      expected: '!"61m", expected a duration from 1s to 1h',
    },
    {
      name: "an endless duration",
      field: duration("d"),
      value: `${"9".repeat(400)}h`,
      expected: `!"${"9".repeat(80)}…", expected a duration from 1ms to 8760h`,
    },
    { name: "a size", field: size("s"), value: "16M", expected: 16_777_216 },
    { name: "a size without unit", field: size("s"), value: 100, expected: 100 },
    {
      name: "a truth as size",
      field: size("s"),
      value: true,
      expected: "!true, expected a size such as 512K or 16M",
    },
    { name: "a word", field: word("w", ["a", "b"]), value: "b", expected: "b" },
    {
      name: "another word",
      field: word("w", ["a", "b", "c"]),
      value: "B",
      expected: '!"B", expected a, b or c',
    },
    {
      name: "a moment",
      field: moment("m"),
      value: "2026-03-01T12:00:00.5+02:00",
      expected: Date.UTC(2026, 2, 1, 10, 0, 0, 500),
    },
    {
      name: "a moment without zone",
      field: moment("m"),
      value: "2026-03-01T12:00:00",
      expected: '!"2026-03-01T12:00:00", expected a moment such as 2026-03-01T12:00:00Z',
    },
    {
      name: "a moment that never was",
      field: moment("m"),
      value: "2026-13-01T12:00:00Z",
      expected: '!"2026-13-01T12:00:00Z", expected a moment such as 2026-03-01T12:00:00Z',
    },
    { name: "what is not served", field: unserved("u", "is not here"), value: 1, expected: "!is not here" },
    {
      name: "one of several",
      field: oneOrMore("o", text("t")) as Field<unknown>,
      value: "a",
      expected: ["a"],
    },
    {
      name: "several",
      field: oneOrMore("o", text("t")) as Field<unknown>,
      value: ["a", "b"],
      expected: ["a", "b"],
    },
  ];
  for (const { name, field, value, expected } of rows) {
    test(`takes ${name} for what it is`, () => {
      expect(readAs(field, value)).toEqual(expected as string);
    });
  }

  test("reads every duration that is written", () => {
    holds(
      fc.property(fc.integer({ min: 1, max: 86_400 }), (seconds) => {
        expect(readAs(duration("d"), formatDuration(seconds * 1_000))).toBe(seconds * 1_000);
      }),
    );
  });

  test("reads integers alike, as a number or from a variable", () => {
    const schema = section("a document", { k: integer("i", { min: -100, max: 100 }) });
    const outcome = (yaml: string, environment: Record<string, string>): unknown => {
      try {
        return check(yaml, schema, environment).k;
      } catch {
        return "refused";
      }
    };
    holds(
      fc.property(fc.integer({ min: -200, max: 200 }), (value) => {
        expect(outcome(`k: $\{N}`, { N: String(value) })).toEqual(outcome(`k: ${value}`, {}));
      }),
    );
  });
});

describe("a section", () => {
  const schema = section("a document", {
    name: text("a name"),
    items: optional(list("some", section("one", { size: optional(size("a size")) }))),
    auth: optional(
      choice("auth", "type", [
        section("a", { type: word("a", ["a"]), key: secret("a key") }),
        section("b", { type: word("b", ["b"]), user: text("a user") }),
      ]),
    ),
    headers: optional(texts("headers", { name: () => undefined, shown: () => "***" })),
  });

  const faults = (yaml: string, environment: Record<string, string> = {}): string[] => {
    try {
      check(yaml, schema, environment);
    } catch (error) {
      if (error instanceof ConfigError) return error.message.split("\n");
      throw error;
    }
    return [];
  };

  test("tells of all faults at once, in the order of the document", () => {
    expect(
      faults(
        `headers: {a: 1, b: x}\nitems:\n  - szie: 1\n  - size: x\n  - a\nauth: {type: b, usr: c}\nx: $\{N}\n`,
      ),
    ).toEqual([
      "f:1: name: missing",
      "f:1: headers.a: 1, expected text in quotes",
      "f:3: items[0].szie: unknown key, did you mean size?",
      'f:4: items[1].size: "x" is no size, expected a number of bytes or one with K, M or G, such as 512K or 16M',
      "f:5: items[2]: text, expected a mapping",
      "f:6: auth.user: missing",
      "f:6: auth.usr: unknown key, did you mean user?",
      "f:7: x: variable N is not set",
    ]);
  });

  test("takes a key without a value for one that is left out", () => {
    expect(check("name: n\nitems:\nauth: ~\nheaders: null", schema)).toEqual({ name: "n" });
    expect(faults("name:")).toEqual(["f:1: name: missing"]);
  });

  test("reads names of the operator's own, also those that objects have", () => {
    const { headers } = check("name: n\nheaders: {constructor: a, __proto__: b}", schema);
    expect(Object.entries(headers ?? {})).toEqual([
      ["constructor", "a"],
      ["__proto__", "b"],
    ]);
  });

  test("never tells the value of a variable, but what was written", () => {
    expect(faults(`name: n\nitems: [{size: "$\{S}"}]`, { S: "hunter2" })[0]).toStartWith(
      `f:2: items[0].size: "$\{S}" is no size`,
    );
  });

  test("is shown without its secrets, and otherwise as it is", () => {
    const value = check("name: n\nitems: [{size: 1K}]\nauth: {type: a, key: k}\nheaders: {h: x}", schema);
    expect(redact(schema, value)).toEqual({
      name: "n",
      items: [{ size: 1_024 }],
      auth: { type: "a", key: "***" },
      headers: { h: "***" },
    });
    expect(redact(schema, check("name: n\nauth: {type: b, user: u}", schema))).toEqual({
      name: "n",
      auth: { type: "b", user: "u" },
    });
  });

  test("names the variables it uses", () => {
    const document = parseConfigDocument(`name: "$\{A}$\{B:-x}"`, "f");
    const { value, variables } = checkDocument(document, schema, { A: "a" });
    expect([value.name, [...variables]]).toEqual(["ax", ["A", "B"]]);
  });
});
