import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ConfigError } from "../../../src/base/errors.ts";
import type { HookEvent, HookValue } from "../../../src/hooks/event/hook-event.ts";
import {
  type ConditionFault,
  checkCondition,
  compileCondition,
  parseCondition,
} from "../../../src/hooks/filter/condition.ts";
import type { ConditionValue, Operator } from "../../../src/hooks/filter/filter-settings.ts";
import { holds } from "../../base/property.ts";
import { sampleEvent } from "../sample-event.ts";

const withData = (data: HookEvent["data"]): HookEvent => sampleEvent({ data });

describe("a condition behind a flag", () => {
  const rows: [string, string, Operator, ConditionValue][] = [
    ["data.bitrate>1000000", "data.bitrate", "gt", 1_000_000],
    ["data.codec_name=H264", "data.codec_name", "eq", "H264"],
    ["data.channels=2", "data.channels", "eq", 2],
    ["data.bitrate >= 5", "data.bitrate", "gte", 5],
    ["data.bitrate<=5", "data.bitrate", "lte", 5],
    ["data.bitrate<5", "data.bitrate", "lt", 5],
    ["data.codec_name==H264", "data.codec_name", "eq", "H264"],
    ["data.codec_name!=H264", "data.codec_name", "ne", "H264"],
    ["data.codec_name=~^H26[45]$", "data.codec_name", "matches", "^H26[45]$"],
    ["data.title*=live", "data.title", "contains", "live"],
    ["conn_id=c000001", "conn_id", "eq", "c000001"],
    ["data.tls=true", "data.tls", "eq", true],
    ["data.tls=false", "data.tls", "eq", false],
    ['data.title="  two words "', "data.title", "eq", "  two words "],
    ["data.title='a \"b\"'", "data.title", "eq", 'a "b"'],
    ['data.title=""', "data.title", "eq", ""],
    ['data.channels="2"', "data.channels", "eq", "2"],
    ["data.title=a=b", "data.title", "eq", "a=b"],
    ["data.title= ~x", "data.title", "eq", "~x"],
    ["data.title=>x", "data.title", "eq", ">x"],
    ["data.title=007", "data.title", "eq", "007"],
    ["data.title=1e3", "data.title", "eq", "1e3"],
    ["data.value=-2.5", "data.value", "eq", -2.5],
    ["data.title=Infinity", "data.title", "eq", "Infinity"],
    ["  data.title  =  x  ", "data.title", "eq", "x"],
    ["data.title=line\nbreak", "data.title", "eq", "line\nbreak"],
    ["data.tags.0=a", "data.tags.0", "eq", "a"],
  ];
  for (const [text, field, operator, value] of rows) {
    test(`${JSON.stringify(text)} is ${field} ${operator} ${JSON.stringify(value)}`, () => {
      expect(parseCondition(text)).toEqual({ field, operator, value });
    });
  }

  const bad: [string, string][] = [
    ["", "is no condition"],
    ["data.bitrate", "is no condition"],
    [">5", "is no condition"],
    ["data.bitrate>", "its value is missing"],
    ["data bitrate>5", "is no condition"],
    ['data.title="x', "quote"],
    ['data.title="', "quote"],
    ["bitrate>5", "did you mean data.bitrate"],
    ["stream_keys=a", "did you mean stream_key"],
    ["dat.bitrate>5", "did you mean data.bitrate"],
    ["data=5", "not one value"],
    ["conn_id.x=5", "has no fields of its own"],
    ["data..x=5", "empty part"],
    ["__proto__=5", "unknown field"],
    ["constructor.name=5", "unknown field"],
    ["data.bitrate>fast", "expected a number for the operator gt"],
    ["data.bitrate>0x10", "expected a number for the operator gt"],
    ["data.bitrate>1e999", "expected a number for the operator gt"],
    ["data.title=~(", "is no regular expression: missing closing )"],
    ["data.title=~a(?=b)", "is no regular expression"],
  ];
  for (const [text, message] of bad) {
    test(`${JSON.stringify(text)} is refused: ${message}`, () => {
      expect(() => parseCondition(text)).toThrow(ConfigError);
      expect(() => parseCondition(text)).toThrow(message);
    });
  }

  test("says the same whatever spaces stand around its operator", () => {
    const space = fc.constantFrom("", " ", "  ", "\t");
    const sign = fc.constantFrom(">=", "<=", "!=", "==", "*=", ">", "<", "=");
    holds(
      fc.property(space, sign, space, fc.integer(), (before, operator, after, value) => {
        expect(parseCondition(`data.x${before}${operator}${after}${value}`)).toEqual(
          parseCondition(`data.x${operator}${value}`),
        );
      }),
    );
  });
});

describe("a condition on an event", () => {
  const missing = "missing_field";
  const mismatch = "type_mismatch";
  const unfulfilled = "not_fulfilled";
  const rows: [HookValue | undefined, Operator, ConditionValue | undefined, ConditionFault | undefined][] = [
    [1_000_001, "gt", 1_000_000, undefined],
    [1_000_000, "gt", 1_000_000, unfulfilled],
    [1_000_000, "gte", "1000000", undefined],
    [5, "lt", 5.5, undefined],
    [5, "lte", 5, undefined],
    [6, "lte", 5, unfulfilled],
    ["6", "gt", 5, mismatch],
    [true, "gt", 0, mismatch],
    [undefined, "gt", 0, missing],
    [2, "eq", 2, undefined],
    [2, "eq", "2", undefined],
    [2, "eq", "2.0", undefined],
    [2, "eq", "+2e0", undefined],
    [2, "eq", "0x2", mismatch],
    [2, "eq", " 2", mismatch],
    [2, "eq", "", mismatch],
    [0, "eq", "", mismatch],
    [1, "eq", true, mismatch],
    [2, "eq", 3, unfulfilled],
    ["2", "eq", 2, undefined],
    ["H264", "eq", "H264", undefined],
    ["h264", "eq", "H264", unfulfilled],
    ["true", "eq", true, undefined],
    [true, "eq", "true", undefined],
    [true, "eq", true, undefined],
    [false, "eq", "true", unfulfilled],
    [true, "eq", "yes", mismatch],
    [true, "eq", 1, mismatch],
    [["a"], "eq", "a", mismatch],
    ["H265", "ne", "H264", undefined],
    ["H264", "ne", "H264", unfulfilled],
    [2, "ne", 3, undefined],
    [2, "ne", "abc", mismatch],
    [undefined, "ne", "x", missing],
    ["my live show", "contains", "live", undefined],
    ["my live show", "contains", "Live", unfulfilled],
    [["a", "b"], "contains", "b", undefined],
    [["a", "b"], "contains", "c", unfulfilled],
    [[1, 2], "contains", "2", undefined],
    [["ab"], "contains", "a", unfulfilled],
    [5, "contains", 5, mismatch],
    ["H264", "in", ["H265", "H264"], undefined],
    ["VP9", "in", ["H265", "H264"], unfulfilled],
    [2, "in", ["1", "2"], undefined],
    [2, "in", ["a", "1"], unfulfilled],
    [2, "in", ["a"], mismatch],
    ["rtmp://x", "startswith", "rtmp", undefined],
    ["http://x", "startswith", "rtmp", unfulfilled],
    [7, "startswith", 7, mismatch],
    ["x H264 y", "matches", "H26[45]", undefined],
    ["x H264 y", "matches", "^H26[45]", unfulfilled],
    ["7", "matches", 7, undefined],
    [264, "matches", "26", mismatch],
    ["x", "exists", undefined, undefined],
    ["x", "exists", true, undefined],
    ["x", "exists", "false", unfulfilled],
    [undefined, "exists", true, missing],
    [undefined, "exists", false, undefined],
    [0, "exists", true, undefined],
  ];
  for (const [actual, operator, value, fault] of rows) {
    test(`${JSON.stringify(actual)} ${operator} ${JSON.stringify(value)} is ${fault ?? "fulfilled"}`, () => {
      const judge = compileCondition({ field: "data.x", operator, value });
      expect(judge(withData(actual === undefined ? {} : { x: actual }))).toBe(fault);
    });
  }

  const bad: [Operator, ConditionValue | undefined][] = [
    ["eq", ["a"]],
    ["eq", undefined],
    ["in", "a"],
    ["gt", true],
    ["exists", "maybe"],
    ["exists", ["true"]],
    ["matches", "[a"],
  ];
  for (const [operator, value] of bad) {
    test(`cannot be made of ${operator} with ${JSON.stringify(value)}`, () => {
      expect(() => checkCondition({ field: "data.x", operator, value })).toThrow(ConfigError);
    });
  }
});

describe("the field of a condition", () => {
  const reads = (field: string, event: HookEvent): boolean =>
    compileCondition({ field, operator: "exists", value: true })(event) === undefined;

  test("reaches into the envelope, nested fields and lists", () => {
    const event = withData({ a: { b: 1 }, tags: ["x", "y"] });
    for (const field of ["type", "conn_id", "seq", "data.a.b", "data.a", "data.tags.0", "data.tags.1"])
      expect([field, reads(field, event)]).toEqual([field, true]);
    for (const field of ["data.a.c", "data.a.b.c", "data.tags.2", "data.tags.00", "data.x"])
      expect([field, reads(field, event)]).toEqual([field, false]);
  });

  test("is never one that every object, list or text inherits", () => {
    const event = withData({ tags: ["x"], title: "text", a: {} });
    for (const name of ["toString", "constructor", "__proto__", "hasOwnProperty", "length", "map"])
      for (const at of ["data", "data.tags", "data.title", "data.a"])
        expect([at, name, reads(`${at}.${name}`, event)]).toEqual([at, name, false]);
  });

  test("may be called like one of them all the same", () => {
    expect(reads("data.constructor", withData({ constructor: "x" }))).toBe(true);
  });

  test("of any path reads without throwing, and what is own is found", () => {
    holds(
      fc.property(fc.stringMatching(/^[^.]{1,8}$/), fc.string(), (name, value) => {
        const data: Record<string, string> = Object.create(null);
        data[name] = value;
        expect(reads(`data.${name}`, withData(data))).toBe(true);
      }),
    );
  });
});

describe("a pattern", () => {
  const judge = (pattern: string, text: string): boolean =>
    compileCondition({ field: "data.x", operator: "matches", value: pattern })(withData({ x: text })) ===
    undefined;

  test("sees the first 1024 bytes of a text, and no half letter", () => {
    const rows: [string, boolean][] = [
      [`${"a".repeat(1023)}b`, true],
      [`${"a".repeat(1024)}b`, false],
      [`${"é".repeat(511)}ab`, true],
      [`${"é".repeat(512)}b`, false],
      [`${"€".repeat(341)}b`, true],
      [`${"€".repeat(342)}b`, false],
      [`${"😀".repeat(255)}abcb`, true],
      [`${"😀".repeat(256)}b`, false],
    ];
    for (const [text, isSeen] of rows) expect([text.length, judge("b", text)]).toEqual([text.length, isSeen]);
    expect(judge("^a+[^a]?$", `${"a".repeat(1022)}€`)).toBe(true);
    expect(judge("\\x{FFFD}", `${"a".repeat(1022)}😀`)).toBe(false);
  });

  test("that would take for ever elsewhere takes no time", () => {
    const startedAt = performance.now();
    for (const pattern of ["^(a+)+$", "^(a|aa)+$", "^(.*a){12}$", "(x+x+)+y"])
      expect(judge(pattern, `${"a".repeat(1_000)}!`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
