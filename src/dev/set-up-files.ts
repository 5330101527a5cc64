import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProcessId } from "../orchestrator/process/process-table.ts";

/** What a set-up that runs has written down for others who ask. */
export interface SetUpNote {
  /** Who runs it. */
  readonly process: ProcessId;
  /** Where what runs can be reached, a line each. */
  readonly places: readonly string[];
}

/** The files of a set-up in its directory. */
export class SetUpFiles {
  readonly directory: string;
  readonly #note: string;

  /** `directory` is absolute. */
  constructor(directory: string) {
    this.directory = directory;
    this.#note = join(directory, "dev.json");
  }

  /** Where logs are; those of workers and forwarders are in folders of it. */
  get logs(): string {
    return join(this.directory, "logs");
  }

  /** The log of a program. */
  logOf(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  /** What was written down; undefined where nothing was. */
  read(): SetUpNote | undefined {
    try {
      return JSON.parse(readFileSync(this.#note, "utf8")) as SetUpNote;
    } catch {
      return undefined;
    }
  }

  write(note: SetUpNote): void {
    writeFileSync(this.#note, JSON.stringify(note), { mode: 0o600 });
  }

  remove(): void {
    rmSync(this.#note, { force: true });
  }
}
