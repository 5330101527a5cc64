import { encodeUtf8 } from "../base/bytes.ts";

/** Lines that wait for a reader take so much at most, in bytes. Beyond it they are lost to this reader. */
const maxWaitingBytes = 1024 * 1024;

/** A reader that lost lines gets no more until so much has left, so that it loses one long run rather than every other line. */
const resumeBytes = maxWaitingBytes / 2;

/** One reader of a stream of lines, with what it has not taken yet. */
export class EventReader {
  readonly #waiting: Uint8Array[] = [];
  #bytes = 0;
  #dropped = 0;
  #wake: (() => void) | undefined;

  /** Whether there is nothing it could take. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#dropped === 0;
  }

  /** Hands over a line (shared: several readers may keep it), or counts it as lost where too much waits already. */
  offer(line: Uint8Array): void {
    const limit = this.#dropped > 0 ? resumeBytes : maxWaitingBytes;
    if (this.#bytes + line.length > limit) this.#dropped++;
    else {
      if (this.#dropped > 0) this.#push(this.#takeLoss());
      this.#push(line);
    }
    this.#wake?.();
    this.#wake = undefined;
  }

  /** The next line. Where some were lost, `{"dropped":N}` stands in their place. */
  async take(): Promise<Uint8Array> {
    while (this.isIdle) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const line = this.#waiting.shift();
    if (!line) return this.#takeLoss();
    this.#bytes -= line.length;
    return line;
  }

  #push(line: Uint8Array): void {
    this.#waiting.push(line);
    this.#bytes += line.length;
  }

  #takeLoss(): Uint8Array {
    const line = encodeUtf8(`{"dropped":${this.#dropped}}\n`);
    this.#dropped = 0;
    return line;
  }
}
