import { access, constants, stat } from "node:fs/promises";
import { encodeUtf8 } from "../../base/bytes.ts";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";
import type { Attempt, Hook, HookOutcome } from "../delivery/hook.ts";
import { environmentOf, inheritedEnvironment } from "../event/environment.ts";
import type { HookEvent } from "../event/hook-event.ts";
import { jsonLineOf } from "../event/json-line.ts";
import { OutputTail } from "./output-tail.ts";
import { ProcessGroup } from "./process-group.ts";
import { commandOf, shellCommandsOf, startFaultOf } from "./script-command.ts";

/** What a script wrote just before its end is in the pipes and read at once; somebody in the background may keep them open. */
const outputGraceMs = 100;

/** Characters of standard error that go with a failure. */
const detailChars = 2_000;

/** What {@link ShellHook} needs to know. */
export interface ShellHookOptions {
  /** `shell_0` and so on; the script finds it in `RTMP_HOOK_ID`. */
  readonly id: string;
  /** Absolute path. */
  readonly script: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

type Child = Bun.Subprocess<Uint8Array, "pipe", "pipe">;

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
  readonly #options: ShellHookOptions;
  #hasToldOfShell = false;

  constructor(options: ShellHookOptions) {
    this.id = options.id;
    this.#options = options;
  }

  async execute({ event }: Attempt, signal: AbortSignal): Promise<HookOutcome> {
    if (signal.aborted)
      return { kind: "failed", error: "not started, the server gave it up", verdict: "aborted" };
    let child: Child;
    try {
      child = await this.#start(event);
    } catch (error) {
      return { kind: "failed", error: this.#startErrorOf(error), verdict: "retry" };
    }
    return this.#attend(child, signal);
  }

  async #start(event: HookEvent): Promise<Child> {
    const { script } = this.#options;
    const spawn = this.#spawner(event);
    try {
      return spawn(commandOf(script, process.platform));
    } catch (error) {
      const fault = startFaultOf(error);
      if (process.platform === "win32" || !fault || fault === "ENOENT") throw error;
      if (fault === "EACCES" && !(await isReadableFile(script))) throw error;
      this.#tellOfShell(fault);
      return firstOf(shellCommandsOf(script), spawn);
    }
  }

  #spawner(event: HookEvent): (command: readonly string[]) => Child {
    const env = {
      ...inheritedEnvironment(process.env),
      ...environmentOf(event),
      RTMP_HOOK_ID: this.id,
      RTMP_ATTEMPT: "1",
    };
    const stdin = encodeUtf8(`${jsonLineOf(event)}\n`);
    // Detached: the leader of a process group of its own, so that all it starts can be stopped with it.
    const detached = process.platform !== "win32";
    return (command) => Bun.spawn([...command], { env, stdin, stdout: "pipe", stderr: "pipe", detached });
  }

  /** Waits for the script, or stops it. Waits for its exit only, for its pipes may stay open long after it. */
  async #attend(child: Child, signal: AbortSignal): Promise<HookOutcome> {
    const { clock, timeoutMs, log, script } = this.#options;
    const output = {
      out: new OutputTail(child.stdout, { clock }),
      err: new OutputTail(child.stderr, { clock }),
    };
    const start = clock.now();
    const stopping = Promise.withResolvers<string>();
    const cancel = clock.after(timeoutMs, () => stopping.resolve(`no exit within ${timeoutMs} ms, stopped`));
    const abort = (): void => stopping.resolve("stopped, the server gave it up");
    signal.addEventListener("abort", abort, { once: true });
    // An abort may have come while the script was started.
    if (signal.aborted) abort();

    let fault = await Promise.race([child.exited.then(() => undefined), stopping.promise]);
    cancel();
    signal.removeEventListener("abort", abort);
    if (fault !== undefined && !(await new ProcessGroup(child, { clock }).stop()))
      fault += ", and it cannot be killed";
    child.unref();
    fault ??= exitFaultOf(child);
    await this.#outputOf(output.out, output.err);
    const [stdout, stderr] = [output.out.take(), output.err.take()];

    const durationMs = Math.round(clock.now() - start);
    log.debug("hook script ended", { hook: this.id, script, durationMs, error: fault, stdout, stderr });
    if (fault === undefined) return { kind: "done" };
    const detail = stderr.trimEnd().slice(-detailChars);
    return { kind: "failed", error: fault, verdict: "retry", ...(detail === "" ? {} : { detail }) };
  }

  /** Resolves when both have ended, or soon. */
  #outputOf(...tails: readonly OutputTail[]): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(outputGraceMs, resolve);
      Promise.all(tails.map(({ ended }) => ended)).then(() => {
        cancel();
        resolve();
      }, resolve);
    });
  }

  #tellOfShell(fault: string): void {
    if (this.#hasToldOfShell) return;
    this.#hasToldOfShell = true;
    const why = fault === "EACCES" ? "it is not executable" : "its first line names no program";
    this.#options.log.debug("hook script is run by a shell", {
      hook: this.id,
      script: this.#options.script,
      why,
    });
  }

  #startErrorOf(error: unknown): string {
    const { script } = this.#options;
    switch (startFaultOf(error)) {
      case "ENOENT":
        return `${script} is not there, or the program its first line names is not`;
      case "EACCES":
        return `${script} is not a file that may be run or read`;
      default:
        return `${script} cannot be started: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

/** The first of `commands` whose program is there. */
const firstOf = (
  commands: readonly (readonly string[])[],
  spawn: (command: readonly string[]) => Child,
): Child => {
  let last: unknown;
  for (const command of commands) {
    try {
      return spawn(command);
    } catch (error) {
      if (startFaultOf(error) !== "ENOENT") throw error;
      last = error;
    }
  }
  throw last;
};

const isReadableFile = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.R_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

const exitFaultOf = ({ signalCode, exitCode }: Child): string | undefined => {
  if (signalCode !== null) return `ended by ${signalCode}`;
  return exitCode === 0 ? undefined : `exit status ${exitCode}, expected 0`;
};
