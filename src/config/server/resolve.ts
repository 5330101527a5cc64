import { printable } from "../../base/stream-path.ts";
import { deprecatedGlobalKeys, deprecatedPathKeys, discouragedKeys } from "./deprecated-keys.ts";
import { faultsOfGlobal } from "./global-rules.ts";
import { type GlobalConfig, globalSettings } from "./global-section.ts";
import { legacyKeysOf, usersOfPaths } from "./legacy-credentials.ts";
import { type Level, overLevel, overLevelByRank, placeOf, type RankOf, renameKeys } from "./level.ts";
import { withDefaults } from "./list-setting.ts";
import { isCatchAll, kindOfPath } from "./path-name.ts";
import { faultsOfPath } from "./path-rules.ts";
import { type PathConfig, pathSettings } from "./path-section.ts";
import type { Finding } from "./places.ts";
import type { ServerConfig } from "./server-config.ts";
import type { ServerFile } from "./server-file.ts";
import { findUnserved } from "./unserved-keys.ts";

/** What a file means, and what is wrong and odd about it. */
export interface Resolved {
  readonly config: ServerConfig<never>;
  readonly faults: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Keys at the top that somebody said something about. */
  readonly asked: ReadonlySet<string>;
}

/** Makes a configuration of what was read: old names replaced, `pathDefaults` put under each path, defaults under all. */
export const resolveFile = (file: ServerFile, rankOf: RankOf): Resolved => {
  const { global, pathDefaults, paths, warnings } = modernize(file, rankOf);
  const merged = new Map([...paths].map(([name, level]) => [name, overLevel(pathDefaults, level)]));
  const legacy = resolveCredentials(global, { pathDefaults, paths, merged });
  const config: GlobalConfig = withDefaults(globalSettings, {
    ...global.values,
    ...(legacy.users && { authInternalUsers: legacy.users }),
  });
  const confs = [...merged].map(([name, level]): [string, PathConfig] => [name, pathOf(name, level)]);
  return {
    config: {
      ...config,
      pathDefaults: pathOf("", pathDefaults),
      paths: Object.fromEntries(confs),
    },
    faults: [
      ...faultsOfGlobal(config),
      ...legacy.faults,
      ...catchAllFaults(paths),
      ...confs.flatMap(([name, conf]) =>
        pathFaults(conf, { config, level: merged.get(name) ?? pathDefaults }),
      ),
    ],
    warnings: [
      ...warnings,
      ...legacy.warnings,
      ...[global, pathDefaults, ...paths.values()].flatMap(discouraged),
      ...findUnserved(global, [pathDefaults, ...paths.values()]),
    ],
    asked: new Set(Object.keys(global.values)),
  };
};

const pathOf = (name: string, { values }: Level): PathConfig => ({
  name,
  ...withDefaults(pathSettings, values),
});

const pathFaults = (
  conf: PathConfig,
  { config, level }: { config: GlobalConfig; level: Level },
): Finding[] => {
  return faultsOfPath(conf, config).map(({ keys, message }) => {
    const path = placeOf(level, keys);
    // Where a default does not fit a path, the line of the default alone would not say which.
    const isDefault = path[0] !== "paths" && path.length > 0;
    return { path, message: isDefault ? `path ${printable(conf.name)}: ${message}` : message };
  });
};

/** The file without old names. */
const modernize = (file: ServerFile, rankOf: RankOf): ServerFile & { warnings: readonly Finding[] } => {
  const global = renameKeys(file.global, deprecatedGlobalKeys, rankOf);
  const defaults = renameKeys(file.pathDefaults, deprecatedPathKeys, rankOf);
  const paths = [...file.paths].map(([name, level]) => ({
    name,
    ...renameKeys(level, deprecatedPathKeys, rankOf),
  }));
  const forPaths = { ...global.forPaths, path: defaults.level.path };
  return {
    global: global.level,
    pathDefaults: overLevelByRank(defaults.level, forPaths, rankOf),
    paths: new Map(paths.map(({ name, level }): [string, Level] => [name, level])),
    isOpen: file.isOpen,
    warnings: [
      ...global.warnings,
      ...defaults.warnings,
      ...paths.flatMap(({ warnings }) => warnings),
      ...(file.isOpen ? [openWarning] : []),
    ],
  };
};

const openWarning: Finding = {
  path: ["paths"],
  message: "no path, so that every name may be used; expected all_others: to say so",
};

const discouraged = ({ values, path, places }: Level): Finding[] =>
  Object.entries(discouragedKeys)
    .filter(([key]) => Object.hasOwn(values, key) && values[key] !== false && values[key] !== "")
    .map(([key, instead]) => ({ path: places.get(key) ?? path, message: `deprecated, expected ${instead}` }));

const catchAllFaults = (paths: ReadonlyMap<string, Level>): Finding[] => {
  const [first, ...others] = [...paths].filter(([name]) => isCatchAll(name));
  return others.map(([name, { path }]) => ({
    path,
    message: `${printable(name)} means the same as ${printable(first?.[0] ?? "")}, expected one of them`,
  }));
};

interface PathLevels {
  readonly pathDefaults: Level;
  readonly paths: ReadonlyMap<string, Level>;
  readonly merged: ReadonlyMap<string, Level>;
}

const resolveCredentials = (
  global: Level,
  { pathDefaults, paths, merged }: PathLevels,
): {
  users?: ServerConfig["authInternalUsers"];
  faults: readonly Finding[];
  warnings: readonly Finding[];
} => {
  const given = [pathDefaults, ...paths.values()].flatMap((level) =>
    legacyKeysOf(level).map((key) => placeOf(level, [key])),
  );
  if (given.length === 0) return { faults: [], warnings: [] };
  const warnings = given.map((path) => ({ path, message: "deprecated, expected authInternalUsers" }));
  if (global.values.authInternalUsers !== undefined)
    return {
      faults: given.map((path) => ({
        path,
        message: "does not go with authInternalUsers, expected that alone",
      })),
      warnings: [],
    };
  return { users: usersOfPaths(merged), faults: [], warnings: [...warnings, ...openBeside(merged)] };
};

/** Users are not tied to the most specific path: who may use all others may use each. */
const openBeside = (merged: ReadonlyMap<string, Level>): Finding[] => {
  const isOpen = (level: Level, what: "publish" | "read"): boolean =>
    ["User", "IPs"].every((key) => !level.values[`${what}${key}`]?.toString());
  return (["publish", "read"] as const).flatMap((what) => {
    const wide = [...merged].filter(([name, level]) => kindOfPath(name) !== "name" && isOpen(level, what));
    const narrow = [...merged].filter(([, level]) => !isOpen(level, what));
    return narrow.flatMap(([, level]) =>
      wide.map(([name]) => ({
        path: placeOf(level, [`${what}User`, `${what}IPs`]),
        message: `does not protect from who may ${what} every path of ${printable(name)}, expected credentials there too`,
      })),
    );
  });
};
