import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";
import type { Access, Admission, AdmissionRequest } from "../../stream/admission.ts";
import type { EntryLimits } from "../../stream/entry-limits.ts";
import type { EventHub } from "../../stream/event.ts";
import type { QueueLimits } from "../../stream/packet-queue.ts";
import type { Registry } from "../../stream/registry.ts";
import type { RtpShares } from "./rtp-shares.ts";
import type { UdpPorts } from "./udp-ports.ts";

/** The socket of a connection, as far as the connection knows one. */
export interface RtspSocket {
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

/** A session ends when nothing is heard of its client for so long, unless media show that it is there: what clients are told. */
export const sessionTimeoutSeconds = 60;

/** After this long it does end, in milliseconds: networks may lose one sign of life, or bring it late. */
export const sessionTimeoutMs = (sessionTimeoutSeconds + 5) * 1_000;

/** How media may travel. */
export type RtspTransport = "udp" | "multicast" | "tcp";

/** How clients may prove who they are. */
export type RtspAuthMethod = "basic" | "digest";

/** How connections and sessions behave. */
export interface RtspOptions {
  readonly readerQueue: QueueLimits;
  readonly transports: readonly RtspTransport[];
  readonly authMethods: readonly RtspAuthMethod[];
  /** Send readers everything at once, at the price of more packets. */
  readonly isLowLatency: boolean;
  /** A client that says nothing for this long before it plays or records is gone, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** A publisher that sends nothing for this long is gone, in milliseconds; 0 for never. */
  readonly idleTimeoutMs: number;
  /** A peer that takes nothing for this long while bytes wait is stuck, in milliseconds. */
  readonly stallTimeoutMs: number;
}

/** Who knows passwords, for a digest cannot be checked without. */
export interface Passwords {
  /** Passwords that would let a user of this address in; none for somebody unknown. */
  passwordsOf(user: string, ip: string): readonly string[];
  /** Whether an address has failed too often to be heard at the moment. */
  isLocked(request: Pick<AdmissionRequest, "ip" | "action">): boolean;
  /** Counts a wrong attempt, and gives the answer to it. */
  refuseWrong(request: Pick<AdmissionRequest, "ip" | "action">, message: string): Admission;
}

/** What connections share. */
export interface RtspContext {
  /** Read anew for every connection and request: they may change meanwhile. */
  readonly options: RtspOptions;
  /** Decides who may publish and read. */
  readonly access: Access;
  /** Without this nobody is asked for a digest. */
  readonly passwords?: Passwords;
  readonly limits?: EntryLimits;
  readonly registry: Registry;
  readonly events: EventHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** The streams as RTP. */
  readonly shares: RtpShares;
  /** Where UDP goes through, while there is such a place. */
  readonly udp: () => UdpPorts | undefined;
  /** Calls back once everything raised so far is safe with those who asked for it: at once, or a moment later. */
  readonly whenSafe?: (proceed: () => void) => void;
}
