import { type DocumentPath, isMapping, type Mapping } from "../document.ts";
import { type Origin, type Origins, placeKey } from "./origin.ts";

/** What was changed about an entry of `paths`. */
export type PathChange =
  /** Some keys; an entry that the file no longer has stays away. */
  | { readonly kind: "patched"; readonly keys: Mapping }
  /** The whole entry, which may be new. */
  | { readonly kind: "replaced"; readonly keys: Mapping }
  | { readonly kind: "deleted" };

/** All that was changed through the API, on top of everything else. Values are in the form of the file, keys have no old names. */
export interface ApiChanges {
  readonly global: Mapping;
  readonly pathDefaults: Mapping;
  readonly paths: ReadonlyMap<string, PathChange>;
}

/** Nothing was changed. */
export const noChanges: ApiChanges = { global: {}, pathDefaults: {}, paths: new Map() };

/** Content, and who said what of it. */
export interface SaidContent {
  readonly value: Mapping;
  readonly origins: Origins;
}

/** Puts changes over a content. Each path is made once, as there may be thousands of them. */
export const applyChanges = (
  { value, origins }: SaidContent,
  { global, pathDefaults, paths }: ApiChanges,
  origin: Origin,
): SaidContent => {
  const said = new Map(origins);
  const say = (path: DocumentPath): void => {
    const around = placeKey(path).replace(/\]$/, ",");
    for (const key of origins.keys()) if (key.startsWith(around)) said.delete(key);
    said.set(placeKey(path), origin);
  };
  const sayAll = (path: DocumentPath, keys: Mapping): void => {
    for (const key of Object.keys(keys)) say([...path, key]);
  };
  sayAll([], global);
  sayAll(["pathDefaults"], pathDefaults);
  const entries = new Map(Object.entries(mappingOf(value.paths)));
  for (const [name, change] of paths) {
    if (change.kind === "deleted") entries.delete(name);
    else if (change.kind === "replaced") {
      say(["paths", name]);
      sayAll(["paths", name], change.keys);
      entries.set(name, change.keys);
    } else if (entries.has(name)) {
      sayAll(["paths", name], change.keys);
      entries.set(name, over(mappingOf(entries.get(name)), change.keys));
    }
  }
  const isChanged = { defaults: Object.keys(pathDefaults).length > 0, paths: paths.size > 0 };
  const changed: Mapping = {
    ...global,
    ...(isChanged.defaults && { pathDefaults: over(mappingOf(value.pathDefaults), pathDefaults) }),
    ...(isChanged.paths && { paths: Object.fromEntries(entries) }),
  };
  return { value: over(value, changed), origins: said };
};

const mappingOf = (value: unknown): Mapping => (isMapping(value) ? value : {});

/** Object.fromEntries makes own properties, whatever they are called. */
const over = (lower: Mapping, upper: Mapping): Mapping =>
  Object.fromEntries([...Object.entries(lower), ...Object.entries(upper)]);

const withPath = (paths: ApiChanges["paths"], name: string, change: PathChange): ApiChanges["paths"] =>
  new Map([...paths, [name, change]]);

/** Changes after one more of an entry: keys of it are changed. */
export const patched = (changes: ApiChanges, name: string, keys: Mapping): ApiChanges => {
  const before = changes.paths.get(name);
  const kind = before?.kind === "replaced" ? "replaced" : "patched";
  const known = before && before.kind !== "deleted" ? before.keys : {};
  return { ...changes, paths: withPath(changes.paths, name, { kind, keys: over(known, keys) }) };
};

/** Changes after one more of an entry: it is made, or made anew. */
export const replaced = (changes: ApiChanges, name: string, keys: Mapping): ApiChanges => ({
  ...changes,
  paths: withPath(changes.paths, name, { kind: "replaced", keys }),
});

/** Changes after one more of an entry: it is gone. */
export const deleted = (changes: ApiChanges, name: string): ApiChanges => ({
  ...changes,
  paths: withPath(changes.paths, name, { kind: "deleted" }),
});
