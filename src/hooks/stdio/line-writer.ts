import { write } from "node:fs";
import { isatty } from "node:tty";
import { encodeUtf8 } from "../../base/bytes.ts";
import type { Logger } from "../../base/log.ts";

/** Bytes that may wait for a reader: a minute of a very busy server. */
const defaultMaxWaitingBytes = 4 * 1024 * 1024;

/** Bytes handed over at once: what a pipe holds on Linux. What is handed over can no longer be dropped. */
const batchBytes = 64 * 1024;

/** Takes text without ever blocking its caller, and calls `done` once the system has all of it, or why it has not. */
export interface Outlet {
  write(text: string, done: (error?: Error | null) => void): void;
}

/** What {@link LineWriter} needs to know. */
export interface LineWriterOptions {
  /** What it writes to, for the log: `stdout`. */
  readonly name: string;
  readonly log: Logger;
  readonly maxWaitingBytes?: number;
}

interface Line {
  readonly ordinal: number;
  readonly text: string;
  readonly bytes: number;
}

/**
 * Writes text to somebody who may not read it, in the order it was given, without ever making the caller wait.
 *
 *   write → waiting (bounded) → one batch under way → outlet
 *
 * At the bound the oldest telemetry goes first, then the oldest of all; `dropped` counts them. A reader that has gone
 * closes the writer for good: one line in the log, and all that comes is dropped.
 */
export class LineWriter {
  readonly #outlet: Outlet;
  readonly #name: string;
  readonly #log: Logger;
  readonly #maxWaitingBytes: number;
  /** Two queues, so that dropping is cheap; the ordinals tell the order. */
  readonly #telemetry: Line[] = [];
  readonly #others: Line[] = [];
  #ordinal = 0;
  #waitingBytes = 0;
  /** Lines of the batch under way; 0 when there is none. */
  #underWay = 0;
  #dropped = 0;
  #isBehind = false;
  #isClosed = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(outlet: Outlet, options: LineWriterOptions) {
    this.#outlet = outlet;
    this.#name = options.name;
    this.#log = options.log;
    this.#maxWaitingBytes = options.maxWaitingBytes ?? defaultMaxWaitingBytes;
  }

  /** Pieces of text that nobody will read. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes that have not been handed over. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** The reader has gone. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Writes `text`, whole lines with their ends, or drops it whole. */
  write(text: string, { isTelemetry }: { isTelemetry: boolean }): void {
    const bytes = Buffer.byteLength(text);
    if (this.#isClosed || bytes > this.#maxWaitingBytes) {
      this.#dropped++;
      return;
    }
    (isTelemetry ? this.#telemetry : this.#others).push({ ordinal: this.#ordinal++, text, bytes });
    this.#waitingBytes += bytes;
    while (this.#waitingBytes > this.#maxWaitingBytes) this.#drop();
    this.#pump();
  }

  /** Resolves once nothing waits and nothing is under way, which may be never: bound it in time. */
  drained(): Promise<void> {
    if (this.#isClosed || (this.#underWay === 0 && this.#waitingBytes === 0)) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  #drop(): void {
    const line = this.#telemetry.shift() ?? this.#others.shift();
    if (!line) return;
    this.#waitingBytes -= line.bytes;
    this.#dropped++;
    if (this.#isBehind) return;
    this.#isBehind = true;
    this.#log.warn("hook output is not read, events are dropped", { output: this.#name });
  }

  #take(): Line | undefined {
    const [telemetry, other] = [this.#telemetry[0], this.#others[0]];
    if (!telemetry || (other && other.ordinal < telemetry.ordinal)) return this.#others.shift();
    return this.#telemetry.shift();
  }

  #pump(): void {
    if (this.#underWay > 0 || this.#isClosed) return;
    let batch = "";
    for (let bytes = 0; bytes < batchBytes; ) {
      const line = this.#take();
      if (!line) break;
      batch += line.text;
      bytes += line.bytes;
      this.#waitingBytes -= line.bytes;
      this.#underWay++;
    }
    if (this.#underWay === 0) this.#rest();
    else this.#outlet.write(batch, (error) => this.#wrote(error ?? undefined));
  }

  #wrote(error: Error | undefined): void {
    if (error) {
      this.#close(error);
      return;
    }
    this.#underWay = 0;
    this.#pump();
  }

  /** Everything was read. */
  #rest(): void {
    this.#idle?.resolve();
    this.#idle = undefined;
    if (!this.#isBehind) return;
    this.#isBehind = false;
    this.#log.info("hook output is read again", { output: this.#name, dropped: this.#dropped });
  }

  #close(error: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#dropped += this.#underWay + this.#telemetry.length + this.#others.length;
    this.#underWay = 0;
    this.#telemetry.length = 0;
    this.#others.length = 0;
    this.#waitingBytes = 0;
    this.#idle?.resolve();
    const fields = { output: this.#name, error: error.message, dropped: this.#dropped };
    this.#log.warn("hook output is closed, no more events go there", fields);
  }
}

/** A terminal that is stopped is asked again after this long. */
const retryMs = 50;

/**
 * Standard output or standard error as an outlet that does not block, whatever is at its other end. Measured on Bun 1.4.5,
 * Linux, 1,000 lines of 1 KB a second into a pipe that nobody read for 3 s, longest pause of the event loop:
 *
 *   console.log                      3,400 ms: it writes at once and waits
 *   process.stdout.write(callback)      20 ms: the pipe is set not to block; the callback comes once the bytes are in it
 *   FileSink of Bun.stdout              24 ms, but every write pending when the pipe closes rejects on its own
 *   fs.write                            25 ms, but EAGAIN as soon as anybody has touched process.stdout
 *
 * A terminal stopped with Ctrl-S is the other way round: process.stdout.write froze for good, and fs.write, which waits in
 * a thread of the pool, paused the loop for 10 ms. One thread at most is held, for the writer has one batch under way.
 */
export const standardOutlet = (name: "stdout" | "stderr"): Outlet => {
  const fd = name === "stdout" ? 1 : 2;
  if (isatty(fd)) return terminalOutlet(fd);
  const stream = process[name];
  // Each write hears of its failure. The stream raises it once more, which ends the process when nobody listens.
  stream.on("error", () => undefined);
  return { write: (text, done) => void stream.write(text, done) };
};

const terminalOutlet = (fd: number): Outlet => {
  const writeAll = (bytes: Uint8Array, done: (error?: Error) => void): void => {
    write(fd, bytes, (error, count) => {
      if (error && error.code !== "EAGAIN") done(error);
      else if (error) setTimeout(writeAll, retryMs, bytes, done);
      else if (count < bytes.length) writeAll(bytes.subarray(count), done);
      else done();
    });
  };
  return { write: (text, done) => writeAll(encodeUtf8(text), done) };
};
