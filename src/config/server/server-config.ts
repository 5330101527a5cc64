import type { GlobalConfig } from "./global-section.ts";
import type { PathConfig } from "./path-section.ts";

/** What stands under `hooks:`. */
export interface HooksPart<Hooks> {
  /** As the schema of hooks gives it. */
  readonly read: Hooks;
  /** As it stands in the file, variables not put in. */
  readonly written: unknown;
  /** The same with secrets hidden. */
  readonly shown: unknown;
}

/** All that a configuration file says, with defaults: durations in milliseconds, sizes in bytes. */
export type ServerConfig<Hooks = unknown> = GlobalConfig & {
  readonly pathDefaults: PathConfig;
  /** By name, as in the file; empty only where the API has deleted every one. Every path has what `pathDefaults` says, too. */
  readonly paths: Readonly<Record<string, PathConfig>>;
  readonly hooks?: HooksPart<Hooks>;
};
