/**
 * A thread that runs scripts as hooks do: answers each task with the outcome.
 */
import { silentLogger } from "../../../src/base/log.ts";
import { systemClock } from "../../../src/base/time.ts";
import type { HookOutcome } from "../../../src/hooks/delivery/hook.ts";
import { makeScriptHook } from "../../../src/hooks/script/script-hook.ts";
import type { ScriptMode } from "../../../src/hooks/script/script-settings.ts";
import { attemptOf } from "../sample-attempt.ts";
import { scriptSettings } from "./script-files.ts";

/** What the thread is asked to do: run a script for one event, then close the hook. */
export interface Task {
  readonly script: string;
  readonly mode: ScriptMode;
  readonly timeoutMs: number;
}

declare const self: Worker;

const perform = async ({ script, mode, timeoutMs }: Task): Promise<HookOutcome> => {
  const settings = scriptSettings(script, { mode });
  const hook = makeScriptHook({ id: "shell_0", settings, timeoutMs, clock: systemClock, log: silentLogger });
  const outcome = await hook.execute(attemptOf(), new AbortController().signal);
  await hook.close?.();
  return outcome;
};

if (!Bun.isMainThread)
  self.onmessage = ({ data }: MessageEvent<Task>) => {
    perform(data).then(
      (outcome) => self.postMessage(outcome),
      (error: unknown) => self.postMessage({ kind: "rejected", error: String(error) }),
    );
  };
