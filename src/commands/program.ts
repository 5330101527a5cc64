import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { ProcessGroup } from "../process/process-group.ts";
import { argumentsOf } from "./command-line.ts";
import { OutputLog } from "./output-log.ts";
import type { Task } from "./task.ts";

/** How long a command has to end itself once it is asked to. */
export const graceMs = 10_000;

/** What a program needs of the house around it. */
export interface ProgramContext {
  readonly clock: Clock;
  readonly log: Logger;
  /** The environment of the server. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * One life of a command: the leader of a process group of its own, with nothing to read, the server's whole environment, and the
 * variables of its task. What it writes is logged.
 */
export class Program {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #group: ProcessGroup;
  /** How it ended, once it has: `code 3`, `signal SIGINT`. What it has left in the background may go on. */
  readonly ended: Promise<string>;

  /** Starts it. @throws ConfigError where its line cannot be split; what the system says where it cannot be started */
  constructor(task: Task, { clock, log, env }: ProgramContext) {
    const { line, variables } = task;
    const command = argumentsOf(line, (name) =>
      Object.hasOwn(variables, name) ? variables[name] : Object.hasOwn(env, name) ? env[name] : undefined,
    );
    this.#child = Bun.spawn([...command], {
      env: { ...env, ...variables },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      detached: process.platform !== "win32",
    });
    this.#group = new ProcessGroup(this.#child, { clock, signal: "SIGINT", graceMs });
    const output = new OutputLog(task, { clock, log });
    output.read(this.#child.stdout);
    output.read(this.#child.stderr);
    this.ended = this.#child.exited.then(() => endOf(this.#child));
  }

  /** Somebody of its group was killed, for not ending in time. */
  get wasKilled(): boolean {
    return this.#group.wasKilled;
  }

  /**
   * Asks the group to end with SIGINT, and kills what is left of it after {@link graceMs}. Resolves when nobody is left, with false
   * when its leader is even then.
   */
  stop(): Promise<boolean> {
    return this.#group.stopAll();
  }

  /** Kills the group at once. */
  kill(): void {
    this.#group.kill();
  }
}

const endOf = ({ exitCode, signalCode }: Pick<Bun.Subprocess, "exitCode" | "signalCode">): string =>
  signalCode === null ? `code ${exitCode}` : `signal ${signalCode}`;
