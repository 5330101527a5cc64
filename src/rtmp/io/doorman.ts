import { messageOf } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { Access, Admission, AdmissionRequest } from "../../stream/admission.ts";

/**
 * Asks on behalf of one connection who may do what, and holds denials back as long as they are to be. One thing is
 * decided at a time.
 */
export class Doorman {
  readonly #access: Access;
  readonly #clock: Clock;
  /** What is being decided. */
  #pending: symbol | undefined;

  constructor({ access, clock }: { access: Access; clock: Clock }) {
    this.#access = access;
    this.#clock = clock;
  }

  /** Whether something is being decided, or a denial held back. */
  get isAsking(): boolean {
    return this.#pending !== undefined;
  }

  /** Calls `answered` with what was decided: at once where that is possible. It is not called once the connection is over. */
  ask(request: AdmissionRequest, answered: (admission: Admission) => void): void {
    const answer = this.#access.decide(request);
    if (!(answer instanceof Promise) && (answer.isAllowed || answer.delayMs === 0)) {
      answered(answer);
      return;
    }
    const ticket = Symbol("question");
    this.#pending = ticket;
    const settle = (admission: Admission): void => {
      if (this.#pending !== ticket) return;
      this.#pending = undefined;
      answered(admission);
    };
    Promise.resolve(answer).then(
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
