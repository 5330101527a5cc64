import { messageOf } from "../base/errors.ts";
import type { Cancel } from "../base/time.ts";
import { graceMs, Program, type ProgramContext } from "./program.ts";
import type { StartQueue } from "./start-queue.ts";
import type { Running, Task } from "./task.ts";

/** Until a command that has ended by itself is started again. */
const restartMs = 5_000;

/** `running` goes on until it is stopped; `launched` ends by itself, is never asked to, and is started once. */
export type CommandKind = "running" | "launched";

/** What a command needs of the house around it. */
export interface CommandContext extends ProgramContext {
  readonly queue: StartQueue;
}

/**
 * A command from its first start to its last end.
 *
 *   queued → lives → ended by itself ─(restarts)→ 5 s → queued
 *                  → stopped: SIGINT to its group → 10 s → SIGKILL
 *
 * Its log lines are those that tools for MediaMTX look for.
 */
export class Command implements Running {
  readonly kind: CommandKind;
  readonly #task: Task;
  readonly #context: CommandContext;
  readonly #ended = Promise.withResolvers<void>();
  #program: Program | undefined;
  #cancel: Cancel = () => undefined;
  #isStopped = false;
  #hasLived = false;
  #fault = "";

  constructor(task: Task, kind: CommandKind, context: CommandContext) {
    this.#task = task;
    this.kind = kind;
    this.#context = context;
    this.#enqueue();
  }

  /** Resolves when it does not live and never will again. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  stop(reason?: string): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#cancel();
    if (this.#hasLived) this.#tell(reason === undefined ? "stopped" : `stopped: ${reason}`);
    if (this.#program) void this.#end(this.#program);
    else this.#ended.resolve();
  }

  /** Ends it at once, whatever it does, and says so. */
  kill(): void {
    this.#isStopped = true;
    this.#cancel();
    this.#program?.kill();
    if (this.#program) this.#warn("killed, it did not end in time");
    else this.#warn("not run, there was no time left");
    this.#ended.resolve();
  }

  #enqueue(): void {
    try {
      this.#cancel = this.#context.queue.push(() => this.#start());
    } catch (error) {
      this.#fail(error);
    }
  }

  #start(): void {
    let program: Program;
    try {
      program = new Program(this.#task, this.#context);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#tell(this.kind === "launched" ? "launched" : this.#hasLived ? "restarted" : "started");
    this.#program = program;
    this.#hasLived = true;
    this.#fault = "";
    void program.ended.then((how) => this.#exited(how));
  }

  /** One line tells of a fault, however often a restart meets it. */
  #fail(error: unknown): void {
    const fault = messageOf(error);
    const { name, fields } = this.#task;
    if (fault !== this.#fault)
      this.#context.log.error(`${name} command failed to start`, { ...fields, error: fault });
    this.#fault = fault;
    this.#next();
  }

  #exited(how: string): void {
    this.#program = undefined;
    const isExpected = this.#isStopped || (this.kind === "launched" && how === "code 0");
    this.#tell(`exited: ${how}`, isExpected ? "debug" : "info");
    if (!this.#isStopped) this.#next();
  }

  /** It has ended by itself, or was not even started. */
  #next(): void {
    if (!this.#task.restarts || this.kind === "launched") this.#ended.resolve();
    else this.#cancel = this.#context.clock.after(restartMs, () => this.#enqueue());
  }

  async #end(program: Program): Promise<void> {
    const hasEnded = await program.stop();
    if (!hasEnded) this.#warn("cannot be killed");
    else if (program.wasKilled) this.#warn(`killed, it did not end within ${graceMs / 1000} s`);
    this.#ended.resolve();
  }

  #tell(what: string, level: "info" | "debug" = "info"): void {
    this.#context.log[level](`${this.#task.name} command ${what}`, this.#task.fields);
  }

  #warn(what: string): void {
    this.#context.log.warn(`${this.#task.name} command ${what}`, this.#task.fields);
  }
}
