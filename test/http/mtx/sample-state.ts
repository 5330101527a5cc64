import type { HlsMuxerObject, HlsSessionObject } from "../../../src/http/api/hls-objects.ts";
import type { PathObject, RtmpConnObject } from "../../../src/http/api/objects.ts";
import type { FlvConnObject } from "../../../src/http/api/own-objects.ts";
import { idlePathObject } from "../../../src/http/api/path-object.ts";
import type { RtspConnObject, RtspSessionObject } from "../../../src/http/api/rtsp-objects.ts";
import type { PathForward } from "../../../src/http/mtx/blocks.ts";
import type { MtxState } from "../../../src/http/mtx/mtx-metrics.ts";

/** A path with nobody on it. */
export const pathOf = (name: string, changes: Partial<PathObject> = {}): PathObject => ({
  ...idlePathObject(name, "all_others"),
  ...changes,
});

/** A connection that has done nothing yet. */
export const connOf = (id: string, changes: Partial<RtmpConnObject> = {}): RtmpConnObject => ({
  id,
  created: "2026-01-01T00:00:00Z",
  remoteAddr: "192.0.2.7:50123",
  state: "idle",
  path: "",
  query: "",
  user: "",
  userAgent: "",
  inboundBytes: 0,
  outboundBytes: 0,
  outboundFramesDiscarded: 0,
  bytesReceived: 0,
  bytesSent: 0,
  ...changes,
});

/** An RTSP connection on which nothing was done yet. */
export const rtspConnOf = (id: string, changes: Partial<RtspConnObject> = {}): RtspConnObject => ({
  id,
  created: "2026-01-01T00:00:00Z",
  remoteAddr: "192.0.2.8:50124",
  session: null,
  tunnel: "none",
  inboundBytes: 0,
  outboundBytes: 0,
  bytesReceived: 0,
  bytesSent: 0,
  ...changes,
});

/** An RTSP session in which every number is another one, those under older names too: no two can be mixed up. */
export const rtspSessionOf = (id: string, changes: Partial<RtspSessionObject> = {}): RtspSessionObject => ({
  id,
  created: "2026-01-01T00:00:00Z",
  remoteAddr: "192.0.2.8:50124",
  state: "read",
  path: "live/a",
  query: "",
  user: "",
  userAgent: "",
  transport: "TCP",
  profile: "AVP",
  conns: [],
  inboundBytes: 101,
  inboundRTPPackets: 102,
  inboundRTPPacketsLost: 103,
  inboundRTPPacketsInError: 104,
  inboundRTPPacketsJitter: 105.25,
  inboundRTCPPackets: 106,
  inboundRTCPPacketsInError: 107,
  outboundBytes: 108,
  outboundRTPPackets: 109,
  outboundRTPPacketsReportedLost: 110,
  outboundRTPPacketsDiscarded: 111,
  outboundRTCPPackets: 112,
  bytesReceived: 201,
  bytesSent: 202,
  rtpPacketsReceived: 203,
  rtpPacketsSent: 204,
  rtpPacketsLost: 205,
  rtpPacketsInError: 206,
  rtpPacketsJitter: 207.5,
  rtcpPacketsReceived: 208,
  rtcpPacketsSent: 209,
  rtcpPacketsInError: 210,
  ...changes,
});

/** A destination of a path. */
export const forwardOf = (id: string, path: string): PathForward => ({
  id,
  path,
  protocol: "rtmp",
  state: "forwarding",
  outboundBytes: 77,
});

/** A reader of FLV. */
export const flvConnOf = (id: string): FlvConnObject => ({
  ...{ id, created: "2026-01-01T00:00:00Z", remoteAddr: "192.0.2.7:50124", transport: "http", state: "read" },
  ...{ path: "live/a", query: "", user: "", userAgent: "", outboundBytes: 70, outboundFramesDiscarded: 2 },
});

/** Somebody who watches by HLS. */
export const hlsSessionOf = (id: string): HlsSessionObject => ({
  ...{ id, created: "2026-01-01T00:00:00Z", remoteAddr: "192.0.2.7:50125", path: "live/a", query: "" },
  ...{ user: "", userAgent: "", isCDN: false, outboundBytes: 90 },
});

/** A stream that HLS is made of. */
export const hlsMuxerOf = (path: string): HlsMuxerObject => ({
  ...{ path, created: "2026-01-01T00:00:00Z", lastRequest: "2026-01-01T00:00:00Z" },
  ...{ outboundBytes: 180, outboundFramesDiscarded: 0, bytesSent: 180 },
});

/** A server with what it serves by default, and nobody there. */
export const idle: MtxState = { paths: [], forwards: [], rtmpConns: [], rtmpsConns: undefined };

/** Two paths, one of them published, read and forwarded; two connections, and RTMPS. */
export const busy: MtxState = {
  paths: [
    pathOf("live/a", {
      ready: true,
      readers: [
        { type: "rtmpsConn", id: "3" },
        { type: "rtmpConn", id: "2" },
        { type: "rtmpConn", id: "4" },
      ],
      inboundBytes: 1_000,
      outboundBytes: 2_500,
      inboundFramesInError: 1,
      bytesReceived: 1_000,
      bytesSent: 2_500,
    }),
    pathOf("live/b"),
  ],
  forwards: [forwardOf("f1", "live/a"), forwardOf("f2", "live/a")],
  rtmpConns: [
    connOf("1", {
      state: "publish",
      path: "live/a",
      inboundBytes: 1_100,
      bytesReceived: 1_100,
      outboundBytes: 300,
      bytesSent: 300,
    }),
    connOf("2", {
      state: "read",
      path: "live/a",
      remoteAddr: "[2001:db8::1]:1",
      outboundBytes: 1_300,
      bytesSent: 1_300,
      outboundFramesDiscarded: 5,
    }),
  ],
  rtmpsConns: [],
};

/** The same with RTSP and RTSPS, and somebody in each. */
export const busyRtsp: MtxState = {
  ...busy,
  rtspConns: [rtspConnOf("c1", { inboundBytes: 11, outboundBytes: 12, bytesReceived: 13, bytesSent: 14 })],
  rtspSessions: [rtspSessionOf("s1"), rtspSessionOf("s2")],
  rtspsConns: [rtspConnOf("c1"), rtspConnOf("c2")],
  rtspsSessions: [rtspSessionOf("s1"), rtspSessionOf("s3")],
};
