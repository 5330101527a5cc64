import { TransportError } from "./errors.ts";

/** How many may be behind a gate, and how many may stand before it. */
export interface GateOptions {
  readonly maxInside: number;
  readonly maxWaiting: number;
}

/** Lets a bounded number of things happen at once; the others wait in the order in which they came. */
export class Gate {
  readonly #options: GateOptions;
  #inside = 0;
  /** What lets each of them in, in order. */
  readonly #waiting = new Set<() => void>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** How many are behind the gate. */
  get inside(): number {
    return this.#inside;
  }

  /** How many stand before it. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Does `work` when it is its turn, and gives what it gives. Who waits leaves once `signal` is aborted; who is inside stays to the end.
   * @throws TransportError OVERFLOW where too many wait, TIMEOUT where `signal` is aborted before its turn, and what `work` rejects with
   */
  async run<Value>(work: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    if (this.#inside < this.#options.maxInside) this.#inside++;
    else await this.#turn(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting.size >= this.#options.maxWaiting)
      throw new TransportError("OVERFLOW", `${this.#waiting.size} are waiting already`);
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(enter);
        reject(new TransportError("TIMEOUT", "it was nobody's turn in time"));
      };
      this.#waiting.add(enter);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** The place goes to whoever waits longest, so `#inside` stays as it is. */
  #leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#inside--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
