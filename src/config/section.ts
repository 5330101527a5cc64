import * as v from "valibot";
import { nearestName } from "../base/nearest.ts";
import { isMapping, type Mapping } from "./document.ts";
import { anyOf, type FieldFace, faceOf, kindOfValue, shownValue } from "./field.ts";

// What should have been a mapping or a list with a secret in it may be the secret.
const mapping = v.custom<Mapping>(isMapping, ({ input }) => `${kindOfValue(input)}, expected a mapping`);

/** A mapping with known keys, see {@link section}. */
export type Section<Entries extends v.ObjectEntries> = v.SchemaWithPipe<
  readonly [
    v.StrictObjectSchema<Entries, undefined>,
    v.DescriptionAction<v.InferOutput<v.StrictObjectSchema<Entries, undefined>>, string>,
  ]
>;

/**
 * A mapping with known keys. A key without a value counts as left out; every key that is not known is a fault of its own, which
 * names the nearest one.
 */
export const section = <const Entries extends v.ObjectEntries>(
  doc: string,
  entries: Entries,
): Section<Entries> => {
  const strict = v.strictObject(entries);
  // A strict object stops at its first unknown key, takes lists too, and does not know the nearest name.
  const object = v.object(entries);
  const run: (typeof strict)["~run"] = (dataset, config) => {
    const given = dataset.value;
    if (!isMapping(given)) return mapping["~run"](dataset, config) as ReturnType<(typeof strict)["~run"]>;
    const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
    const read = object["~run"]({ value: present }, config);
    return refuseUnknown(present, Object.keys(entries))["~run"](read, config) as typeof read;
  };
  return v.pipe({ ...strict, "~run": run }, v.description(doc));
};

const refuseUnknown = (present: Mapping, known: readonly string[]) =>
  v.rawCheck<unknown>(({ addIssue }) => {
    for (const key of Object.keys(present)) {
      if (known.includes(key)) continue;
      addIssue({
        message: unknownKey(key, known),
        path: [{ type: "object", origin: "key", input: { ...present }, key, value: present[key] }],
      });
    }
  });

/** More keys than this are not listed. */
const maxListedKeys = 40;

const unknownKey = (key: string, known: readonly string[]): string => {
  const small = key.toLowerCase();
  const other = known.find((candidate) => candidate.toLowerCase() === small);
  if (other !== undefined) return `unknown key, did you mean ${other}? Capitals count`;
  const nearest = nearestName(key, known);
  if (nearest !== undefined) return `unknown key, did you mean ${nearest}?`;
  return known.length > maxListedKeys ? "unknown key" : `unknown key, expected ${anyOf(known)}`;
};

/** A list, each item of which is read by `item`. */
export const list = <Item extends v.GenericSchema>(doc: string, item: Item) =>
  v.pipe(
    v.array(item, ({ input }) => `${kindOfValue(input)}, expected a list`),
    v.description(doc),
    v.readonly(),
  );

/** A list that is not empty, or a single item instead of it. */
export const oneOrMore = <Value>(doc: string, item: v.GenericSchema<unknown, Value>) => {
  const items = v.pipe(list(doc, item), v.minLength(1, "empty, expected a list of at least one"));
  const single = v.pipe(
    item,
    v.transform((value): readonly Value[] => [value]),
  );
  return v.pipe(
    v.unknown(),
    v.description(doc),
    v.metadata({ face: { jsonSchema: oneOrMoreTexts } satisfies FieldFace }),
    v.lazy(
      (value): v.GenericSchema<unknown, readonly Value[]> => (typeof value === "string" ? single : items),
    ),
  );
};

const oneOrMoreTexts = {
  anyOf: [
    { type: "string", minLength: 1 },
    { type: "array", minItems: 1, items: { type: "string", minLength: 1 } },
  ],
};

/** One of several sections: the word under `key` says which. */
export const choice = <const Key extends string, const Sections extends v.VariantOptions<Key>>(
  doc: string,
  key: Key,
  sections: Sections,
) => {
  const words = sections.flatMap((option) => {
    const word = "entries" in option ? option.entries[key] : undefined;
    return word ? (faceOf(word as v.GenericSchema)?.words ?? []) : [];
  });
  const message = ({ input }: { input: unknown }): string =>
    `${input === undefined ? "missing" : shownValue(input)}, expected ${anyOf(words)}`;
  return v.pipe(v.variant(key, sections, message), v.description(doc));
};
