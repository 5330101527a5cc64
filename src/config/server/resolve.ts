import { printable } from "../../base/stream-path.ts";
import { deprecatedGlobalKeys, deprecatedPathKeys } from "./deprecated-keys.ts";
import { faultsOfGlobal } from "./global-rules.ts";
import { type GlobalConfig, globalSettings } from "./global-section.ts";
import { legacyKeysOf, usersOfPaths } from "./legacy-credentials.ts";
import { type Level, overLevelByRank, placeOf, type RankOf, renameKeys } from "./level.ts";
import { withDefaults } from "./list-setting.ts";
import { isCatchAll, kindOfPath } from "./path-name.ts";
import { faultsOfPath } from "./path-rules.ts";
import { pathSettings } from "./path-section.ts";
import type { Finding } from "./places.ts";
import { discouragedIn, pathOf, type ResolvedPath, resolvePath } from "./resolved-path.ts";
import type { ServerConfig } from "./server-config.ts";
import type { ServerFile } from "./server-file.ts";
import { tellUnserved, unservedOf } from "./unserved-keys.ts";

/** What a file means, and what is wrong and odd about it. */
export interface Resolved {
  readonly config: ServerConfig<never>;
  readonly faults: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Keys at the top that somebody said something about. */
  readonly asked: ReadonlySet<string>;
  /** What was made of each path, by name; of no use where there are faults. */
  readonly paths: ReadonlyMap<string, ResolvedPath>;
  /** What `pathDefaults` say. */
  readonly defaults: Level;
}

/**
 * Makes a configuration of what was read: old names replaced, `pathDefaults` put under each path, defaults under all. Paths that say the
 * same as in the one `before` are taken over from it, the very objects.
 */
export const resolveFile = (file: ServerFile, rankOf: RankOf, before?: Resolved): Resolved => {
  const { global, pathDefaults, paths, warnings } = modernize(file, { rankOf, before });
  const all = [...paths.values()];
  const levels = new Map([...paths].map(([name, { own }]) => [name, own.level]));
  const merged = new Map([...paths].map(([name, path]) => [name, path.merged]));
  const legacy = resolveCredentials(global, { pathDefaults, paths: levels, merged });
  const config: GlobalConfig = withDefaults(globalSettings, {
    ...global.values,
    ...(legacy.users && { authInternalUsers: legacy.users }),
  });
  const hasSameRules = before?.config.playback === config.playback;
  return {
    config: {
      ...config,
      pathDefaults: pathOf("", pathDefaults),
      paths: Object.fromEntries([...paths].map(([name, { conf }]) => [name, conf])),
    },
    faults: [
      ...faultsOfGlobal(config),
      ...legacy.faults,
      ...catchAllFaults(levels),
      ...[...paths].flatMap(([name, path]) =>
        hasSameRules && before?.paths.get(name) === path ? [] : pathFaults(path, config),
      ),
    ],
    warnings: [
      ...warnings,
      ...legacy.warnings,
      ...[global, pathDefaults].flatMap(discouragedIn),
      ...all.flatMap(({ own }) => own.discouraged),
      ...tellUnserved([
        ...unservedOf(global, globalSettings),
        ...unservedOf(pathDefaults, pathSettings),
        ...all.flatMap(({ own }) => own.unserved),
      ]),
    ],
    asked: new Set(Object.keys(global.values)),
    paths,
    defaults: pathDefaults,
  };
};

const pathFaults = ({ conf, merged }: ResolvedPath, config: GlobalConfig): Finding[] =>
  faultsOfPath(conf, config).map(({ keys, message }) => {
    const path = placeOf(merged, keys);
    // Where a default does not fit a path, the line of the default alone would not say which.
    const isDefault = path[0] !== "paths" && path.length > 0;
    return { path, message: isDefault ? `path ${printable(conf.name)}: ${message}` : message };
  });

/** What a file says without old names. */
interface Modern {
  readonly global: Level;
  readonly pathDefaults: Level;
  readonly paths: ReadonlyMap<string, ResolvedPath>;
  readonly warnings: readonly Finding[];
}

const modernize = (
  file: ServerFile,
  { rankOf, before }: { rankOf: RankOf; before: Resolved | undefined },
): Modern => {
  const global = renameKeys(file.global, deprecatedGlobalKeys, rankOf);
  const own = renameKeys(file.pathDefaults, deprecatedPathKeys, rankOf);
  const forPaths = { ...global.forPaths, path: own.level.path };
  const made = overLevelByRank(own.level, forPaths, rankOf);
  const defaults = before && isSame(before.defaults, made) ? before.defaults : made;
  const paths = new Map(
    [...file.paths].map(([name, level]) => [
      name,
      resolvePath(name, level, { defaults, rankOf, before: before?.paths.get(name) }),
    ]),
  );
  return {
    global: global.level,
    pathDefaults: defaults,
    paths,
    warnings: [
      ...global.warnings,
      ...own.warnings,
      ...[...paths.values()].flatMap((path) => path.own.renamed),
      ...(file.isOpen ? [openWarning] : []),
    ],
  };
};

const isSame = (a: Level, b: Level): boolean =>
  Bun.deepEquals(a.values, b.values, true) && Bun.deepEquals(a.places, b.places, true);

const openWarning: Finding = {
  path: ["paths"],
  message: "no path, so that every name may be used; expected all_others: to say so",
};

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
