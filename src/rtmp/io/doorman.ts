import { messageOf } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { Access, Admission, AdmissionRequest } from "../../stream/admission.ts";

/**
 * Asks on behalf of one connection who may do what, and holds denials back as long as they are to be. What is asked for a message stream
 * is forgotten once the client wants something else there.
 */
export class Doorman {
  readonly #access: Access;
  readonly #clock: Clock;
  /** What is being decided, by message stream. */
  readonly #pending = new Map<number, symbol>();

  constructor({ access, clock }: { access: Access; clock: Clock }) {
    this.#access = access;
    this.#clock = clock;
  }

  /** Calls `answered` with what was decided: at once where that is possible. It is not called when the question was forgotten. */
  ask(streamId: number, request: AdmissionRequest, answered: (admission: Admission) => void): void {
    const answer = this.#access.decide(request);
    if (!(answer instanceof Promise) && (answer.isAllowed || answer.delayMs === 0)) {
      answered(answer);
      return;
    }
    const ticket = Symbol("question");
    this.#pending.set(streamId, ticket);
    const settle = (admission: Admission): void => {
      if (this.#pending.get(streamId) !== ticket) return;
      this.#pending.delete(streamId);
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

  /** The client no longer wants what it asked for on this message stream. */
  forget(streamId: number): void {
    this.#pending.delete(streamId);
  }

  /** The connection is over. */
  close(): void {
    this.#pending.clear();
  }
}
