import { TransportError } from "../base/errors.ts";
import type { Cancel, Clock } from "../base/time.ts";

/** Starts that may wait. They go on at hundreds in a second; more than these come of an attack only. */
const maxWaiting = 10_000;

/** To start a program takes 0.1 to 2 ms (measured), and media wait meanwhile: so long is started in one turn of the event loop, unless given. */
const defaultTurnMs = 1;

/**
 * The order in which programs are started: one after the other, each turn of the event loop some. So when a thousand readers leave at
 * once, media pass between their commands.
 */
export class StartQueue {
  readonly #clock: Clock;
  readonly #turnMs: number;
  readonly #waiting = new Set<() => void>();
  #cancel: Cancel | undefined;

  /** `turnMs` is how long is started in one turn of the event loop. */
  constructor({ clock, turnMs = defaultTurnMs }: { clock: Clock; turnMs?: number }) {
    this.#clock = clock;
    this.#turnMs = turnMs;
  }

  /**
   * Calls `start` in a later turn, after those that were given before. It must not throw.
   * @throws TransportError OVERFLOW where too many wait
   */
  push(start: () => void): Cancel {
    if (this.#waiting.size >= maxWaiting)
      throw new TransportError("OVERFLOW", `${maxWaiting} commands wait to be started already`);
    this.#waiting.add(start);
    this.#cancel ??= this.#clock.after(0, () => this.#run());
    return () => void this.#waiting.delete(start);
  }

  #run(): void {
    this.#cancel = undefined;
    const end = this.#clock.now() + this.#turnMs;
    for (const start of this.#waiting) {
      this.#waiting.delete(start);
      start();
      if (this.#clock.now() >= end) break;
    }
    if (this.#waiting.size > 0) this.#cancel ??= this.#clock.after(0, () => this.#run());
  }
}
