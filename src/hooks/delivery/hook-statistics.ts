import type { HookOutcome } from "./hook.ts";

/** The numbers of one hook at one moment. */
export interface HookCounts {
  /** Executions that ended, well or not. */
  readonly executed: number;
  /** Those of them that failed. */
  readonly failed: number;
  /** Events that the hook never got, because too many waited or the server stopped. */
  readonly dropped: number;
  /** How long all executions took together, in milliseconds. */
  readonly durationMs: number;
  /** Why the last one that failed did; undefined while none has. */
  readonly lastError: string | undefined;
}

/** Counts what becomes of the events of one hook, since the server started. */
export class HookStatistics {
  #executed = 0;
  #failed = 0;
  #dropped = 0;
  #durationMs = 0;
  #lastError: string | undefined;

  /** The numbers as of now. */
  get counts(): HookCounts {
    return {
      executed: this.#executed,
      failed: this.#failed,
      dropped: this.#dropped,
      durationMs: this.#durationMs,
      lastError: this.#lastError,
    };
  }

  /** Counts an execution that ended with `outcome` after `durationMs` milliseconds. */
  executed(outcome: HookOutcome, durationMs: number): void {
    this.#executed++;
    this.#durationMs += durationMs;
    if (outcome.kind === "done") return;
    this.#failed++;
    this.#lastError = outcome.error;
  }

  /** Counts an event that the hook never got. */
  dropped(): void {
    this.#dropped++;
  }
}
