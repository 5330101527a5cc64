import type { DocumentPath, Mapping } from "../document.ts";
import { isMapping } from "../document.ts";

/** What can say something beside the file: a later one counts more. */
const kinds = ["variable", "flag", "change"] as const;

/** Who said something that does not stand in the file. */
export interface Origin {
  /** A variable of the environment, a flag, or a change that was made through the API. */
  readonly kind: (typeof kinds)[number];
  /** What stands in front of messages about it; empty for a change that is made right now. */
  readonly name: string;
}

/** Who said what, by its place, see {@link placeKey}. */
export type Origins = ReadonlyMap<string, Origin>;

/** How much an origin counts; the file counts 0. */
export const rankOf = (origin: Origin | undefined): number => (origin ? kinds.indexOf(origin.kind) + 1 : 0);

/** A path as the key of a map. */
export const placeKey = (path: DocumentPath): string => JSON.stringify(path);

/** A value for a place. */
export interface Said {
  readonly path: DocumentPath;
  readonly value: unknown;
  readonly origin: Origin;
  /** Counts only where nobody else says something. */
  readonly isDefault?: true;
}

/** The content with a value put in at a place of keys alone. The content itself is not changed. */
export const putAt = (content: unknown, path: DocumentPath, value: unknown): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const mapping: Mapping = isMapping(content) ? content : {};
  const inner = Object.hasOwn(mapping, key) ? mapping[key] : undefined;
  // Object.fromEntries makes own properties, whatever they are called.
  return Object.fromEntries([...Object.entries(mapping), [String(key), putAt(inner, rest, value)]]);
};

/** What was said by whom, after something more was: what it replaces is forgotten. */
export const withOrigin = (origins: Origins, path: DocumentPath, origin: Origin): Origins => {
  const replaced = placeKey(path).substring(0, placeKey(path).length - 1);
  const kept = [...origins].filter(([key]) => !key.startsWith(`${replaced},`));
  return new Map([...kept, [placeKey(path), origin]]);
};
