import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { Command, type CommandContext, type CommandKind } from "./command.ts";
import { graceMs } from "./program.ts";
import { StartQueue } from "./start-queue.ts";
import type { Running, Starter, Task } from "./task.ts";

/** What a killed program may take to disappear, with a little over. */
const lastMs = 2_000;

/** What a {@link Launcher} is made of. */
export interface LauncherOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** The environment of the server; that of this process when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Runs commands, and knows those that have not ended. */
export class Launcher implements Starter {
  readonly #context: CommandContext;
  readonly #commands = new Set<Command>();
  #isClosed = false;

  constructor({ clock, log, env = process.env }: LauncherOptions) {
    this.#context = { clock, log, env, queue: new StartQueue({ clock }) };
  }

  start(task: Task): Running {
    return this.#add(task, "running") ?? { stop: () => undefined };
  }

  launch(task: Task): void {
    this.#add(task, "launched");
  }

  /**
   * Stops what goes on, and waits for that and for what was launched. Whoever has not ended after ten seconds is killed, and nobody
   * is waited for two seconds later. Nothing is started any more.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    const { clock } = this.#context;
    for (const command of this.#commands) if (command.kind === "running") command.stop();
    const cancelKill = clock.after(graceMs, () => {
      for (const command of this.#commands) if (command.kind === "launched") command.kill();
    });
    const late = Promise.withResolvers<void>();
    const cancelLate = clock.after(graceMs + lastMs, late.resolve);
    await Promise.race([Promise.all([...this.#commands].map(({ ended }) => ended)), late.promise]);
    cancelKill();
    cancelLate();
  }

  #add(task: Task, kind: CommandKind): Command | undefined {
    if (this.#isClosed) return undefined;
    const command = new Command(task, kind, this.#context);
    this.#commands.add(command);
    void command.ended.then(() => this.#commands.delete(command));
    return command;
  }
}
