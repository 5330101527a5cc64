import * as v from "valibot";
import { ConfigError } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";
import { parseDuration, parseSize } from "../base/units.ts";

/** What is known of a field beside how it is read. Stands in the metadata of its schema. */
export interface FieldFace {
  /** What an editor may check; text with a `${NAME}` in it is always allowed beside it. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** How its value is shown to people, where that is not the value itself. */
  readonly shown?: (value: unknown) => unknown;
  /** What it may be, where that is one of a few words. */
  readonly words?: readonly string[];
}

/** A field that gives a `Value`, whatever stands in the document. */
export type Field<Value> = v.GenericSchema<unknown, Value>;

/** The face of a field; undefined for what is no field. */
export const faceOf = (schema: v.GenericSchema): FieldFace | undefined => {
  const { face } = v.getMetadata(schema);
  return face as FieldFace | undefined;
};

/**
 * A field that `parse` reads. `doc` is one sentence without a full stop, with the unit and the default.
 * `parse` throws ConfigError with what was given and what is expected; it is told with the place of the field.
 */
export const field = <Value>(doc: string, parse: (value: unknown) => Value, face: FieldFace): Field<Value> =>
  v.pipe(
    v.unknown(),
    v.description(doc),
    v.metadata({ face }),
    v.rawTransform<unknown, Value>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        addIssue({ message: error.message });
        return NEVER;
      }
    }),
  );

/** A key that may be left out. */
export const optional = <Schema extends v.GenericSchema>(
  schema: Schema,
): v.ExactOptionalSchema<Schema, undefined> => v.exactOptional(schema);

/** A value of a document in an error message. */
export const shownValue = (value: unknown): string => {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "a mapping" : String(value);
};

/** A value of a document in an error message where it may be, or hold, a secret: of text and numbers only what they are. */
export const kindOfValue = (value: unknown): string => {
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "a number" : shownValue(value);
};

const textOf = (value: unknown): string => {
  if (typeof value === "string") return value;
  const isScalar = typeof value === "number" || typeof value === "boolean";
  throw new ConfigError(`${shownValue(value)}, expected text${isScalar ? " in quotes" : ""}`);
};

/** How a text is read, and shown where that is not the text itself. */
export interface TextOptions<Value> {
  readonly parse: (text: string) => Value;
  readonly shown?: (value: unknown) => unknown;
}

/** Text, read further by `parse` where that is given. An empty text and one with a NUL are refused. */
export function text(doc: string, options?: Omit<TextOptions<string>, "parse">): Field<string>;
/** Text that means a `Value`. */
export function text<Value>(doc: string, options: TextOptions<Value>): Field<Value>;
/** Both of them. */
export function text(doc: string, options: Partial<TextOptions<unknown>> = {}): Field<unknown> {
  const { parse = (given) => given, shown } = options;
  const read = (value: unknown): unknown => {
    const given = textOf(value);
    if (given === "" || given.includes("\0")) throw new ConfigError(`${printable(given)}, expected text`);
    return parse(given);
  };
  return field(doc, read, { jsonSchema: { type: "string", minLength: 1 }, ...(shown ? { shown } : {}) });
}

/** One of a few words. */
export const word = <const Word extends string>(doc: string, words: readonly Word[]): Field<Word> =>
  field(
    doc,
    (value) => {
      const found = words.find((candidate) => candidate === value);
      if (found === undefined)
        throw new ConfigError(`${shownValue(value)}, expected ${anyOf(words.filter((each) => each !== ""))}`);
      return found;
    },
    { jsonSchema: { enum: words }, words },
  );

/** `a, b or c`. */
export const anyOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

/** A whole number within bounds. */
export const integer = (doc: string, { min, max }: { min: number; max: number }): Field<number> =>
  field(
    doc,
    (value) => {
      const given = typeof value === "string" && /^[+-]?\d+$/.test(value) ? Number(value) : value;
      if (typeof given !== "number" || !Number.isInteger(given) || given < min || given > max)
        throw new ConfigError(`${shownValue(value)}, expected a whole number from ${min} to ${max}`);
      return given;
    },
    { jsonSchema: { type: "integer", minimum: min, maximum: max } },
  );

/** A number within bounds. */
export const number = (doc: string, { min, max }: { min: number; max: number }): Field<number> =>
  field(
    doc,
    (value) => {
      const given = typeof value === "string" && /^[+-]?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
      if (typeof given !== "number" || !(given >= min && given <= max))
        throw new ConfigError(`${shownValue(value)}, expected a number from ${min} to ${max}`);
      return given;
    },
    { jsonSchema: { type: "number", minimum: min, maximum: max } },
  );

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** True or false; `yes`, `on`, `no` and `off` mean the same. */
export const truth = (doc: string): Field<boolean> =>
  field(
    doc,
    (value) => {
      const name = String(value).toLowerCase();
      const known = typeof value === "boolean" || typeof value === "string";
      const meant = known && Object.hasOwn(truths, name) ? truths[name] : undefined;
      if (meant === undefined) throw new ConfigError(`${shownValue(value)}, expected true or false`);
      return meant;
    },
    { jsonSchema: { anyOf: [{ type: "boolean" }, { enum: ["yes", "on", "no", "off"] }] } },
  );

/** A duration in Go's notation, in milliseconds. A number without a unit is refused. */
export const duration = (
  doc: string,
  { min, max }: { min: string; max: string } = { min: "1ms", max: "8760h" },
): Field<number> =>
  field(
    doc,
    (value) => {
      if (typeof value !== "string" && value !== 0)
        throw new ConfigError(`${shownValue(value)}, expected a duration such as 500ms, 10s, 1m30s or 1h`);
      const ms = parseDuration(String(value));
      if (!(ms >= parseDuration(min) && ms <= parseDuration(max)))
        throw new ConfigError(`${shownValue(value)}, expected a duration from ${min} to ${max}`);
      return ms;
    },
    { jsonSchema: { type: "string", pattern: "^([0-9.]+(ns|us|µs|ms|s|m|h))+$|^0$" } },
  );

/** A size, in bytes. */
export const size = (doc: string): Field<number> =>
  field(
    doc,
    (value) => {
      if (typeof value !== "string" && typeof value !== "number")
        throw new ConfigError(`${shownValue(value)}, expected a size such as 512K or 16M`);
      return parseSize(String(value));
    },
    {
      jsonSchema: {
        anyOf: [
          { type: "integer", minimum: 0 },
          { type: "string", pattern: "^[0-9]+(\\.[0-9]+)? *[bkmgBKMG]?(i?[bB])?$" },
        ],
      },
    },
  );

/** A moment in RFC 3339 (`2026-03-01T12:00:00Z`), as Unix time in milliseconds. */
export const moment = (doc: string): Field<number> =>
  field(
    doc,
    (value) => {
      const isMoment =
        typeof value === "string" &&
        /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(value);
      const ms = isMoment ? Date.parse(value.toUpperCase().replace(" ", "T")) : Number.NaN;
      if (Number.isNaN(ms))
        throw new ConfigError(`${shownValue(value)}, expected a moment such as 2026-03-01T12:00:00Z`);
      return ms;
    },
    { jsonSchema: { type: "string", format: "date-time" } },
  );

/** A key that is known and cannot be used; `why` says so, and what to do. */
export const unserved = (doc: string, why: string): Field<never> =>
  field(
    doc,
    () => {
      throw new ConfigError(why);
    },
    { jsonSchema: { not: {} } },
  );
