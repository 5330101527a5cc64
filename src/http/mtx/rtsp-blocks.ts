import type { RtspConnObject, RtspSessionObject } from "../api/rtsp-objects.ts";
import type { Block } from "./block.ts";
import type { ObjectKey } from "./filter.ts";

const one = (): number => 1;

const connsBlock = (type: string, title: string, key: ObjectKey): Block<RtspConnObject> => ({
  type,
  title,
  labels: ({ id }) => ({ id }),
  filters: { [key]: ({ id }: RtspConnObject) => id },
  metrics: [
    ["", one],
    ["_inbound_bytes", ({ inboundBytes }) => inboundBytes],
    ["_outbound_bytes", ({ outboundBytes }) => outboundBytes],
  ],
  deprecated: [
    ["_bytes_received", ({ bytesReceived }) => bytesReceived],
    ["_bytes_sent", ({ bytesSent }) => bytesSent],
  ],
});

const sessionsBlock = (type: string, title: string, key: ObjectKey): Block<RtspSessionObject> => ({
  type,
  title,
  labels: ({ id, path, remoteAddr, state }) => ({ id, path, remoteAddr, state }),
  filters: { [key]: ({ id }: RtspSessionObject) => id },
  metrics: [
    ["", one],
    ["_inbound_bytes", (session) => session.inboundBytes],
    ["_inbound_rtp_packets", (session) => session.inboundRTPPackets],
    ["_inbound_rtp_packets_lost", (session) => session.inboundRTPPacketsLost],
    ["_inbound_rtp_packets_in_error", (session) => session.inboundRTPPacketsInError],
    ["_inbound_rtp_packets_jitter", (session) => session.inboundRTPPacketsJitter],
    ["_inbound_rtcp_packets", (session) => session.inboundRTCPPackets],
    ["_inbound_rtcp_packets_in_error", (session) => session.inboundRTCPPacketsInError],
    ["_outbound_bytes", (session) => session.outboundBytes],
    ["_outbound_rtp_packets", (session) => session.outboundRTPPackets],
    ["_outbound_rtp_packets_reported_lost", (session) => session.outboundRTPPacketsReportedLost],
    ["_outbound_rtp_packets_discarded", (session) => session.outboundRTPPacketsDiscarded],
    ["_outbound_rtcp_packets", (session) => session.outboundRTCPPackets],
  ],
  deprecated: [
    ["_bytes_received", (session) => session.bytesReceived],
    ["_bytes_sent", (session) => session.bytesSent],
    ["_rtp_packets_received", (session) => session.rtpPacketsReceived],
    ["_rtp_packets_sent", (session) => session.rtpPacketsSent],
    ["_rtp_packets_lost", (session) => session.rtpPacketsLost],
    ["_rtp_packets_in_error", (session) => session.rtpPacketsInError],
    ["_rtp_packets_jitter", (session) => session.rtpPacketsJitter],
    ["_rtcp_packets_received", (session) => session.rtcpPacketsReceived],
    ["_rtcp_packets_sent", (session) => session.rtcpPacketsSent],
    ["_rtcp_packets_in_error", (session) => session.rtcpPacketsInError],
  ],
});

/** `type=rtsp_conns` */
export const rtspConnsBlock = connsBlock("rtsp_conns", "RTSP connections", "rtsp_conn");

/** `type=rtsps_conns` */
export const rtspsConnsBlock = connsBlock("rtsps_conns", "RTSPS connections", "rtsps_conn");

/** `type=rtsp_sessions` */
export const rtspSessionsBlock = sessionsBlock("rtsp_sessions", "RTSP sessions", "rtsp_session");

/** `type=rtsps_sessions` */
export const rtspsSessionsBlock = sessionsBlock("rtsps_sessions", "RTSPS sessions", "rtsps_session");
