import { messageOf } from "../../base/errors.ts";
import type { Admission } from "../../stream/admission.ts";
import type { HeaderField } from "../headers.ts";
import type { RtspRequest } from "../message.ts";
import { type AccessOrder, Credentials } from "./credentials.ts";
import type { RtspContext } from "./session-context.ts";

/** What a doorman needs of the connection it stands in front of. */
export interface DoormanHost {
  readonly context: RtspContext;
  /** Something is being decided: nothing more is to be read. */
  readonly held: () => void;
  /** It was, and whoever asked has been told. */
  readonly resumed: () => void;
}

/** Why somebody may not do what they want. */
export type Denial = Extract<Admission, { isAllowed: false }>;

/**
 * Asks on behalf of one connection whether the client may do what it wants, by what its requests show of who it is. Denials are held back
 * as long as they are to be. Meanwhile nothing is read: what the client sends is neither lost nor kept, but waits on its side.
 */
export class Doorman {
  readonly #host: DoormanHost;
  readonly #credentials: Credentials;
  /** What is being decided. */
  #pending: symbol | undefined;

  constructor(host: DoormanHost) {
    this.#host = host;
    this.#credentials = new Credentials(host.context);
  }

  /** Whether something is being decided, or a denial held back. */
  get isWaiting(): boolean {
    return this.#pending !== undefined;
  }

  /** Asks, and calls `answered`: at once where that is possible, never once the connection is over. */
  ask(request: RtspRequest, order: AccessOrder, answered: (admission: Admission) => void): void {
    const decision = this.#credentials.decide(request, order);
    if (!(decision instanceof Promise) && (decision.isAllowed || decision.delayMs === 0)) {
      answered(decision);
      return;
    }
    const ticket = Symbol("question");
    this.#pending = ticket;
    this.#host.held();
    const settle = (admission: Admission): void => {
      if (this.#pending !== ticket) return;
      this.#pending = undefined;
      answered(admission);
      this.#host.resumed();
    };
    Promise.resolve(decision).then(
      (admission) => {
        if (admission.isAllowed || admission.delayMs === 0) settle(admission);
        else this.#host.context.clock.after(admission.delayMs, () => settle(admission));
      },
      (error: unknown) =>
        settle({ isAllowed: false, reason: "unavailable", message: messageOf(error), delayMs: 0 }),
    );
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
    this.#pending = undefined;
  }
}
