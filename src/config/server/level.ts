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

/** How much who said what is at a place counts, see {@link Places.rankOf}. */
export type RankOf = (path: DocumentPath) => number;

/** Replaces old names by what they mean now. What an old name says counts more, unless its new one was said by somebody who does. */
export const renameKeys = (
  level: Level,
  known: Readonly<Record<string, DeprecatedKey>>,
  rankOf: RankOf,
): Renamed => {
  const old = Object.entries(known).filter(([key]) => Object.hasOwn(level.values, key));
  const gather = (isForPaths: boolean): Level => {
    const chosen = old.filter(([, { isForPaths: its = false }]) => its === isForPaths);
    const replaced = chosen.flatMap(([key, { replace }]) => {
      const place = level.places.get(key) ?? level.path;
      return Object.entries(replace(level.values[key])).map(([now, value]) => ({ now, value, place }));
    });
    const kept = Object.entries(level.values)
      .filter(([key]) => !isForPaths && !Object.hasOwn(known, key))
      .map(([now, value]) => ({ now, value, place: level.places.get(now) ?? level.path }));
    const all = [...kept, ...replaced].sort((a, b) => rankOf(a.place) - rankOf(b.place));
    return {
      path: level.path,
      values: Object.fromEntries(all.map(({ now, value }): [string, unknown] => [now, value])),
      places: new Map(all.map(({ now, place }): [string, DocumentPath] => [now, place])),
    };
  };
  const warnings = old.map(([key, { instead, keys, isForPaths }]): Finding => {
    const rank = rankOf(level.places.get(key) ?? level.path);
    const isBeaten = (now: string): boolean =>
      Object.hasOwn(level.values, now) && rankOf(level.places.get(now) ?? level.path) <= rank;
    const beaten = isForPaths ? [] : keys.filter(isBeaten);
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

/** What two levels say together: of a key that both have, what was said by whoever counts more; else what `upper` says. */
export const overLevelByRank = (lower: Level, upper: Level, rankOf: RankOf): Level => {
  const isBeaten = (key: string): boolean => {
    const [below, above] = [lower.places.get(key), upper.places.get(key)];
    return below !== undefined && above !== undefined && rankOf(below) > rankOf(above);
  };
  const wins = Object.entries(upper.values).filter(([key]) => !isBeaten(key));
  return overLevel(lower, {
    path: upper.path,
    values: Object.fromEntries(wins),
    places: new Map([...upper.places].filter(([key]) => !isBeaten(key))),
  });
};

/** Where the first of some keys was given; the level's own place where none was. */
export const placeOf = (level: Level, keys: readonly string[]): DocumentPath => {
  for (const key of keys) {
    const place = level.places.get(key);
    if (place) return place;
  }
  return level.path;
};
