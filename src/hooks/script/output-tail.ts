import { decodeUtf8, joinBytes } from "../../base/bytes.ts";
import type { Clock } from "../../base/time.ts";
import { readOutput } from "../../process/read-output.ts";

/** Bytes that are kept of what a program writes. */
const maxKeptBytes = 64 * 1024;

/** The end of what a program writes. It reads to the end of the stream whatever happens. */
export class OutputTail {
  /** Pieces from the last ones read; more than is kept by less than a piece. */
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #isKept = true;
  /** Resolves at the end of the stream, after everybody who could write to it has closed it. Never rejects. */
  readonly ended: Promise<void>;

  constructor(stream: ReadableStream<Uint8Array>, { clock }: { clock: Clock }) {
    this.ended = readOutput(stream, { clock, take: (piece) => this.#keep(piece) });
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

  #keep(piece: Uint8Array): void {
    if (!this.#isKept) return;
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
