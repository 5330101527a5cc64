import { readConfig, readServerFlags } from "../../../src/config/server/config.ts";
import { flagHooksOf } from "../../../src/hooks/settings/flag-settings.ts";
import { type HookFlags, hookFlagsOf } from "../../../src/hooks/settings/hook-flags.ts";
import { resolveHookSettings } from "../../../src/hooks/settings/resolve-settings.ts";
import type { HookSettings } from "../../../src/hooks/settings/settings.ts";

/** What a command line says about hooks. */
export const flagsOf = (...args: string[]): HookFlags => hookFlagsOf(readConfig(readServerFlags(args)).hooks);

/** The hooks of a command line, as the server has them. */
export const settingsOf = (...args: string[]): HookSettings => {
  const { file, warnings } = flagHooksOf(flagsOf(...args));
  return resolveHookSettings({ flags: file }, { now: 0, warnings });
};
