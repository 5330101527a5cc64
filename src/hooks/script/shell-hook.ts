import { encodeUtf8 } from "../../base/bytes.ts";
import { ProcessGroup } from "../../process/process-group.ts";
import type { Attempt, Hook, HookFailure, HookOutcome } from "../delivery/hook.ts";
import { environmentOf } from "../event/environment.ts";
import { ProgramOutput } from "./program-output.ts";
import { scriptEnvironment } from "./script-environment.ts";
import { abortedFailure, exitFailureOf, timeoutFailure, withDetail } from "./script-failure.ts";
import type { ScriptOptions } from "./script-options.ts";
import { type RunningScript, ScriptProgram } from "./script-program.ts";

/**
 * Runs a script for each event. It finds the event in its environment and as one line of JSON on standard input, and says with
 * exit status 0 that all is well. Nothing of the event is ever part of a command line.
 *
 * A script that takes too long is stopped together with all it has started. What a script leaves in the background when it
 * ends in time lives on, with its output read and thrown away: that is how recordings are started.
 */
export class ShellHook implements Hook {
  readonly type = "shell";
  readonly id: string;
  readonly #options: ScriptOptions;
  readonly #program: ScriptProgram;

  constructor(options: ScriptOptions) {
    this.id = options.id;
    this.#options = options;
    this.#program = new ScriptProgram(options);
  }

  async execute(attempt: Attempt, signal: AbortSignal): Promise<HookOutcome> {
    if (signal.aborted) return abortedFailure("not started, the server gave it up");
    let child: RunningScript<Uint8Array>;
    try {
      child = await this.#program.start({
        env: this.#environmentFor(attempt),
        stdin: encodeUtf8(`${attempt.body}\n`),
      });
    } catch (error) {
      return this.#program.failureOf(error);
    }
    return this.#attend(child, signal);
  }

  #environmentFor({ event, number }: Attempt): Record<string, string> {
    return {
      ...scriptEnvironment(this.#options.settings, process.env),
      ...environmentOf(event),
      RTMP_HOOK_ID: this.id,
      RTMP_ATTEMPT: String(number),
    };
  }

  /** Waits for the script, or stops it. Waits for its exit only, for its pipes may stay open long after it. */
  async #attend(child: RunningScript<Uint8Array>, signal: AbortSignal): Promise<HookOutcome> {
    const { clock, timeoutMs, log, settings } = this.#options;
    const output = new ProgramOutput(child, { clock });
    const start = clock.now();
    const stopping = Promise.withResolvers<HookFailure>();
    const cancel = clock.after(timeoutMs, () =>
      stopping.resolve(timeoutFailure(`no exit within ${timeoutMs} ms, stopped`)),
    );
    const abort = (): void => stopping.resolve(abortedFailure("stopped, the server gave it up"));
    signal.addEventListener("abort", abort, { once: true });
    // An abort may have come while the script was started.
    if (signal.aborted) abort();

    let failure = await Promise.race([child.exited.then(() => undefined), stopping.promise]);
    cancel();
    signal.removeEventListener("abort", abort);
    if (failure && !(await new ProcessGroup(child, { clock }).stop()))
      failure = { ...failure, error: `${failure.error}, and it cannot be killed` };
    child.unref();
    failure ??= exitFailureOf(child);
    const { stdout, stderr } = await output.takeLast();

    const durationMs = Math.round(clock.now() - start);
    const fields = { hook: this.id, script: settings.path, durationMs, error: failure?.error };
    log.debug("hook script ended", { ...fields, stdout, stderr });
    return failure ? withDetail(failure, stderr) : { kind: "done" };
  }
}
