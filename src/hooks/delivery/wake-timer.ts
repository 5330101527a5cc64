import type { Cancel, Clock } from "../../base/time.ts";

/** The one timer that waits for the next moment at which something happens. */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #set: { readonly at: number; readonly cancel: Cancel } | undefined;

  /** `wake` is called at the moment that was set. */
  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Waits for another moment, in monotonic milliseconds, or for none. */
  set(at: number | undefined): void {
    if (this.#set?.at === at) return;
    this.#set?.cancel();
    this.#set = undefined;
    if (at === undefined) return;
    // Timers count in whole milliseconds, and may be a little early.
    const cancel = this.#clock.after(Math.max(1, Math.ceil(at - this.#clock.now())), () => {
      this.#set = undefined;
      this.#wake();
    });
    this.#set = { at, cancel };
  }
}
