import { type Config, options, readConfig } from "../../config/config.ts";
import { readFlags } from "../../config/flags.ts";
import { hookFlagsOf } from "../../hooks/settings/hook-flags.ts";
import { loadHookFile } from "../../hooks/settings/load-hook-file.ts";
import { readHookSettings } from "../../hooks/settings/read-settings.ts";
import type { HookSettings } from "../../hooks/settings/settings.ts";
import { type CommandOptions, type CommandValues, valuesOf } from "./command-options.ts";

/** The hooks that a command line asks for, and what else it says. */
export interface ConfiguredHooks<Options extends CommandOptions> {
  readonly settings: HookSettings;
  /** All flags of the server. */
  readonly config: Config;
  /** The command's own flags. */
  readonly own: CommandValues<Options>;
}

/**
 * Reads a command line of the server's flags and a command's own ones, with the hooks file it names: the hooks are those that a server
 * would have.
 * @throws ConfigError for what the server would not take either
 */
export const readConfiguredHooks = <Options extends CommandOptions>(
  args: readonly string[],
  ownOptions: Options,
): ConfiguredHooks<Options> => {
  const typed = readFlags(args, [...Object.values(ownOptions), ...Object.values(options)]);
  const own = valuesOf(ownOptions, typed);
  for (const { flag } of Object.values(ownOptions)) typed.delete(flag);
  const config = readConfig(typed);
  return { settings: settingsOf(config), config, own };
};

const settingsOf = (config: Config): HookSettings =>
  readHookSettings(
    hookFlagsOf(config),
    config.hookConfig === undefined ? undefined : loadHookFile(config.hookConfig),
  );
