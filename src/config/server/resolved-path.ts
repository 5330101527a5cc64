import { deprecatedPathKeys, discouragedKeys } from "./deprecated-keys.ts";
import { type Level, overLevel, type RankOf, renameKeys } from "./level.ts";
import { withDefaults } from "./list-setting.ts";
import { type PathConfig, pathSettings } from "./path-section.ts";
import type { Finding } from "./places.ts";
import { type Asked, unservedOf } from "./unserved-keys.ts";

/** What an entry of `paths` says by itself. */
interface OwnPart {
  /** As it was read. */
  readonly read: Level;
  /** How much who said each of its keys counts, where that matters. */
  readonly ranks: string | undefined;
  /** Without old names. */
  readonly level: Level;
  readonly renamed: readonly Finding[];
  readonly discouraged: readonly Finding[];
  readonly unserved: readonly Asked[];
}

/** An entry of `paths`, and all that is made of it. The same object as before where nothing has changed about it. */
export interface ResolvedPath {
  readonly own: OwnPart;
  /** What `pathDefaults` say. */
  readonly defaults: Level;
  /** Both together. */
  readonly merged: Level;
  readonly conf: PathConfig;
}

/** What {@link resolvePath} needs beside the entry. */
export interface PathSurroundings {
  readonly defaults: Level;
  readonly rankOf: RankOf;
  /** What was made of the entry of this name the last time. */
  readonly before: ResolvedPath | undefined;
}

/**
 * Makes of an entry of `paths` what holds for it. There may be thousands of them, and most changes concern one: what has not changed is
 * not made again.
 */
export const resolvePath = (
  name: string,
  read: Level,
  { defaults, rankOf, before }: PathSurroundings,
): ResolvedPath => {
  const own = ownPartOf(read, { rankOf, before: before?.own });
  if (before && before.own === own && before.defaults === defaults) return before;
  const merged = overLevel(defaults, own.level);
  return { own, defaults, merged, conf: pathOf(name, merged) };
};

/** What a level says of a path of this name, with defaults. */
export const pathOf = (name: string, { values }: Level): PathConfig => ({
  name,
  ...withDefaults(pathSettings, values),
});

const ownPartOf = (
  read: Level,
  { rankOf, before }: { rankOf: RankOf; before: OwnPart | undefined },
): OwnPart => {
  const ranksNow = (): string => [...read.places.values()].map(rankOf).join();
  if (before && before.read === read && (before.ranks === undefined || before.ranks === ranksNow()))
    return before;
  // Only between an old name and its new one does it matter who said what.
  const hasOldNames = Object.keys(read.values).some((key) => Object.hasOwn(deprecatedPathKeys, key));
  const { level, warnings } = renameKeys(read, deprecatedPathKeys, rankOf);
  return {
    read,
    ranks: hasOldNames ? ranksNow() : undefined,
    level,
    renamed: warnings,
    discouraged: discouragedIn(level),
    unserved: unservedOf(level, pathSettings),
  };
};

/** The keys of a level that nobody should use any more. */
export const discouragedIn = ({ values, path, places }: Level): Finding[] =>
  Object.entries(discouragedKeys)
    .filter(([key]) => Object.hasOwn(values, key) && values[key] !== false && values[key] !== "")
    .map(([key, instead]) => ({ path: places.get(key) ?? path, message: `deprecated, expected ${instead}` }));
