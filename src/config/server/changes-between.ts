import { globalSettings } from "./global-section.ts";
import type { PathConfig } from "./path-section.ts";
import type { ServerConfig } from "./server-config.ts";

/** What differs between two configurations. */
export interface ConfigChanges {
  /** Keys at the top. */
  readonly global: readonly string[];
  /** Whether what stands under `hooks:` differs. */
  readonly hooks: boolean;
  /** Keys of `pathDefaults`. What that means for each path stands in {@link paths}. */
  readonly pathDefaults: readonly string[];
  /** Entries of `paths`, by name. */
  readonly paths: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    /** With the keys that differ. */
    readonly changed: ReadonlyMap<string, readonly string[]>;
  };
}

/** What differs between two configurations, so that only what it concerns has to be touched. */
export const changesBetween = (before: ServerConfig, now: ServerConfig): ConfigChanges => {
  const names = (config: ServerConfig): string[] => Object.keys(config.paths);
  const isIn = (config: ServerConfig, name: string): boolean => Object.hasOwn(config.paths, name);
  const changed = names(now).flatMap((name): [string, readonly string[]][] => {
    const [old, its] = [isIn(before, name) ? before.paths[name] : undefined, now.paths[name]];
    const keys = old && its ? keysThatDiffer(old, its) : [];
    return keys.length > 0 ? [[name, keys]] : [];
  });
  return {
    global: Object.keys(globalSettings).filter((key) => !Bun.deepEquals(keyOf(before, key), keyOf(now, key))),
    hooks: !Bun.deepEquals(before.hooks?.read, now.hooks?.read),
    pathDefaults: keysThatDiffer(before.pathDefaults, now.pathDefaults),
    paths: {
      added: names(now).filter((name) => !isIn(before, name)),
      removed: names(before).filter((name) => !isIn(now, name)),
      changed: new Map(changed),
    },
  };
};

/** How many keys at the top and entries of `paths` differ; `hooks` and `pathDefaults` are one each. */
export const countOf = ({ global, hooks, pathDefaults, paths }: ConfigChanges): number =>
  global.length +
  (hooks ? 1 : 0) +
  (pathDefaults.length > 0 ? 1 : 0) +
  paths.added.length +
  paths.removed.length +
  paths.changed.size;

const keyOf = (config: object, key: string): unknown => (config as Readonly<Record<string, unknown>>)[key];

const keysThatDiffer = (before: PathConfig, now: PathConfig): readonly string[] =>
  // A path that says the same is mostly the same object.
  before === now
    ? []
    : Object.keys(now).filter((key) => !Bun.deepEquals(keyOf(before, key), keyOf(now, key)));
