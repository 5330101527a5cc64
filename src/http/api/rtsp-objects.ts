import {
  decimal,
  listOf,
  moment,
  objectSchema,
  olderName,
  orNull,
  type Schema,
  text,
  whole,
  word,
} from "./schema.ts";

/* The objects about RTSP, as MediaMTX names and orders their fields. */

const uuid: Schema = { type: "string", format: "uuid" };

/** An RTSP or RTSPS connection. */
export interface RtspConnObject {
  readonly id: string;
  readonly created: string;
  readonly remoteAddr: string;
  /** Id of the session that was made on it. */
  readonly session: string | null;
  readonly tunnel: "none" | "http" | "websocket";
  readonly inboundBytes: number;
  readonly outboundBytes: number;
  /** Older name of `inboundBytes`. */
  readonly bytesReceived: number;
  /** Older name of `outboundBytes`. */
  readonly bytesSent: number;
}

/** See {@link RtspConnObject}. */
export const rtspConnSchema: Schema = objectSchema<RtspConnObject>("RTSPConn", {
  id: uuid,
  created: moment,
  remoteAddr: text,
  session: orNull(uuid),
  tunnel: word("none", "http", "websocket"),
  inboundBytes: whole,
  outboundBytes: whole,
  bytesReceived: olderName(whole),
  bytesSent: olderName(whole),
});

/** Somebody who publishes or reads by RTSP or RTSPS, or who is about to. */
export interface RtspSessionObject {
  readonly id: string;
  readonly created: string;
  readonly remoteAddr: string;
  readonly state: "idle" | "read" | "publish";
  readonly path: string;
  /** Credentials hidden. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  /** Null before the first track is set up, as is `profile`. */
  readonly transport: "UDP" | "UDP-multicast" | "TCP" | null;
  readonly profile: "AVP" | "SAVP" | null;
  /** Ids of the connections that it goes over. */
  readonly conns: readonly string[];
  readonly inboundBytes: number;
  readonly inboundRTPPackets: number;
  readonly inboundRTPPacketsLost: number;
  readonly inboundRTPPacketsInError: number;
  readonly inboundRTPPacketsJitter: number;
  readonly inboundRTCPPackets: number;
  readonly inboundRTCPPacketsInError: number;
  readonly outboundBytes: number;
  readonly outboundRTPPackets: number;
  /** As the client says. */
  readonly outboundRTPPacketsReportedLost: number;
  /** The client was too slow for them. */
  readonly outboundRTPPacketsDiscarded: number;
  readonly outboundRTCPPackets: number;
  /** Older name of `inboundBytes`. */
  readonly bytesReceived: number;
  /** Older name of `outboundBytes`. */
  readonly bytesSent: number;
  /** Older name of `inboundRTPPackets`. */
  readonly rtpPacketsReceived: number;
  /** Older name of `outboundRTPPackets`. */
  readonly rtpPacketsSent: number;
  /** Older name of `inboundRTPPacketsLost`. */
  readonly rtpPacketsLost: number;
  /** Older name of `inboundRTPPacketsInError`. */
  readonly rtpPacketsInError: number;
  /** Older name of `inboundRTPPacketsJitter`. */
  readonly rtpPacketsJitter: number;
  /** Older name of `inboundRTCPPackets`. */
  readonly rtcpPacketsReceived: number;
  /** Older name of `outboundRTCPPackets`. */
  readonly rtcpPacketsSent: number;
  /** Older name of `inboundRTCPPacketsInError`. */
  readonly rtcpPacketsInError: number;
}

/** See {@link RtspSessionObject}. */
export const rtspSessionSchema: Schema = objectSchema<RtspSessionObject>("RTSPSession", {
  id: uuid,
  created: moment,
  remoteAddr: text,
  state: word("idle", "read", "publish"),
  path: text,
  query: text,
  user: text,
  userAgent: text,
  transport: orNull(word("UDP", "UDP-multicast", "TCP")),
  profile: orNull(word("AVP", "SAVP")),
  conns: listOf(uuid),
  inboundBytes: whole,
  inboundRTPPackets: whole,
  inboundRTPPacketsLost: whole,
  inboundRTPPacketsInError: whole,
  inboundRTPPacketsJitter: decimal,
  inboundRTCPPackets: whole,
  inboundRTCPPacketsInError: whole,
  outboundBytes: whole,
  outboundRTPPackets: whole,
  outboundRTPPacketsReportedLost: whole,
  outboundRTPPacketsDiscarded: whole,
  outboundRTCPPackets: whole,
  bytesReceived: olderName(whole),
  bytesSent: olderName(whole),
  rtpPacketsReceived: olderName(whole),
  rtpPacketsSent: olderName(whole),
  rtpPacketsLost: olderName(whole),
  rtpPacketsInError: olderName(whole),
  rtpPacketsJitter: olderName(decimal),
  rtcpPacketsReceived: olderName(whole),
  rtcpPacketsSent: olderName(whole),
  rtcpPacketsInError: olderName(whole),
});
