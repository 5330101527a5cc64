import type { Config } from "../config/server/config.ts";
import type { LiveConfig } from "../config/server/live-config.ts";
import type { HookFile } from "../hooks/settings/hook-file.ts";
import type { LoadedHookFile } from "../hooks/settings/load-hook-file.ts";

/** What a whole server runs with, hooks too. */
export type RunConfig = Config<HookFile>;

/** The same, as it changes. */
export type LiveRunConfig = LiveConfig<HookFile>;

/** What the configuration file says about hooks: where it says nothing yet, it may later. Undefined where there is no file. */
export const hookDocumentOf = ({
  server,
  source,
  variables,
  faultAt,
}: RunConfig): LoadedHookFile | undefined =>
  source.text === undefined ? undefined : { hooks: server.hooks?.read ?? {}, variables, faultAt };
