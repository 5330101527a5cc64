import { hideInText } from "../base/hide-secrets.ts";
import type { LogFields, Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { readOutput } from "../process/read-output.ts";
import type { Task } from "./task.ts";

/** A longer line is cut. */
const maxLineChars = 1_000;

/** Lines that are logged of one command within {@link windowMs}; what it writes beyond is counted. */
const maxLines = 20;
const windowMs = 1_000;

/** What is needed to log what a command writes. */
export interface OutputLogContext {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * What a command writes, as lines of the log. It does not get the server's own output, as MediaMTX does it: there stand events and
 * a log in JSON, which whoever reads them expects to be whole. A line that ends with a carriage return is one of progress that the
 * next one replaces, as ffmpeg's, and is for debugging only.
 */
export class OutputLog {
  readonly #task: Pick<Task, "name" | "fields" | "secrets">;
  readonly #context: OutputLogContext;
  #windowStart = Number.NEGATIVE_INFINITY;
  #count = 0;
  #leftOut = 0;

  constructor(task: Pick<Task, "name" | "fields" | "secrets">, context: OutputLogContext) {
    this.#task = task;
    this.#context = context;
  }

  /** Reads a stream to its end. Several may be read at a time. */
  read(stream: ReadableStream<Uint8Array>): void {
    const decoder = new TextDecoder();
    let rest = "";
    const take = (text: string): void => {
      rest = this.#takeLines(rest + text);
    };
    void readOutput(stream, {
      clock: this.#context.clock,
      take: (piece) => take(decoder.decode(piece, { stream: true })),
    }).then(() => take(`${decoder.decode()}\n`));
  }

  /** Logs the whole lines of `text`, and gives what is left of it, no longer than a line may be. */
  #takeLines(text: string): string {
    let start = 0;
    for (const { index, 0: end } of text.matchAll(lineEnd)) {
      this.#write(text.substring(start, index), end !== "\r");
      start = index + end.length;
    }
    return text.substring(start, start + maxLineChars + 1);
  }

  #write(line: string, isLast: boolean): void {
    if (line.trim() === "" || !this.#mayWrite()) return;
    const { name, fields } = this.#task;
    const level = isLast ? "info" : "debug";
    this.#context.log[level](`${name} command wrote`, { ...fields, line: this.#clean(line) } as LogFields);
  }

  #mayWrite(): boolean {
    const now = this.#context.clock.now();
    if (now - this.#windowStart >= windowMs) {
      this.#windowStart = now;
      this.#count = 0;
      this.#tellLeftOut();
    }
    if (++this.#count <= maxLines) return true;
    this.#leftOut++;
    return false;
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return;
    const { name, fields } = this.#task;
    this.#context.log.info(`${name} command wrote more`, { ...fields, lines_left_out: this.#leftOut });
    this.#leftOut = 0;
  }

  #clean(line: string): string {
    let text = line.substring(0, maxLineChars);
    for (const secret of this.#task.secrets) text = text.replaceAll(secret, "***");
    text = hideInText(text);
    return line.length > maxLineChars ? `${text}…` : text;
  }
}

/** A carriage return at the very end may be followed by a line feed yet. */
const lineEnd = /\r\n|\n|\r(?!$)/g;
