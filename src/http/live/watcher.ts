/** Messages that wait for a watcher take so much at most, in bytes. Beyond it they are forgotten, and it is told everything anew. */
const maxWaitingBytes = 1024 * 1024;

/** One who watches, with what it has not taken yet. */
export class Watcher {
  readonly #whole: () => Uint8Array;
  readonly #waiting: Uint8Array[] = [];
  #bytes = 0;
  /** It has to be told everything: it has just come, or lost messages. */
  #needsWhole = true;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** `whole` gives the message that tells everything as of now. */
  constructor(whole: () => Uint8Array) {
    this.#whole = whole;
  }

  /** Hands over a message (shared: all watchers keep the same bytes). Whoever is to be told everything does not need it. */
  offer(message: Uint8Array): void {
    if (!this.#needsWhole) this.#push(message);
    this.#rouse();
  }

  /** There will be nothing more. */
  end(): void {
    this.#isOver = true;
    this.#rouse();
  }

  /** The next message; undefined at the end. */
  async take(): Promise<Uint8Array | undefined> {
    while (!this.#isOver && !this.#needsWhole && this.#waiting.length === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    if (this.#isOver) return undefined;
    if (this.#needsWhole) {
      this.#needsWhole = false;
      return this.#whole();
    }
    const message = this.#waiting.shift();
    this.#bytes -= message?.length ?? 0;
    return message;
  }

  #push(message: Uint8Array): void {
    if (this.#bytes + message.length > maxWaitingBytes) {
      this.#waiting.splice(0);
      this.#bytes = 0;
      this.#needsWhole = true;
      return;
    }
    this.#waiting.push(message);
    this.#bytes += message.length;
  }

  #rouse(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
