/** Has only so many things done at once; the others wait for their turn. */
export class Turns {
  readonly #atOnce: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Does a thing when its turn comes. Those that are aborted meanwhile are not done: `run` throws what its signal says. */
  async take<Result>(signal: AbortSignal, run: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#atOnce) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    } else this.#running++;
    try {
      signal.throwIfAborted();
      return await run();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
