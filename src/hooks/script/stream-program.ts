import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";
import { ProcessGroup } from "../../process/process-group.ts";
import type { HookFailure } from "../delivery/hook.ts";
import { ProgramOutput } from "./program-output.ts";
import { exitFailureOf, maxDetailChars, withDetail } from "./script-failure.ts";
import type { RunningScript } from "./script-program.ts";

/** How often what a program has written is logged, if it has written anything: 64 KiB of each stream at most. */
const reportMs = 1_000;

/** A program whose standard input is broken is mostly about to end; it has this long to say how. */
const lastWordsMs = 1_000;

/** How long a program has to end after it has read the end of its standard input. */
const closeMs = 5_000;

/** What {@link StreamProgram} needs to know, for the log too. */
export interface StreamProgramOptions {
  readonly id: string;
  readonly script: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * One life of a program that reads lines from its standard input. What it writes is read and logged. To the program standard
 * input is a socket, as `Bun.spawn` makes it: it cannot be opened a second time by way of `/dev/stdin`.
 */
export class StreamProgram {
  readonly #child: RunningScript<"pipe">;
  readonly #options: StreamProgramOptions;
  readonly #output: ProgramOutput;
  /** The end of all it wrote to standard error. */
  #lastWords = "";
  #isDeaf = false;
  /** Resolves with how it ended once it has, whoever ended it. An exit status of 0 is a failure too: it was to live on. */
  readonly ended: Promise<HookFailure>;

  /** `child` was started as the leader of a process group. It belongs to this object. */
  constructor(child: RunningScript<"pipe">, options: StreamProgramOptions) {
    this.#child = child;
    this.#options = options;
    this.#output = new ProgramOutput(child, options);
    this.ended = this.#watch();
  }

  /** It lives, and has not turned its back on its standard input, as far as is known. */
  get isReading(): boolean {
    return !this.#isDeaf && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Writes `text`. Resolves once the system has taken all of it, which takes as long as the program does not read, with a failure
   * where it did not or the program is gone. The next text is to wait for that.
   */
  async write(text: string): Promise<HookFailure | undefined> {
    const { stdin } = this.#child;
    try {
      // Each of the two may be a promise that rejects. After the end of the program neither does.
      await Promise.all([stdin.write(text), stdin.flush()]);
    } catch (error) {
      return this.#broken(error);
    }
    return this.isReading ? undefined : this.ended;
  }

  /** Ends its standard input, and the program if that does not: it is asked 5 s later and killed after another 5. */
  async close(): Promise<void> {
    const { clock, log, id, script } = this.#options;
    void this.#endInput();
    if (await this.#endsWithin(closeMs)) return;
    const hasEnded = await new ProcessGroup(this.#child, { clock }).stop();
    if (!hasEnded) log.warn("hook script cannot be killed", { hook: id, script });
  }

  /** Nothing more can be written. Who does not end by itself does not read any more and is stopped, so that it can start anew. */
  async #broken(error: unknown): Promise<HookFailure> {
    const { clock } = this.#options;
    this.#isDeaf = true;
    if (await this.#endsWithin(lastWordsMs)) return this.ended;
    void new ProcessGroup(this.#child, { clock }).stop();
    return {
      kind: "failed",
      error: `it does not read its standard input: ${messageOf(error)}`,
      code: "EPIPE",
      verdict: "retry",
    };
  }

  async #endInput(): Promise<void> {
    try {
      await this.#child.stdin.end();
    } catch {
      // It has ended, or does not read: both are what is waited for.
    }
  }

  #endsWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, () => resolve(false));
      void this.#child.exited.then(() => {
        cancel();
        resolve(true);
      });
    });
  }

  async #watch(): Promise<HookFailure> {
    const stopReports = this.#options.clock.every(reportMs, () => this.#report(this.#output.take()));
    await this.#child.exited;
    stopReports();
    void this.#endInput();
    this.#child.unref();
    this.#report(await this.#output.takeLast());
    // What it had to do with which event is not known, so that no event is given up for a status.
    const { error, code } = exitFailureOf(this.#child) ?? { error: "exit status 0", code: "exit" };
    const failure: HookFailure = { kind: "failed", error, verdict: "retry", ...(code ? { code } : {}) };
    return withDetail(failure, this.#lastWords);
  }

  #report({ stdout, stderr }: { stdout: string; stderr: string }): void {
    if (stdout === "" && stderr === "") return;
    this.#lastWords = (this.#lastWords + stderr).slice(-maxDetailChars);
    const { id, script, log } = this.#options;
    log.debug("hook script wrote", { hook: id, script, stdout, stderr });
  }
}
