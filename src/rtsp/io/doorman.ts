import { HeldAnswer, type HeldAnswerHost } from "../../base/held-answer.ts";
import type { Admission } from "../../stream/admission.ts";
import { delayOf, denialFor } from "../../stream/decision.ts";
import type { HeaderField } from "../headers.ts";
import type { RtspRequest } from "../message.ts";
import { type AccessOrder, Credentials } from "./credentials.ts";
import type { RtspContext } from "./session-context.ts";

/** What a doorman needs of the connection it stands in front of. */
export interface DoormanHost extends Pick<HeldAnswerHost<Admission>, "held" | "resumed"> {
  readonly context: RtspContext;
}

/** Why somebody may not do what they want. */
export type Denial = Extract<Admission, { isAllowed: false }>;

/**
 * Asks on behalf of one connection whether the client may do what it wants, by what its requests show of who it is.
 */
export class Doorman {
  readonly #credentials: Credentials;
  readonly #pending: HeldAnswer<Admission>;

  constructor({ context, held, resumed }: DoormanHost) {
    this.#credentials = new Credentials(context);
    this.#pending = new HeldAnswer({ clock: context.clock, held, resumed, delayOf, failed: denialFor });
  }

  /** Whether something is being decided, or a denial held back. */
  get isWaiting(): boolean {
    return this.#pending.isWaiting;
  }

  /** Asks, and calls `answered`: at once where that is possible, never once the connection is over. */
  ask(request: RtspRequest, order: AccessOrder, answered: (admission: Admission) => void): void {
    this.#pending.wait(this.#credentials.decide(request, order), answered);
  }

  /** What asks the client to show who it is. */
  challenges(): HeaderField[] {
    return this.#credentials.challenges();
  }

  /** Whether a denied request was an attempt: a client that was not asked yet shows nothing. */
  wasAttempt(request: RtspRequest, denial: Denial): boolean {
    return denial.reason !== "missing" && this.#credentials.areShown(request);
  }

  /** The connection is over: nothing is answered any more. */
  close(): void {
    this.#pending.close();
  }
}
