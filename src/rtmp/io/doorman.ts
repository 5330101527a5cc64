import { messageOf } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { Admission } from "../../stream/admission.ts";

/**
 * Waits on behalf of one connection for what is decided about it, and holds denials back as long as they are to be. One thing is decided
 * at a time.
 */
export class Doorman {
  readonly #clock: Clock;
  /** What is being decided. */
  #pending: symbol | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether something is being decided, or a denial held back. */
  get isWaiting(): boolean {
    return this.#pending !== undefined;
  }

  /** Calls `answered` with what was decided: at once where that is possible. It is not called once the connection is over. */
  wait(decision: Admission | Promise<Admission>, answered: (admission: Admission) => void): void {
    if (!(decision instanceof Promise) && (decision.isAllowed || decision.delayMs === 0)) {
      answered(decision);
      return;
    }
    const ticket = Symbol("question");
    this.#pending = ticket;
    const settle = (admission: Admission): void => {
      if (this.#pending !== ticket) return;
      this.#pending = undefined;
      answered(admission);
    };
    Promise.resolve(decision).then(
      (admission) => {
        if (admission.isAllowed || admission.delayMs === 0) settle(admission);
        else this.#clock.after(admission.delayMs, () => settle(admission));
      },
      (error: unknown) =>
        settle({ isAllowed: false, reason: "unavailable", message: messageOf(error), delayMs: 0 }),
    );
  }

  /** The connection is over: nothing is answered any more. */
  close(): void {
    this.#pending = undefined;
  }
}
