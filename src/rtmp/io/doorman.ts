import { messageOf } from "../../base/errors.ts";
import { splitAddress } from "../../base/host-port.ts";
import type { Clock } from "../../base/time.ts";
import type { Access, Admission, AdmissionRequest, Credentials } from "../../stream/admission.ts";
import { credentialsOfQuery } from "../../stream/credentials.ts";
import type { Peer } from "../../stream/event.ts";
import type { ConnectRequest } from "../connect.ts";
import type { StreamName } from "../stream-name.ts";
import type { Screening, SessionContext } from "./session-context.ts";

/** What a doorman needs of the connection it stands in front of. */
export interface DoormanHost {
  readonly peer: Peer;
  readonly access: Access;
  readonly screen: SessionContext["screen"];
  readonly clock: Clock;
  /** Something is being decided: nothing more is to be read. */
  readonly held: () => void;
  /** It was, and whoever asked has been told. */
  readonly resumed: () => void;
}

/** Why somebody may not do what they want. */
export type Denial = Extract<Admission, { isAllowed: false }>;

/**
 * Knows who the client of one connection is, as far as it has shown that, and asks whether it may do what it wants. Denials are held back
 * as long as they are to be. Meanwhile nothing is read: what the client sends is neither lost nor kept, but waits on its side.
 */
export class Doorman {
  readonly #host: DoormanHost;
  #connect: ConnectRequest | undefined;
  /** What the client proved itself with when it connected. */
  #credentials: Credentials | undefined;
  /** What is being decided. */
  #pending: symbol | undefined;

  constructor(host: DoormanHost) {
    this.#host = host;
  }

  /** What the client calls itself. */
  get userAgent(): string {
    return this.#connect?.flashVersion ?? "";
  }

  /** Whether something is being decided, or a denial held back. */
  get isWaiting(): boolean {
    return this.#pending !== undefined;
  }

  /** Looks at a connect command. */
  screen(request: ConnectRequest): Screening {
    this.#connect = request;
    const { screen, peer } = this.#host;
    const screening: Screening = screen?.(request, peer) ?? { kind: "welcome" };
    if (screening.kind === "known") this.#credentials = screening.credentials;
    return screening;
  }

  /** Asks whether the client may publish or play, and calls `answered`: at once where that is possible, never once the connection is over. */
  ask(action: "publish" | "play", name: StreamName, answered: (admission: Admission) => void): void {
    this.#wait(this.#host.access.decide(this.#requestFor(action, name)), answered);
  }

  /** Calls `run` after `delayMs` milliseconds, at once for 0. */
  delay(delayMs: number, run: () => void): void {
    this.#wait({ isAllowed: false, reason: "denied", message: "", delayMs }, run);
  }

  /** The connection is over: nothing is answered any more. */
  close(): void {
    this.#pending = undefined;
  }

  #wait(decision: Admission | Promise<Admission>, answered: (admission: Admission) => void): void {
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
        else this.#host.clock.after(admission.delayMs, () => settle(admission));
      },
      (error: unknown) =>
        settle({ isAllowed: false, reason: "unavailable", message: messageOf(error), delayMs: 0 }),
    );
  }

  #requestFor(action: "publish" | "play", { path, query }: StreamName): AdmissionRequest {
    const { remote, kind, id } = this.#host.peer;
    return {
      action: action === "publish" ? "publish" : "read",
      path,
      ...splitAddress(remote),
      protocol: kind === "rtmpsConn" ? "rtmps" : "rtmp",
      id,
      credentials: this.#credentials ?? credentialsOfQuery(query),
      query,
      userAgent: this.userAgent,
      tcUrl: this.#connect?.tcUrl ?? "",
    };
  }
}
