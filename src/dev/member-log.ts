import { closeSync, writeSync } from "node:fs";
import { messageOf } from "../base/errors.ts";
import { OutputFile } from "../orchestrator/process/output-file.ts";

/** The log of one program of a set-up. A disk that is full, or anything else that keeps it from being written, disturbs nobody. */
export class MemberLog {
  readonly #file: OutputFile;
  readonly #descriptor: number;
  readonly #failed: (error: string) => void;
  #fault = "";

  /** `failed` is told why it cannot be written, once for each reason. Throws what the system says where it cannot be opened. */
  constructor(path: string, { maxBytes, failed }: { maxBytes: number; failed: (error: string) => void }) {
    this.#file = new OutputFile(path, maxBytes);
    this.#descriptor = this.#file.open();
    this.#failed = failed;
  }

  /** Writes a line. */
  write(line: string): void {
    this.#attempt(() => writeSync(this.#descriptor, `${line}\n`));
  }

  /** Keeps it within its bound. */
  turn(): void {
    this.#attempt(() => this.#file.turn());
  }

  /** Closes it. */
  close(): void {
    closeSync(this.#descriptor);
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      const fault = messageOf(error);
      if (fault !== this.#fault) this.#failed(fault);
      this.#fault = fault;
    }
  }
}
