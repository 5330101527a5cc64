import { HeldAnswer, type HeldAnswerHost } from "../../base/held-answer.ts";
import { splitAddress } from "../../base/host-port.ts";
import type { Access, Admission, AdmissionRequest, Credentials } from "../../stream/admission.ts";
import { credentialsOfQuery } from "../../stream/credentials.ts";
import { delayOf, denialFor } from "../../stream/decision.ts";
import type { Peer } from "../../stream/event.ts";
import type { ConnectRequest } from "../connect.ts";
import type { StreamName } from "../stream-name.ts";
import type { Screening, SessionContext } from "./session-context.ts";

/** What a doorman needs of the connection it stands in front of. */
export interface DoormanHost extends Pick<HeldAnswerHost<Admission>, "clock" | "held" | "resumed"> {
  readonly peer: Peer;
  readonly access: Access;
  readonly screen: SessionContext["screen"];
}

/** Why somebody may not do what they want. */
export type Denial = Extract<Admission, { isAllowed: false }>;

/**
 * Knows who the client of one connection is, as far as it has shown that, and asks whether it may do what it wants.
 */
export class Doorman {
  readonly #host: DoormanHost;
  #connect: ConnectRequest | undefined;
  /** What the client proved itself with when it connected. */
  #credentials: Credentials | undefined;
  readonly #pending: HeldAnswer<Admission>;

  constructor(host: DoormanHost) {
    this.#host = host;
    const { clock, held, resumed } = host;
    this.#pending = new HeldAnswer({ clock, held, resumed, delayOf, failed: denialFor });
  }

  /** What the client calls itself. */
  get userAgent(): string {
    return this.#connect?.flashVersion ?? "";
  }

  /** Whether something is being decided, or a denial held back. */
  get isWaiting(): boolean {
    return this.#pending.isWaiting;
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
    this.#pending.wait(this.#host.access.decide(this.#requestFor(action, name)), answered);
  }

  /** Calls `run` after `delayMs` milliseconds, at once for 0. */
  delay(delayMs: number, run: () => void): void {
    this.#pending.wait({ isAllowed: false, reason: "denied", message: "", delayMs }, run);
  }

  /** The connection is over: nothing is answered any more. */
  close(): void {
    this.#pending.close();
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
