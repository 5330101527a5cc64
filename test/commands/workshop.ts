import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Launcher } from "../../src/commands/launcher.ts";
import type { Task } from "../../src/commands/task.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { KeptLog } from "../base/kept-log.ts";

/** A launcher of real commands on a clock that stands still, with a folder for what they leave. */
export class Workshop implements Disposable {
  readonly clock = new FakeClock();
  readonly log = new KeptLog();
  readonly folder = mkdtempSync(join(tmpdir(), "commands-"));
  readonly launcher: Launcher;

  constructor(env: Readonly<Record<string, string>> = {}) {
    const { clock, log } = this;
    this.launcher = new Launcher({ clock, log, env: { ...process.env, ...env, DIR: this.folder } });
  }

  /** A file in the folder. */
  file(name: string): string {
    return join(this.folder, name);
  }

  /** A command of a stream, with what a test wants different. */
  task(line: string, changes: Partial<Task> = {}): Task {
    return {
      name: "runOnAvailable",
      line,
      restarts: false,
      variables: { MTX_PATH: "live/a" },
      fields: { stream_key: "live/a" },
      secrets: [],
      ...changes,
    };
  }

  /** Starts what is due. */
  turn(): void {
    this.clock.advance(0);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
