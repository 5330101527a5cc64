import { readConfig, readServerFlags } from "../../config/server/config.ts";
import { hooksSection } from "../../hooks/settings/hook-file.ts";
import { hookFlagsOf } from "../../hooks/settings/hook-flags.ts";
import { loadHookFile } from "../../hooks/settings/load-hook-file.ts";
import { readHookSettings } from "../../hooks/settings/read-settings.ts";
import type { HookSettings } from "../../hooks/settings/settings.ts";
import { hookDocumentOf, type RunConfig } from "../../server/run-config.ts";
import { type CommandOptions, type CommandValues, valuesOf } from "./command-options.ts";

/** The hooks that a command line asks for, and what else it says. */
export interface ConfiguredHooks<Options extends CommandOptions> {
  readonly settings: HookSettings;
  /** All flags of the server. */
  readonly config: RunConfig;
  /** The command's own flags. */
  readonly own: CommandValues<Options>;
}

/**
 * Reads a command line of the server's flags and a command's own ones, with the files it names: the hooks are those that a server
 * would have.
 * @throws ConfigError for what the server would not take either
 */
export const readConfiguredHooks = <Options extends CommandOptions>(
  args: readonly string[],
  ownOptions: Options,
): ConfiguredHooks<Options> => {
  const typed = readServerFlags(args, Object.values(ownOptions));
  const own = valuesOf(ownOptions, typed);
  for (const { flag } of Object.values(ownOptions)) typed.delete(flag);
  const config = readConfig(typed, { environment: process.env, hooks: hooksSection });
  return { settings: settingsOf(config), config, own };
};

const settingsOf = (config: RunConfig): HookSettings => {
  const { hookConfig } = config.hooks;
  return readHookSettings(
    hookFlagsOf(config.hooks),
    hookConfig === undefined ? hookDocumentOf(config) : loadHookFile(hookConfig),
  );
};
