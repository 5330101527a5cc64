import { RE2JS } from "re2js";
import { ConfigError, messageOf, unreachable } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";
import type { HookValue } from "../event/hook-event.ts";
import type { ConditionValue, Operator } from "./filter-settings.ts";

type Scalar = string | number | boolean;

/** Whether a field's value fulfils what is asked; undefined where the two cannot be compared. */
export type Comparison = (actual: HookValue) => boolean | undefined;

/** A pattern sees no more of a text than this, in bytes of UTF-8. */
const maxMatchedBytes = 1_024;

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number a value stands for; undefined where it is none, or not a finite decimal. */
const numberOf = (value: Scalar): number | undefined => {
  if (typeof value === "boolean" || (typeof value === "string" && !decimal.test(value))) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
};

const truthOf = (value: Scalar): boolean | undefined =>
  String(value) === "true" ? true : String(value) === "false" ? false : undefined;

/** The type of the field decides how `expected` is read. */
const equal = (expected: Scalar): Comparison => {
  const text = String(expected);
  const number = numberOf(expected);
  const truth = truthOf(expected);
  return (actual) => {
    if (typeof actual === "string") return actual === text;
    if (typeof actual === "number") return number === undefined ? undefined : actual === number;
    if (typeof actual === "boolean") return truth === undefined ? undefined : actual === truth;
    return undefined;
  };
};

const contains = (expected: Scalar): Comparison => {
  const text = String(expected);
  const isEqual = equal(expected);
  return (actual) => {
    if (typeof actual === "string") return actual.includes(text);
    if (Array.isArray(actual)) return actual.some((member: HookValue) => isEqual(member) === true);
    return undefined;
  };
};

const isAmong = (expected: readonly Scalar[]): Comparison => {
  const members = expected.map(equal);
  return (actual) => {
    const results = members.map((isEqual) => isEqual(actual));
    if (results.includes(true)) return true;
    return results.includes(false) ? false : undefined;
  };
};

const compareNumbers = (
  operator: Operator,
  expected: Scalar,
  holds: (actual: number, limit: number) => boolean,
): Comparison => {
  const limit = numberOf(expected);
  if (limit === undefined)
    throw new ConfigError(`${shown(expected)}, expected a number for the operator ${operator}`);
  return (actual) => (typeof actual === "number" ? holds(actual, limit) : undefined);
};

const encoder = new TextEncoder();
const scratch = new Uint8Array(maxMatchedBytes);

/** As much of `text` as a pattern may see. No UTF-16 unit needs more than three bytes. */
const bounded = (text: string): string =>
  text.length * 3 <= maxMatchedBytes ? text : text.substring(0, encoder.encodeInto(text, scratch).read);

const matches = (expected: Scalar): Comparison => {
  const pattern = patternOf(String(expected));
  return (actual) => (typeof actual === "string" ? pattern.test(bounded(actual)) : undefined);
};

const patternOf = (text: string): RE2JS => {
  try {
    return RE2JS.compile(text);
  } catch (error) {
    const why = messageOf(error).replace(/^error parsing regexp: /, "");
    throw new ConfigError(`${printable(text)} is no regular expression: ${why}`, { cause: error });
  }
};

const shown = (value: ConditionValue): string =>
  typeof value === "string" ? printable(value) : JSON.stringify(value);

const isList = (value: ConditionValue): value is readonly Scalar[] => Array.isArray(value);

const oneValue = (operator: Operator, value: ConditionValue): Scalar => {
  if (isList(value))
    throw new ConfigError(`${shown(value)}, expected one value for the operator ${operator}`);
  return value;
};

/**
 * Makes what compares the value of a field, once for all events.
 * Text is compared letter by letter; a number only with a finite decimal, true and false only with those words. Greater and less
 * are for numbers, `startswith` and `matches` for text, `contains` for text and lists.
 * @throws ConfigError when the operator cannot work with `value`, or for a bad regular expression
 */
export const compileComparison = (
  operator: Exclude<Operator, "exists">,
  value: ConditionValue | undefined,
): Comparison => {
  if (value === undefined) throw new ConfigError(`the operator ${operator} needs a value`);
  if (operator === "in") {
    if (!isList(value)) throw new ConfigError(`${shown(value)}, expected a list for the operator in`);
    return isAmong(value);
  }
  const expected = oneValue(operator, value);
  switch (operator) {
    case "eq":
      return equal(expected);
    case "ne": {
      const isEqual = equal(expected);
      return (actual) => {
        const result = isEqual(actual);
        return result === undefined ? undefined : !result;
      };
    }
    case "gt":
      return compareNumbers(operator, expected, (actual, limit) => actual > limit);
    case "gte":
      return compareNumbers(operator, expected, (actual, limit) => actual >= limit);
    case "lt":
      return compareNumbers(operator, expected, (actual, limit) => actual < limit);
    case "lte":
      return compareNumbers(operator, expected, (actual, limit) => actual <= limit);
    case "contains":
      return contains(expected);
    case "startswith": {
      const start = String(expected);
      return (actual) => (typeof actual === "string" ? actual.startsWith(start) : undefined);
    }
    case "matches":
      return matches(expected);
    default:
      return unreachable(operator);
  }
};
