import { flagHooksOf } from "./flag-settings.ts";
import type { HookFlags } from "./hook-flags.ts";
import type { LoadedHookFile } from "./load-hook-file.ts";
import { resolveHookSettings } from "./resolve-settings.ts";
import type { HookSettings } from "./settings.ts";

/**
 * Everything about hooks, from what the operator typed and the file that was read, if there is one.
 * @throws ConfigError with a line for each fault: the flag, or the key with its line, what was given and what is accepted
 */
export const readHookSettings = (flags: HookFlags, loaded: LoadedHookFile | undefined): HookSettings => {
  const fromFlags = flagHooksOf(flags);
  return resolveHookSettings(
    { file: loaded?.hooks, flags: fromFlags.file },
    {
      now: Date.now(),
      withheld: loaded?.variables,
      faultAt: loaded?.faultAt,
      warnings: fromFlags.warnings,
    },
  );
};
