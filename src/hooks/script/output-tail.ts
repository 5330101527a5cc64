import { decodeUtf8, joinBytes } from "../../base/bytes.ts";
import type { Clock } from "../../base/time.ts";

/** Bytes that are kept of what a program writes. */
const maxKeptBytes = 64 * 1024;

/**
 * Rest after each piece once a program has written more than is kept. One that never stops writing took the whole of the
 * event loop's thread (measured); so it takes 4 % of it and waits for us, at some megabytes a second.
 */
const pauseMs = 10;

/**
 * The end of what a program writes. It reads to the end of the stream whatever happens: a program that stays behind in the
 * background must never wait for a full pipe, nor die of a closed one.
 */
export class OutputTail {
  /** Pieces from the last ones read; more than is kept by less than a piece. */
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #isKept = true;
  /** Resolves at the end of the stream, after everybody who could write to it has closed it. Never rejects. */
  readonly ended: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>, { clock }: { clock: Clock }) {
    this.ended = this.#read(stream, clock).catch(() => undefined);
  }

  /** Gives what came last, at most 64 KiB as text, and forgets it. */
  take(): string {
    const bytes = joinBytes(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    return decodeUtf8(bytes.subarray(Math.max(0, bytes.length - maxKeptBytes)));
  }

  /** From now on what comes is read and thrown away. */
  discard(): void {
    this.#isKept = false;
    this.#pieces = [];
    this.#bytes = 0;
  }

  async #read(stream: ReadableStream<Uint8Array>, clock: Clock): Promise<void> {
    let read = 0;
    for await (const piece of stream) {
      if (this.#isKept) this.#keep(piece);
      read += piece.length;
      if (read > maxKeptBytes) await pause(clock);
    }
  }

  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    for (;;) {
      const first = this.#pieces[0];
      if (!first || this.#bytes - first.length < maxKeptBytes) return;
      this.#pieces.shift();
      this.#bytes -= first.length;
    }
  }
}

const pause = (clock: Clock): Promise<void> => new Promise((resolve) => void clock.after(pauseMs, resolve));
