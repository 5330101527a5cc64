import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";
import type { Access, Credentials } from "../../stream/admission.ts";
import type { EventHub, Peer } from "../../stream/event.ts";
import type { QueueLimits } from "../../stream/packet-queue.ts";
import type { Registry } from "../../stream/registry.ts";
import type { ConnectRequest } from "../connect.ts";
import type { ConnectionBounds } from "./connection-limits.ts";

/** The socket of a session, as far as the session knows one. */
export interface SessionSocket {
  write(bytes: Uint8Array): number;
  /** Whether small pieces leave at once, or wait for what is under way to arrive (Nagle). */
  setNoDelay(isOn: boolean): unknown;
  /** Reads no more of what the peer sends. */
  pause(): unknown;
  /** Reads on. */
  resume(): unknown;
  /** Sends FIN once everything written is out. */
  end(): unknown;
  /** Cuts the connection. */
  terminate(): unknown;
}

/** How sessions behave. */
export interface SessionOptions {
  readonly chunkSize: number;
  readonly playerQueue: QueueLimits;
  /** Send players everything at once, at the price of more packets. */
  readonly isLowLatency: boolean;
  /** A publisher that sends nothing for this long is gone, in milliseconds; 0 for never. */
  readonly idleTimeoutMs: number;
  /** A peer that takes nothing for this long while bytes wait is stuck, in milliseconds. */
  readonly stallTimeoutMs: number;
  /** How many connections there may be. */
  readonly bounds: ConnectionBounds;
}

/** What sessions share. */
export interface SessionContext {
  /** Read anew for every session, and whenever a bound is looked at: they may change meanwhile. */
  readonly options: SessionOptions;
  /** Decides who may publish and play. */
  readonly access: Access;
  /** Looks at a connect command before it is answered. Without this everybody may go on to say what they want. */
  readonly screen?: (request: ConnectRequest, peer: Peer) => Screening;
  readonly registry: Registry;
  readonly events: EventHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** Calls back once everything raised so far is safe with those who asked for it: at once, or a moment later. */
  readonly whenSafe?: (proceed: () => void) => void;
}

/** What becomes of a connect command. */
export type Screening =
  | { readonly kind: "welcome" }
  /** It is welcome, and the client has proved who it is. */
  | { readonly kind: "known"; readonly credentials: Credentials }
  /** It is a step of the dialogue by which a client proves who it is: it hears `description` and connects again. Nothing is wrong. */
  | { readonly kind: "challenged"; readonly description: string }
  /** What the client proved itself with is wrong. It hears so after `delayMs` milliseconds. */
  | {
      readonly kind: "denied";
      readonly description: string;
      readonly message: string;
      readonly delayMs: number;
    };

/** What a session is doing, for whoever looks at connections. */
export interface SessionView {
  readonly peer: Peer;
  readonly created: Date;
  readonly state: "idle" | "publish" | "read";
  /** Of the stream that is published or played; empty while idle. */
  readonly path: string;
  /** Credentials included. */
  readonly query: string;
  readonly user: string;
  /** `flashVer` of the connect command. */
  readonly userAgent: string;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly framesDiscarded: number;
}
