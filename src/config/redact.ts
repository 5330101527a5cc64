import type * as v from "valibot";
import { isMapping } from "./document.ts";
import { faceOf } from "./field.ts";

/**
 * A value as people may see it: what `schema` gave, with secrets hidden. For printing a configuration, and for logs.
 */
export const redact = (schema: v.GenericSchema, value: unknown): unknown => {
  const face = faceOf(schema);
  if (face) return face.shown && value !== undefined ? face.shown(value) : value;
  if ("wrapped" in schema) return redact(schema.wrapped as v.GenericSchema, value);
  if ("item" in schema && Array.isArray(value))
    return value.map((each) => redact(schema.item as v.GenericSchema, each));
  if (!isMapping(value)) return value;
  const entries = entriesFor(schema, value);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
      return [key, entry ? redact(entry, inner) : inner];
    }),
  );
};

type Entries = Readonly<Record<string, v.GenericSchema>>;

/** The entries of a section, or of the one of several that a value was read by. */
const entriesFor = (schema: v.GenericSchema, value: Readonly<Record<string, unknown>>): Entries => {
  if ("entries" in schema) return schema.entries as Entries;
  if (!("options" in schema && "key" in schema)) return {};
  const key = String(schema.key);
  const options = (schema.options as readonly v.GenericSchema[]).map((option) => entriesFor(option, value));
  return (
    options.find((entries) => entries[key] && faceOf(entries[key])?.words?.includes(String(value[key]))) ?? {}
  );
};
