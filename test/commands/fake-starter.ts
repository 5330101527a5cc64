import type { Running, Starter, Task } from "../../src/commands/task.ts";

/** Writes down what it is to run. */
export class FakeStarter implements Starter {
  readonly tasks: Task[] = [];
  #calls: string[] = [];

  start(task: Task): Running {
    this.tasks.push(task);
    this.#calls.push(`start ${task.name}: ${task.line}`);
    return {
      stop: (reason) => {
        this.#calls.push(`stop ${task.name}${reason === undefined ? "" : `: ${reason}`}`);
      },
    };
  }

  launch(task: Task): void {
    this.tasks.push(task);
    this.#calls.push(`launch ${task.name}: ${task.line}`);
  }

  /** The calls since the last call. */
  calls(): string[] {
    return this.#calls.splice(0);
  }
}
