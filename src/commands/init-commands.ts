import { kindOfPath } from "../config/server/path-name.ts";
import type { PathConfig } from "../config/server/path-section.ts";
import { pathTask } from "./path-task.ts";
import type { Running, Starter } from "./task.ts";

/** The part of a configuration that `runOnInit` stands in. */
export interface InitSettings {
  readonly paths: Readonly<Record<string, PathConfig>>;
  readonly rtspAddress: string;
}

interface Started {
  readonly line: string;
  readonly restarts: boolean;
  readonly command: Running;
}

/** The commands that run for as long as a path with a plain name is configured: `runOnInit`. */
export class InitCommands {
  readonly #starter: Starter;
  readonly #started = new Map<string, Started>();

  constructor({ starter }: { starter: Starter }) {
    this.#starter = starter;
  }

  /** Another configuration holds, or the first: what it does not ask for is stopped, what it asks for newly is started, all else goes on. */
  configure({ paths, rtspAddress }: InitSettings): void {
    for (const [name, { line, restarts, command }] of this.#started) {
      const conf = paths[name];
      if (conf?.runOnInit === line && conf.runOnInitRestart === restarts) continue;
      command.stop();
      this.#started.delete(name);
    }
    for (const [name, conf] of Object.entries(paths)) {
      if (conf.runOnInit === "" || kindOfPath(name) !== "name" || this.#started.has(name)) continue;
      const task = pathTask("runOnInit", { path: name, found: { conf, groups: [] }, rtspAddress });
      this.#started.set(name, {
        line: task.line,
        restarts: task.restarts,
        command: this.#starter.start(task),
      });
    }
  }

  /** Everything ends. */
  close(): void {
    for (const { command } of this.#started.values()) command.stop();
    this.#started.clear();
  }
}
