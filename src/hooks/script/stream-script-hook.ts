import type { Attempt, Hook, HookFailure, HookOutcome } from "../delivery/hook.ts";
import { LinkedQueue, type Place } from "../delivery/linked-queue.ts";
import { scriptEnvironment } from "./script-environment.ts";
import { abortedFailure, timeoutFailure } from "./script-failure.ts";
import type { ScriptOptions } from "./script-options.ts";
import { ScriptProgram } from "./script-program.ts";
import { StreamProgram } from "./stream-program.ts";

/** Until a script that has ended is started again: this long, twice as long each further time, up to the second. */
const firstDelayMs = 1_000;
const maxDelayMs = 30_000;

/** A script that has lived for so long starts with the first delay again. */
const steadyMs = 60_000;

/** Characters that are written at once. What is being written can no longer be withdrawn. */
const batchChars = 64 * 1024;

/** An event on its way to the script. */
interface Line {
  readonly text: string;
  /** Where it waits; undefined once it is being written, or settled. */
  place: Place<Line> | undefined;
  /** Ends its execution; a second call does nothing. */
  readonly settle: (outcome: HookOutcome) => void;
}

/**
 * Runs one script for all events. It is started with the first one and reads each as a line of JSON from standard input.
 *
 *   execute → waiting → one batch being written → the script's standard input
 *
 * An event is delivered once the system has taken its line and the script still lives; what it makes of it nobody knows. While it
 * does not read, or is about to be started again, events wait up to their timeout. A line that timed out while it was being
 * written is written all the same, for the next one must not begin in its middle.
 */
export class StreamScriptHook implements Hook {
  readonly type = "shell";
  readonly id: string;
  readonly #options: ScriptOptions;
  readonly #program: ScriptProgram;
  readonly #waiting = new LinkedQueue<Line>();
  #isClosed = false;
  #isWriting = false;
  #running: StreamProgram | undefined;
  /** The lives of the script, one after the other; undefined before the first event. */
  #lives: Promise<void> | undefined;
  #endPause: (() => void) | undefined;

  constructor(options: ScriptOptions) {
    this.id = options.id;
    this.#options = options;
    this.#program = new ScriptProgram(options);
  }

  execute({ body }: Attempt, signal: AbortSignal): Promise<HookOutcome> {
    if (signal.aborted || this.#isClosed)
      return Promise.resolve(abortedFailure("not written, the server gave it up"));
    const { promise, resolve } = Promise.withResolvers<HookOutcome>();
    const { clock, timeoutMs } = this.#options;
    const settle = (outcome: HookOutcome): void => {
      cancel();
      signal.removeEventListener("abort", abort);
      this.#withdraw(line);
      resolve(outcome);
    };
    const line: Line = { text: `${body}\n`, place: undefined, settle };
    const cancel = clock.after(timeoutMs, () => settle(timeoutFailure(`not taken within ${timeoutMs} ms`)));
    const abort = (): void => settle(abortedFailure("the server gave it up"));
    signal.addEventListener("abort", abort, { once: true });
    line.place = this.#waiting.push(line);
    this.#lives ??= this.#live();
    void this.#write();
    return promise;
  }

  /** Ends the script: it reads the end of its standard input, has 5 s, is asked to end, has another 5, and is killed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endPause?.();
    this.#failWaiting(abortedFailure("the server gave it up"));
    await this.#running?.close();
    await this.#lives;
  }

  /** Starts the script over and over until the hook is closed. */
  async #live(): Promise<void> {
    const { clock, log, settings } = this.#options;
    let delayMs = firstDelayMs;
    while (!this.#isClosed) {
      const start = clock.now();
      const { error, detail } = await this.#liveOnce();
      if (this.#isClosed) return;
      if (clock.now() - start >= steadyMs) delayMs = firstDelayMs;
      const fields = { hook: this.id, script: settings.path, error, detail, restartMs: delayMs };
      log.warn("hook script is down and will be started again", fields);
      await this.#pause(delayMs);
      delayMs = Math.min(2 * delayMs, maxDelayMs);
    }
  }

  /** Starts the script and waits for its end. A script that cannot be started fails what waits for it. */
  async #liveOnce(): Promise<HookFailure> {
    const { id, settings, clock, log } = this.#options;
    const env = { ...scriptEnvironment(settings, process.env), RTMP_HOOK_ID: id };
    try {
      const child = await this.#program.start({ env, stdin: "pipe" });
      this.#running = new StreamProgram(child, { id, script: settings.path, clock, log });
    } catch (error) {
      const failure = await this.#program.failureOf(error);
      this.#failWaiting(failure);
      return failure;
    }
    // The hook may have been closed meanwhile.
    if (this.#isClosed) await this.#running.close();
    else void this.#write();
    const end = await this.#running.ended;
    this.#running = undefined;
    return end;
  }

  /** Writes what waits for as long as there is somebody to read it. */
  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    for (let program = this.#running; program?.isReading && this.#waiting.first; program = this.#running) {
      const batch = this.#takeBatch();
      const failure = await program.write(batch.map(({ text }) => text).join(""));
      for (const line of batch) line.settle(failure ?? { kind: "done" });
    }
    this.#isWriting = false;
  }

  #takeBatch(): readonly Line[] {
    const batch: Line[] = [];
    for (let chars = 0; chars < batchChars; ) {
      const line = this.#waiting.first;
      if (!line) break;
      this.#withdraw(line);
      batch.push(line);
      chars += line.text.length;
    }
    return batch;
  }

  #withdraw(line: Line): void {
    if (line.place) this.#waiting.remove(line.place);
    line.place = undefined;
  }

  #failWaiting(failure: HookFailure): void {
    for (let line = this.#waiting.first; line; line = this.#waiting.first) line.settle(failure);
  }

  /** Waits, unless the hook is closed. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
