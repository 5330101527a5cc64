/**
 * Somebody who is not root and tries to run a script as root. Writes the three outcomes to standard output.
 *
 *   bun identity-child.ts SCRIPT
 */
import { silentLogger } from "../../../src/base/log.ts";
import { systemClock } from "../../../src/base/time.ts";
import { makeScriptHook } from "../../../src/hooks/script/script-hook.ts";
import type { ScriptSettings } from "../../../src/hooks/script/script-settings.ts";
import { attemptOf } from "../sample-attempt.ts";
import { scriptSettings } from "./script-files.ts";

const outcomeAs = (identity: Partial<ScriptSettings>): Promise<unknown> =>
  makeScriptHook({
    id: "shell_0",
    settings: scriptSettings(process.argv[2] ?? "", identity),
    timeoutMs: 5_000,
    clock: systemClock,
    log: silentLogger,
  }).execute(attemptOf(), new AbortController().signal);

if (import.meta.main)
  Promise.all([{ uid: 0 }, { gid: 0 }, { uid: 0, gid: 0 }].map(outcomeAs)).then(
    (outcomes) => console.log(JSON.stringify(outcomes)),
    () => process.exit(1),
  );
