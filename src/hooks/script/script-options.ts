import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";
import type { ScriptSettings } from "./script-settings.ts";

/** What a hook that runs a script needs to know. */
export interface ScriptOptions {
  /** Names the hook; the script finds it in `RTMP_HOOK_ID`. */
  readonly id: string;
  readonly settings: ScriptSettings;
  /** For one event. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}
