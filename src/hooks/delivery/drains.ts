import type { Clock } from "../../base/time.ts";

/** Who waits until there is nothing left to do. */
export class Drains {
  readonly #clock: Clock;
  readonly #isQuiet: () => boolean;
  readonly #looks = new Set<() => void>();

  /** `isQuiet` tells whether there is nothing left to do. */
  constructor(clock: Clock, isQuiet: () => boolean) {
    this.#clock = clock;
    this.#isQuiet = isQuiet;
  }

  /** Gives true as soon as it is quiet, false if that takes longer than `timeoutMs`. */
  wait(timeoutMs: number): Promise<boolean> {
    if (this.#isQuiet()) return Promise.resolve(true);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const finish = (isQuiet: boolean): void => {
      cancel();
      this.#looks.delete(look);
      resolve(isQuiet);
    };
    const look = (): void => {
      if (this.#isQuiet()) finish(true);
    };
    const cancel = this.#clock.after(timeoutMs, () => finish(false));
    this.#looks.add(look);
    return promise;
  }

  /** Has everybody look again. */
  look(): void {
    if (this.#looks.size > 0) for (const look of [...this.#looks]) look();
  }
}
