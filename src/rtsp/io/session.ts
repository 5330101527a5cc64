import type { EndReason, Peer } from "../../stream/event.ts";
import type { Outbox } from "../../stream/outbox.ts";
import type { StreamName } from "./request-name.ts";
import type { RtspContext } from "./session-context.ts";

/** What a session is doing, in the control API's words. */
export type RtspSessionState = "idle" | "read" | "publish";

/** What went through a session. Bytes are those of RTP and RTCP. */
export interface RtspCounts {
  readonly bytesReceived: number;
  readonly rtpPacketsReceived: number;
  readonly rtpPacketsLost: number;
  readonly rtpPacketsInError: number;
  /** Of arrival, in the clock units of RTP, the mean of all tracks. */
  readonly rtpPacketsJitter: number;
  readonly rtcpPacketsReceived: number;
  readonly rtcpPacketsInError: number;
  readonly bytesSent: number;
  readonly rtpPacketsSent: number;
  /** As the client says. */
  readonly rtpPacketsReportedLost: number;
  /** Frames dropped because the client was too slow. */
  readonly rtpPacketsDiscarded: number;
  readonly rtcpPacketsSent: number;
}

/** Nothing went through yet. */
export const noCounts: RtspCounts = {
  bytesReceived: 0,
  rtpPacketsReceived: 0,
  rtpPacketsLost: 0,
  rtpPacketsInError: 0,
  rtpPacketsJitter: 0,
  rtcpPacketsReceived: 0,
  rtcpPacketsInError: 0,
  bytesSent: 0,
  rtpPacketsSent: 0,
  rtpPacketsReportedLost: 0,
  rtpPacketsDiscarded: 0,
  rtcpPacketsSent: 0,
};

/** What a session is doing, for whoever looks at sessions. */
export interface RtspSessionView extends RtspCounts {
  readonly peer: Peer;
  readonly created: Date;
  readonly state: RtspSessionState;
  /** Of the stream that is published or read; empty while idle. */
  readonly path: string;
  /** Credentials included. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  /** Undefined before it is settled. */
  readonly transport: "TCP" | "UDP" | undefined;
  /** Ids of the connections that it goes over. */
  readonly conns: readonly string[];
}

/** What a session of either kind tells of itself. */
export interface DescribedSession {
  readonly order: SessionOrder;
  readonly created: Date;
  readonly state: RtspSessionState;
  readonly transport: RtspSessionView["transport"];
  readonly counts: RtspCounts;
}

/** What a session is doing. Path, query and user are shown while it reads or publishes. */
export const viewOf = ({ order, created, state, transport, counts }: DescribedSession): RtspSessionView => {
  const { peer, name, user, userAgent, connection } = order;
  const isIdle = state === "idle";
  return {
    peer,
    created,
    state,
    path: isIdle ? "" : name.path,
    query: isIdle ? "" : name.query,
    user: isIdle ? "" : user,
    userAgent,
    transport,
    conns: [connection.id],
    ...counts,
  };
};

/** What a session is for, and who is at its other end. */
export interface SessionOrder {
  readonly peer: Peer;
  /** What the client names the session by: whoever knows it may end it. */
  readonly token: string;
  readonly name: StreamName;
  readonly user: string;
  readonly userAgent: string;
  readonly connection: SessionConnection;
  readonly context: RtspContext;
}

/** What a session needs of the connection that it was made on. */
export interface SessionConnection {
  readonly id: string;
  /** Address of the client. */
  readonly host: string;
  readonly isTls: boolean;
  /** Where interleaved packets go. */
  readonly outbox: Outbox;
  /** Media begin to flow. */
  sessionStarted(role: "publisher" | "subscriber", name: StreamName): void;
  /** The session is over by no wish of the client's: `reason` says why. */
  sessionEnded(reason: EndReason): void;
  /** A fault of ours or, as a WireError, of the client's. */
  sessionFailed(error: unknown): void;
}
