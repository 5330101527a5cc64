import { access, constants, stat } from "node:fs/promises";
import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { HookFailure } from "../delivery/hook.ts";
import { commandOf, type StartFault, shellCommandsOf, startFaultOf } from "./script-command.ts";
import type { ScriptSettings } from "./script-settings.ts";

/** A script that runs, with its standard input as it was asked for. */
export type RunningScript<Input extends Uint8Array | "pipe"> = Bun.Subprocess<Input, "pipe", "pipe">;

/** What a start is given. */
export interface StartOptions<Input extends Uint8Array | "pipe"> {
  /** All variables of the script: none is added. */
  readonly env: Readonly<Record<string, string>>;
  /** All of its standard input, or `pipe` for one that is written to later. */
  readonly stdin: Input;
}

/**
 * A script as something that can be started. It becomes the leader of a process group of its own, so that all it starts can be
 * stopped with it. A file without a first line that names its program, or without leave to run, is handed to a shell.
 *
 * Measured on Bun 1.4.5, Linux: as root `uid` and `gid` take effect, and the supplementary groups of the server are dropped; a
 * `uid` alone leaves the group as it is. Elsewhere both fail with EPERM, but for one's own. The working directory is entered
 * with the rights of the server.
 */
export class ScriptProgram {
  readonly #settings: ScriptSettings;
  readonly #id: string;
  readonly #log: Logger;
  #hasToldOfShell = false;

  constructor({ id, settings, log }: { id: string; settings: ScriptSettings; log: Logger }) {
    this.#id = id;
    this.#settings = settings;
    this.#log = log;
  }

  /** Starts it. Rejects with what {@link failureOf} explains. */
  async start<Input extends Uint8Array | "pipe">(
    options: StartOptions<Input>,
  ): Promise<RunningScript<Input>> {
    const { path, args } = this.#settings;
    const spawn = (command: readonly string[]): RunningScript<Input> =>
      this.#spawn([...command, ...args], options);
    try {
      return spawn(commandOf(path, process.platform));
    } catch (error) {
      const fault = startFaultOf(error);
      if (process.platform === "win32" || (fault !== "ENOEXEC" && fault !== "EACCES")) throw error;
      if (fault === "EACCES" && !(await isReadableFile(path))) throw error;
      this.#tellOfShell(fault);
      return firstOf(shellCommandsOf(path), spawn);
    }
  }

  /**
   * Why {@link start} failed. An operator can put all of it right while the server runs, so that a later attempt may work; but
   * an event that is too long for the system's limit on variables always will be.
   */
  async failureOf(error: unknown): Promise<HookFailure> {
    const code = startFaultOf(error);
    const failure = { kind: "failed", error: await this.#whyOf(code, error) } as const;
    if (code === undefined) return { ...failure, verdict: "retry" };
    return { ...failure, code, verdict: code === "E2BIG" ? "never" : "retry" };
  }

  #spawn<Input extends Uint8Array | "pipe">(
    command: string[],
    { env, stdin }: StartOptions<Input>,
  ): RunningScript<Input> {
    const { cwd, uid, gid } = this.#settings;
    return Bun.spawn(command, {
      env: { ...env },
      stdin,
      stdout: "pipe",
      stderr: "pipe",
      detached: process.platform !== "win32",
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
  }

  #tellOfShell(fault: StartFault): void {
    if (this.#hasToldOfShell) return;
    this.#hasToldOfShell = true;
    const why = fault === "EACCES" ? "it is not executable" : "its first line names no program";
    const fields = { hook: this.#id, script: this.#settings.path, why };
    this.#log.debug("hook script is run by a shell", fields);
  }

  async #whyOf(fault: StartFault | undefined, error: unknown): Promise<string> {
    const { path, cwd, uid, gid } = this.#settings;
    // The system blames the script for a directory that is missing.
    if ((fault === "ENOENT" || fault === "ENOTDIR") && cwd !== undefined && !(await isDirectory(cwd)))
      return `${path} cannot be started in ${cwd}, which is no directory`;
    switch (fault) {
      case "ENOENT":
        return `${path} is not there, or the program its first line names is not`;
      case "EACCES":
        return `${path} is not a file that may be run or read`;
      case "EPERM":
        if (uid !== undefined || gid !== undefined)
          return `${path} cannot be started as ${identityOf({ uid, gid })}, which only root may do`;
    }
    return `${path} cannot be started: ${messageOf(error)}`;
  }
}

const identityOf = ({ uid, gid }: Pick<ScriptSettings, "uid" | "gid">): string =>
  [...(uid === undefined ? [] : [`user ${uid}`]), ...(gid === undefined ? [] : [`group ${gid}`])].join(
    " and ",
  );

/** The first of `commands` whose program is there. */
const firstOf = <Child>(
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

const isDirectory = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
};
