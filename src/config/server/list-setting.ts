import * as v from "valibot";
import { ConfigError } from "../../base/errors.ts";
import { field, optional, shownValue } from "../field.ts";
import { list, type Section, section } from "../section.ts";
import { parseNetwork } from "./network.ts";
import type { Setting, Settings, ValuesOf, View } from "./setting.ts";

const fixedLength = (length: number | undefined): Readonly<Record<string, number>> =>
  length === undefined ? {} : { minItems: length, maxItems: length };

/** How a list of plain values is read. */
export interface ListOptions<Item> {
  /** What its items are called in the documentation. */
  readonly type: string;
  /** Reads one item. @throws ConfigError */
  readonly parse: (item: unknown) => Item;
  /** The schema of one item, for editors. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** What becomes of all of them. @throws ConfigError */
  readonly arrange?: (items: readonly Item[]) => readonly Item[];
  /** How many there have to be. */
  readonly length?: number;
}

/** A list of plain values; a single text stands for a list of one. */
export const listSetting = <Item>(
  doc: string,
  fallback: readonly Item[],
  options: ListOptions<Item>,
): Setting<readonly Item[]> => {
  const { type, parse, jsonSchema, arrange = (items) => items, length } = options;
  const read = (value: unknown): readonly Item[] => {
    const given = typeof value === "string" ? [value] : value;
    if (!Array.isArray(given)) throw new ConfigError(`${shownValue(value)}, expected a list`);
    if (length !== undefined && given.length !== length)
      throw new ConfigError(`${given.length} values, expected ${length}`);
    return arrange(given.map((item: unknown) => parse(item)));
  };
  const array = { type: "array", items: jsonSchema, ...fixedLength(length) };
  return {
    doc,
    type: `list of ${type}`,
    schema: field(doc, read, { jsonSchema: { anyOf: [array, { type: "string" }] } }),
    fallback,
    shape: { kind: "list" },
    write: (items) => [...items],
  };
};

const textItem = (item: unknown): string => {
  if (typeof item !== "string" || item === "") throw new ConfigError(`${shownValue(item)}, expected text`);
  if (item.includes("\0")) throw new ConfigError("text with a NUL, expected text");
  return item;
};

/** A list of texts, each of which `check` may refuse. */
export const textsSetting = (
  doc: string,
  { fallback = [], check }: { fallback?: readonly string[]; check?: (text: string) => void } = {},
): Setting<readonly string[]> =>
  listSetting(doc, fallback, {
    type: "texts",
    jsonSchema: { type: "string", minLength: 1 },
    parse: (item) => {
      const given = textItem(item);
      check?.(given);
      return given;
    },
  });

/** A list of some of a few words, each once. A sorted one is a set. */
export const wordsSetting = <const Word extends string>(
  doc: string,
  fallback: readonly NoInfer<Word>[],
  { words, isSorted = false }: { words: readonly Word[]; isSorted?: boolean },
): Setting<readonly Word[]> =>
  listSetting<Word>(doc, fallback, {
    type: words.map((each) => `\`${each}\``).join(", "),
    jsonSchema: { enum: words },
    parse: (item) => {
      const found = words.find((candidate) => candidate === item);
      if (found === undefined) throw new ConfigError(`${shownValue(item)}, expected ${words.join(", ")}`);
      return found;
    },
    arrange: (items) => {
      if (items.length === 0) throw new ConfigError(`empty, expected some of ${words.join(", ")}`);
      const unique = [...new Set(items)];
      return isSorted ? unique.sort() : unique;
    },
  });

/** A list of IP addresses and networks, as networks. */
export const networksSetting = (
  doc: string,
  fallback: readonly string[] = [],
): Setting<readonly string[]> => ({
  ...listSetting<string>(doc, fallback, {
    type: "IP addresses and networks",
    jsonSchema: { type: "string" },
    parse: (item) => parseNetwork(textItem(item)),
  }),
});

/** The parts of a section that has these settings, none of which has to be given. */
export const entriesOf = <Group extends Settings>(
  settings: Group,
): { [Key in keyof Group]: v.ExactOptionalSchema<Group[Key]["schema"], undefined> } =>
  Object.fromEntries(
    Object.entries(settings).map(([key, { schema }]) => [key, optional(schema)]),
  ) as unknown as { [Key in keyof Group]: v.ExactOptionalSchema<Group[Key]["schema"], undefined> };

/** A section that has these settings. */
export const sectionOf = <Group extends Settings>(
  doc: string,
  settings: Group,
): Section<ReturnType<typeof entriesOf<Group>>> => section(doc, entriesOf(settings));

/** What settings give where some are given: those, and the defaults of the others. */
export const withDefaults = <Group extends Settings>(
  settings: Group,
  given: Readonly<Record<string, unknown>>,
): ValuesOf<Group> => {
  const values: Record<string, unknown> = { ...defaultsOf(settings) };
  for (const [key, value] of Object.entries(given)) if (Object.hasOwn(values, key)) values[key] = value;
  return values as ValuesOf<Group>;
};

const defaults = new WeakMap<Settings, Readonly<Record<string, unknown>>>();

/** Gathered once, as there may be thousands of paths that have them. */
const defaultsOf = (settings: Settings): Readonly<Record<string, unknown>> => {
  const known = defaults.get(settings);
  if (known) return known;
  const made = Object.fromEntries(Object.entries(settings).map(([key, { fallback }]) => [key, fallback]));
  defaults.set(settings, made);
  return made;
};

/** Values in MediaMTX's form, in the order of the settings. With
 * `isFull`, those that MediaMTX does not have are not left out while they are the default. */
export const writeValues = <Group extends Settings>(
  settings: Group,
  values: ValuesOf<Group>,
  { isFull = true, ...view }: View & { readonly isFull?: boolean },
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(settings)
      .map(([key, setting]) => ({ key, setting, value: (values as Readonly<Record<string, unknown>>)[key] }))
      .filter(({ setting: { quiet, fallback }, value }) => {
        const isLeftOut = quiet === "deprecated" || (quiet === "own" && !isFull);
        return !isLeftOut || !Bun.deepEquals(value, fallback);
      })
      .map(({ key, setting, value }) => [key, setting.write(value, view)]),
  );

/** A list of mappings that have these settings each. */
export const itemsSetting = <Group extends Settings>(
  doc: string,
  fallback: readonly ValuesOf<NoInfer<Group>>[],
  { type, settings }: { type: string; settings: Group },
): Setting<readonly ValuesOf<Group>[]> => ({
  doc,
  type: `list of ${type}`,
  schema: list(
    doc,
    v.pipe(
      sectionOf(type, settings) as v.GenericSchema<unknown, Readonly<Record<string, unknown>>>,
      v.transform((given): ValuesOf<Group> => withDefaults(settings, given)),
    ),
  ),
  fallback,
  shape: { kind: "items", settings },
  write: (items, view) => items.map((item) => writeValues(settings, item, view)),
});
