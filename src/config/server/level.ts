import type { DocumentPath } from "../document.ts";
import type { DeprecatedKey } from "./deprecated-keys.ts";
import type { Finding } from "./places.ts";

/** What was given at one level of the file: at its top, in `pathDefaults` or in a path. */
export interface Level {
  readonly path: DocumentPath;
  /** What was given, read, by key. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Where it was given, by key; old names of a key count. */
  readonly places: ReadonlyMap<string, DocumentPath>;
}

/** The level of what was read at a place. */
export const levelOf = (path: DocumentPath, values: Readonly<Record<string, unknown>>): Level => ({
  path,
  values,
  places: new Map(Object.keys(values).map((key) => [key, [...path, key]])),
});

/** Levels after {@link renameKeys}. */
export interface Renamed {
  /** Without old names. */
  readonly level: Level;
  /** What old names said that belongs into `pathDefaults`. */
  readonly forPaths: Level;
  readonly warnings: readonly Finding[];
}

/** Replaces old names by what they mean now. What an old name says counts more. */
export const renameKeys = (level: Level, known: Readonly<Record<string, DeprecatedKey>>): Renamed => {
  const old = Object.entries(known).filter(([key]) => Object.hasOwn(level.values, key));
  const gather = (isForPaths: boolean): Level => {
    const chosen = old.filter(([, { isForPaths: its = false }]) => its === isForPaths);
    const replaced = chosen.flatMap(([key, { replace }]) => {
      const place = level.places.get(key) ?? level.path;
      return Object.entries(replace(level.values[key])).map(([now, value]) => ({ now, value, place }));
    });
    const kept = isForPaths ? [] : Object.entries(level.values).filter(([key]) => !Object.hasOwn(known, key));
    return {
      path: level.path,
      values: Object.fromEntries([
        ...kept,
        ...replaced.map(({ now, value }): [string, unknown] => [now, value]),
      ]),
      places: new Map([
        ...kept.map(([key]): [string, DocumentPath] => [key, level.places.get(key) ?? level.path]),
        ...replaced.map(({ now, place }): [string, DocumentPath] => [now, place]),
      ]),
    };
  };
  const warnings = old.map(([key, { instead, keys, isForPaths }]): Finding => {
    const beaten = isForPaths ? [] : keys.filter((now) => Object.hasOwn(level.values, now));
    const which = beaten.length > 0 ? `; it counts more than ${beaten.join(" and ")}` : "";
    return { path: level.places.get(key) ?? level.path, message: `deprecated, expected ${instead}${which}` };
  });
  return { level: gather(false), forPaths: gather(true), warnings };
};

/** What two levels say together: of a key that both have, what `upper` says. */
export const overLevel = (lower: Level, upper: Level): Level => ({
  path: upper.path,
  values: Object.fromEntries([...Object.entries(lower.values), ...Object.entries(upper.values)]),
  places: new Map([...lower.places, ...upper.places]),
});

/** Where the first of some keys was given; the level's own place where none was. */
export const placeOf = (level: Level, keys: readonly string[]): DocumentPath => {
  for (const key of keys) {
    const place = level.places.get(key);
    if (place) return place;
  }
  return level.path;
};
