/** A JSON Schema (2020-12), or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** Any text. */
export const text: Schema = { type: "string" };

/** A whole number from 0. */
export const whole: Schema = { type: "integer", minimum: 0 };

/** A number. */
export const decimal: Schema = { type: "number" };

/** `true` or `false`. */
export const truth: Schema = { type: "boolean" };

/** RFC 3339 with an offset. */
export const moment: Schema = { type: "string", format: "date-time" };

/** One of a few words. */
export const word = (...words: readonly string[]): Schema => ({ enum: words });

/** That, or null. */
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });

/** Any number of them. */
export const listOf = (items: Schema): Schema => ({ type: "array", items });

/** The same under an older name. */
export const olderName = (schema: Schema): Schema => ({ ...schema, deprecated: true });

/** An object of the control API under its name: all fields of its type, and no others. */
export const objectSchema = <Value extends object>(
  title: string,
  properties: Readonly<Record<keyof Value & string, Schema>>,
): Schema => ({
  title,
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
