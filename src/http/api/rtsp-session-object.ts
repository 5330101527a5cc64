import { hideSecretsOfQuery } from "../../base/hide-secrets.ts";
import { formatRfc3339 } from "../../base/rfc3339.ts";
import type { Peer } from "../../stream/event.ts";
import type { RtspSessionObject } from "./rtsp-objects.ts";

/** What an RTSP session is doing, and what went through it. */
export interface RtspSessionView {
  readonly peer: Peer;
  readonly created: Date;
  readonly state: RtspSessionObject["state"];
  /** Of the stream that is published or read; empty while idle. */
  readonly path: string;
  /** Credentials included. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  /** Undefined before the first track is set up. */
  readonly transport: "TCP" | "UDP" | undefined;
  /** Ids of the connections that it goes over. */
  readonly conns: readonly string[];
  readonly bytesReceived: number;
  readonly rtpPacketsReceived: number;
  readonly rtpPacketsLost: number;
  readonly rtpPacketsInError: number;
  readonly rtpPacketsJitter: number;
  readonly rtcpPacketsReceived: number;
  readonly rtcpPacketsInError: number;
  readonly bytesSent: number;
  readonly rtpPacketsSent: number;
  readonly rtpPacketsReportedLost: number;
  readonly rtpPacketsDiscarded: number;
  readonly rtcpPacketsSent: number;
}

/** An RTSP session as the control API shows it. Its profile is the plain one: this server offers no SRTP, and RTSPS carries media inside TLS. */
export const rtspSessionObject = (view: RtspSessionView): RtspSessionObject => {
  const { peer, state, path, user, userAgent, transport, conns, bytesReceived, bytesSent } = view;
  const { rtpPacketsReceived, rtpPacketsLost, rtpPacketsInError, rtpPacketsJitter, rtpPacketsSent } = view;
  const { rtcpPacketsReceived, rtcpPacketsInError, rtcpPacketsSent } = view;
  return {
    id: peer.id,
    created: formatRfc3339(view.created),
    remoteAddr: peer.remote,
    state,
    path,
    query: hideSecretsOfQuery(view.query),
    user,
    userAgent,
    transport: transport ?? null,
    profile: transport ? "AVP" : null,
    conns,
    inboundBytes: bytesReceived,
    inboundRTPPackets: rtpPacketsReceived,
    inboundRTPPacketsLost: rtpPacketsLost,
    inboundRTPPacketsInError: rtpPacketsInError,
    inboundRTPPacketsJitter: rtpPacketsJitter,
    inboundRTCPPackets: rtcpPacketsReceived,
    inboundRTCPPacketsInError: rtcpPacketsInError,
    outboundBytes: bytesSent,
    outboundRTPPackets: rtpPacketsSent,
    outboundRTPPacketsReportedLost: view.rtpPacketsReportedLost,
    outboundRTPPacketsDiscarded: view.rtpPacketsDiscarded,
    outboundRTCPPackets: rtcpPacketsSent,
    bytesReceived,
    bytesSent,
    rtpPacketsReceived,
    rtpPacketsSent,
    rtpPacketsLost,
    rtpPacketsInError,
    rtpPacketsJitter,
    rtcpPacketsReceived,
    rtcpPacketsSent,
    rtcpPacketsInError,
  };
};
