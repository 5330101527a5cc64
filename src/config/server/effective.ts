import { type GlobalConfig, globalSettings } from "./global-section.ts";
import { writeValues } from "./list-setting.ts";
import { type PathConfig, pathSettings } from "./path-section.ts";
import type { ServerConfig } from "./server-config.ts";

/** How a configuration is written. */
export interface WriteOptions {
  /** Hides secrets. */
  readonly redacted: boolean;
  /** Writes every key; else those that MediaMTX does not have are left out while they are the default. */
  readonly full?: boolean;
}

/** The keys at the top of the file, in MediaMTX's order and form: durations as `1h0m0s`, sizes as `50M`, zero durations as an empty text. */
export const writeGlobal = (
  config: GlobalConfig,
  { redacted, full = false }: WriteOptions,
): Readonly<Record<string, unknown>> =>
  writeValues(globalSettings, config, { isRedacted: redacted, isFull: full });

/** The keys of a path, behind its `name`, in the same manner. */
export const writePath = (
  path: PathConfig,
  { redacted, full = false }: WriteOptions,
): Readonly<Record<string, unknown>> => ({
  name: path.name,
  ...writeValues(pathSettings, path, { isRedacted: redacted, isFull: full }),
});

/** A whole configuration in the same manner. What is written without `redacted` is the same configuration when it is read again. */
export const effectiveConfig = (
  config: ServerConfig,
  options: WriteOptions,
): Readonly<Record<string, unknown>> => ({
  ...writeGlobal(config, options),
  ...(config.hooks && { hooks: options.redacted ? config.hooks.shown : config.hooks.written }),
  pathDefaults: writePath(config.pathDefaults, options),
  paths: Object.fromEntries(
    Object.entries(config.paths).map(([name, path]) => [name, writePath(path, options)]),
  ),
});
