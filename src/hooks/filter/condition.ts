import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";
import type { HookEvent } from "../event/hook-event.ts";
import { compileComparison } from "./comparison.ts";
import { checkField, fieldReader } from "./field-path.ts";
import type { ConditionSettings, ConditionValue, Operator } from "./filter-settings.ts";

/**
 * Why an event does not fulfil a condition: the field is not there, its type cannot be compared with the value, or it is another
 * value.
 */
export type ConditionFault = "missing_field" | "type_mismatch" | "not_fulfilled";

/** Judges one event; undefined where it fulfils the condition. */
export type Condition = (event: HookEvent) => ConditionFault | undefined;

/** How operators are written behind a flag. One that another one begins with comes behind it. */
const signs: Readonly<Record<string, Operator>> = {
  ">=": "gte",
  "<=": "lte",
  "!=": "ne",
  "==": "eq",
  "=~": "matches",
  "*=": "contains",
  ">": "gt",
  "<": "lt",
  "=": "eq",
};

const form = /^\s*([^\s=<>!*~"']+)\s*(>=|<=|!=|==|=~|\*=|>|<|=)\s*(.*?)\s*$/s;

/**
 * Reads a condition as it stands behind a flag: `data.bitrate>1000000`, `data.codec_name=H264`, `data.title *= "live now"`.
 * Quotes around the whole value make it text, and keep spaces; nothing is escaped within them.
 * @throws ConfigError naming what was given and what is accepted
 */
export const parseCondition = (text: string): ConditionSettings => {
  const [, field, sign, raw] = form.exec(text) ?? [];
  const operator = signs[sign ?? ""];
  if (field === undefined || raw === undefined || operator === undefined)
    throw new ConfigError(
      `${printable(text)} is no condition, expected a field, one of ${Object.keys(signs).join(" ")}, and a value, such as data.bitrate>1000000`,
    );
  const condition: ConditionSettings = { field, operator, value: readValue(raw, text) };
  checkCondition(condition);
  return condition;
};

/** A number stays text where it is written in an unusual way (`007`), so that it can be compared with text. */
const readValue = (raw: string, text: string): ConditionValue => {
  const quote = raw[0];
  if (quote === '"' || quote === "'") {
    if (raw.length < 2 || !raw.endsWith(quote))
      throw new ConfigError(`${printable(text)} is no condition: the quote before its value is not closed`);
    return raw.substring(1, raw.length - 1);
  }
  if (raw === "")
    throw new ConfigError(`${printable(text)} is no condition: its value is missing ("" for empty text)`);
  if (raw === "true" || raw === "false") return raw === "true";
  const number = Number(raw);
  return Number.isFinite(number) && String(number) === raw ? number : raw;
};

/**
 * Checks all of a condition: that its field is a path into an event, and that its operator can work with its value.
 * @throws ConfigError naming what was given and what is accepted
 */
export const checkCondition = (settings: ConditionSettings): void => {
  compileCondition(settings);
};

/**
 * Makes what judges events by a condition; a pattern is compiled once, here.
 * @throws ConfigError as {@link checkCondition}
 */
export const compileCondition = ({ field, operator, value }: ConditionSettings): Condition => {
  checkField(field);
  const read = fieldReader(field);
  if (operator === "exists") return existence(read, value);
  const compare = compileComparison(operator, value);
  return (event) => {
    const actual = read(event);
    if (actual === undefined) return "missing_field";
    const result = compare(actual);
    return result === true ? undefined : result === undefined ? "type_mismatch" : "not_fulfilled";
  };
};

const existence = (read: ReturnType<typeof fieldReader>, value: ConditionValue | undefined): Condition => {
  const wanted = value === undefined ? "true" : String(value);
  if (Array.isArray(value) || (wanted !== "true" && wanted !== "false"))
    throw new ConfigError(`${printable(wanted)}, expected true or false for the operator exists`);
  return wanted === "true"
    ? (event) => (read(event) === undefined ? "missing_field" : undefined)
    : (event) => (read(event) === undefined ? undefined : "not_fulfilled");
};
