import { ConfigError, RefusedError } from "../../../src/base/errors.ts";
import type { ConfigPort } from "../../../src/http/api/config-port.ts";
import type { ControlApiPorts } from "../../../src/http/api/control-api.ts";
import type { FlvConn } from "../../../src/http/api/flv-conns.ts";
import type { ForwardView } from "../../../src/http/api/forwards.ts";
import type { JsonObject } from "../../../src/http/api/json-body.ts";
import type { PathObject, RecordingObject } from "../../../src/http/api/objects.ts";
import type {
  ConfigStatusObject,
  DeadLetterObject,
  PortsObject,
  RelayObject,
} from "../../../src/http/api/own-objects.ts";
import { idlePathObject } from "../../../src/http/api/path-object.ts";
import type { RtmpConn } from "../../../src/http/api/rtmp-conns.ts";
import type { RtspConn } from "../../../src/http/api/rtsp-conns.ts";
import type { RtspSession } from "../../../src/http/api/rtsp-sessions.ts";
import type { HooksHealth } from "../../../src/http/hook-health.ts";
import type { AlertObject } from "../../../src/http/live/recent-alerts.ts";
import type { PeerKind } from "../../../src/stream/event.ts";

export const firstId = "6f1b2c3d-0000-4000-8000-000000000001";
export const secondId = "6f1b2c3d-0000-4000-8000-000000000002";

export const livePath: PathObject = {
  ...idlePathObject("live/cam1", "all_others"),
  ready: true,
  readyTime: "2026-08-22T10:00:05.5+02:00",
  available: true,
  availableTime: "2026-08-22T10:00:05.5+02:00",
  online: true,
  onlineTime: "2026-08-22T10:00:05.5+02:00",
  source: { type: "rtmpConn", id: firstId },
  tracks: ["H264", "MPEG-4 Audio"],
  tracks2: [
    { codec: "H264", codecProps: { width: 1920, height: 1080, profile: "High", level: "4.1" } },
    { codec: "MPEG-4 Audio", codecProps: { sampleRate: 48000, channelCount: 2 } },
  ],
  readers: [{ type: "rtmpConn", id: secondId }],
  inboundBytes: 123456,
  outboundBytes: 654321,
  bytesReceived: 123456,
  bytesSent: 654321,
};

export const forward: ForwardView = {
  id: firstId,
  pos: 1,
  created: new Date(0),
  conf: { dest: "rtmp://elsewhere/live/***", destFingerprint: "", whipBearerToken: "" },
  protocol: "rtmp",
  state: "forwarding",
  lastError: "",
  outboundBytes: 7,
};

const recording: RecordingObject = {
  name: "live/cam1",
  segments: [{ start: "2026-08-22T10:00:00.123456+02:00" }],
};

const playable = { start: "2026-08-22T10:00:00.5+02:00", duration: 12.5, location: "/get?ticket=x" };

const relay: RelayObject = {
  path: "live/cam1",
  target: "rtmp://elsewhere/live/***",
  state: "error",
  since: "2026-08-22T10:00:00Z",
  lastError: "connection refused",
  outboundBytes: 0,
};

const status: ConfigStatusObject = {
  file: "/etc/mediamtx.yml",
  persistFile: "",
  appliedTime: "2026-08-22T10:00:00Z",
  lastReloadTime: null,
  lastError: "",
  reloads: 0,
  failedReloads: 0,
  paths: 2,
};

const health: HooksHealth = {
  activeHooks: 1,
  failedDeliveries: 2,
  lastEventTime: 1_790_000_000.25,
  hooks: [
    {
      id: "notify",
      type: "webhook",
      breaker: "open",
      backlog: 3,
      oldestSeconds: 1.5,
      delivered: 7,
      failed: 2,
      dead: 1,
      lastError: "status 500",
    },
  ],
  store: { isWritable: true, isNearlyFull: false },
};

const deadLetter: DeadLetterObject = {
  id: 4,
  eventId: "evt_1",
  type: "publish_start",
  path: "live/cam1",
  hook: "notify",
  reason: "retries_exhausted",
  attempts: 5,
  time: "2026-08-22T10:00:00Z",
  givenUp: "2026-08-22T10:05:00Z",
  lastError: "status 500",
};

const alert: AlertObject = {
  number: 7,
  time: "2026-08-22T10:00:00.000Z",
  level: "warn",
  kind: "qualityAlert",
  path: "live/cam1",
  message: "bitrate is low",
  details: { value: "40" },
};

const servedPorts: PortsObject = {
  rtmp: 1935,
  rtmps: null,
  rtsp: 8554,
  rtsps: null,
  hls: { scheme: "https", port: 8888 },
  playback: null,
};

/** A session that notes its end. */
export const fakeConn = (id: string, ended: string[], kind: PeerKind = "rtmpConn"): RtmpConn => ({
  peer: { connId: "c1", remote: "203.0.113.5:51312", kind, id },
  get view() {
    return {
      peer: this.peer,
      created: new Date(0),
      state: "publish" as const,
      path: "live/cam1",
      query: "user=u&pass=hunter2",
      user: "u",
      userAgent: "FMLE/3.0 (compatible; FMSc/1.0)",
      bytesReceived: 1000,
      bytesSent: 3413,
      framesDiscarded: 0,
    };
  },
  close: (reason) => void ended.push(`${id} ${reason}`),
});

/** A reader of FLV that notes its end. */
export const fakeFlvConn = (id: string, ended: string[]): FlvConn => ({
  peer: { connId: "f1", remote: "203.0.113.5:51314", kind: "flvConn", id },
  get view() {
    return {
      peer: this.peer,
      created: new Date(0),
      transport: "websocket" as const,
      state: "read" as const,
      path: "live/cam1",
      query: "token=hunter2",
      user: "u",
      userAgent: "Mozilla/5.0",
      bytesSent: 4000,
      framesDiscarded: 3,
    };
  },
  close: (reason) => void ended.push(`${id} ${reason}`),
});

/** Somebody who watches by HLS. */
export const fakeHlsSession = (id: string) => {
  const peer = { connId: "h1", remote: "203.0.113.5:51315", kind: "hlsSession", id } as const;
  const view = { peer, created: new Date(0), path: "live/cam1", query: "token=hunter2", user: "u" };
  return { peer, view: { ...view, userAgent: "Mozilla/5.0", isCdn: false, bytesSent: 5000 } };
};

/** An RTSP connection; `session` is what was made on it. */
export const fakeRtspConn = (id: string, session?: string, kind: PeerKind = "rtspSession"): RtspConn => {
  const peer = { connId: "r1", remote: "203.0.113.5:51313", kind, id };
  return { peer, view: { peer, created: new Date(0), session, bytesReceived: 2000, bytesSent: 500 } };
};

/** An RTSP session over the connection `conn`, in which every number is another one. */
export const fakeRtspSession = (id: string, conn: string, kind: PeerKind = "rtspSession"): RtspSession => {
  const peer = { connId: "r1", remote: "203.0.113.5:51313", kind, id };
  const view = {
    peer,
    created: new Date(0),
    state: "publish" as const,
    path: "live/cam2",
    query: "token=hunter2&a=b",
    user: "u",
    userAgent: "Lavf60",
    transport: "UDP" as const,
    conns: [conn],
    bytesReceived: 1,
    rtpPacketsReceived: 2,
    rtpPacketsLost: 3,
    rtpPacketsInError: 4,
    rtpPacketsJitter: 5.5,
    rtcpPacketsReceived: 6,
    rtcpPacketsInError: 7,
    bytesSent: 8,
    rtpPacketsSent: 9,
    rtpPacketsReportedLost: 10,
    rtpPacketsDiscarded: 11,
    rtcpPacketsSent: 12,
  };
  return { peer, view };
};

/** A session that was made a moment ago. */
export const freshRtspSession = (id: string, conn: string, kind: PeerKind): RtspSession => {
  const { peer, view } = fakeRtspSession(id, conn, kind);
  return {
    peer,
    view: { ...view, state: "idle", path: "", query: "", user: "", transport: undefined },
  };
};

/** Ports with a little of everything, that note what is asked of them. */
export const fakePorts = () => {
  const calls: unknown[] = [];
  const ended: string[] = [];
  const paths = new Map<string, PathObject>([
    ["a&<b>", idlePathObject("a&<b>", "a&<b>")],
    [livePath.name, livePath],
  ]);
  const confs = new Map<string, JsonObject>([
    ["all_others", { name: "all_others", source: "publisher" }],
    ["live/cam1", { name: "live/cam1", source: "publisher" }],
    ["~^live/(.+)$", { name: "~^live/(.+)$", source: "publisher" }],
  ]);
  const change = async (...call: readonly unknown[]): Promise<void> => {
    calls.push(call);
    const body = call.at(-1);
    if (typeof body === "object" && body !== null && "nope" in body)
      throw new ConfigError('json: unknown field "nope"');
  };
  const known = (name: string): void => {
    if (!confs.has(name)) throw Object.assign(new ConfigError("path not found"), { code: "NOT_FOUND" });
  };
  const config: ConfigPort = {
    globalView: () => ({ logLevel: "info", authInternalUsers: [{ user: "a", pass: "<redacted>" }] }),
    pathDefaultsView: () => ({ name: "", source: "publisher" }),
    pathView: (name) => confs.get(name),
    pathNames: () => ["~^live/(.+)$", "live/cam1", "all_others"],
    patchGlobal: (body) => change("patchGlobal", body),
    patchPathDefaults: (body) => change("patchPathDefaults", body),
    addPath: async (name, body) => {
      if (confs.has(name)) throw new ConfigError("path already exists");
      await change("addPath", name, body);
    },
    patchPath: async (name, body) => {
      known(name);
      await change("patchPath", name, body);
    },
    replacePath: (name, body) => change("replacePath", name, body),
    deletePath: async (name) => {
      known(name);
      await change("deletePath", name);
    },
  };
  const kickRtsp = (id: string): boolean => {
    ended.push(`${id} kicked`);
    return true;
  };
  const ports = {
    info: { version: "1.2.3", started: new Date(0) },
    paths: {
      names: () => [...paths.keys()].sort(),
      find: (name) => paths.get(name),
      kick: (name) => name === livePath.name,
    },
    config,
    configStatus: { status: () => status, reload: () => change("reload") },
    keys: { refreshJwks: () => void calls.push(["refreshJwks"]) },
    forwards: { list: (path) => (path === "live/cam1" ? [forward] : []) },
    recordings: {
      names: async () => ["live/cam1"],
      get: async (name) => {
        if (name === "nope") throw new ConfigError("path 'nope' is not configured");
        return name === "live/cam1" ? recording : { name, segments: [] };
      },
      overview: async (name) => ({
        name,
        segments: 1,
        first: recording.segments[0]!.start,
        last: recording.segments[0]!.start,
      }),
      playableOf: () => playable,
      timespans: async (name) => {
        if (name === "nope") throw new ConfigError("path 'nope' is not configured");
        return name === "live/cam1" ? [{ startMs: 1, durationMs: 2 }] : [];
      },
      deleteSegment: (name, start) => change("deleteSegment", name, start),
    },
    recordingSwitch: { setRecording: (name, isOn) => change("setRecording", name, isOn) },
    thumbnails: {
      widths: { least: 16, usual: 320, most: 1_920 },
      pictureOf: async (name, width) => {
        if (name === "live/cam1") return new TextEncoder().encode(`a picture ${width} wide`);
        throw new RefusedError("STREAM_NOT_FOUND", `nobody publishes stream "${name}"`);
      },
    },
    hls: {
      muxers: [{ path: "live/cam1", created: new Date(0), lastRequest: new Date(1_000), bytesSent: 9000 }],
      sessions: [fakeHlsSession(firstId), fakeHlsSession(secondId)],
      kick: kickRtsp,
    },
    rtspConns: { connections: [fakeRtspConn(firstId, secondId), fakeRtspConn(secondId)] },
    rtspSessions: {
      sessions: [fakeRtspSession(firstId, secondId), fakeRtspSession(secondId, firstId)],
      kick: kickRtsp,
    },
    rtspsConns: { connections: [fakeRtspConn(secondId, firstId, "rtspsSession")] },
    rtspsSessions: { sessions: [freshRtspSession(secondId, firstId, "rtspsSession")], kick: kickRtsp },
    rtmpConns: { sessions: [fakeConn(firstId, ended), fakeConn(secondId, ended)] },
    rtmpsConns: { sessions: [fakeConn(secondId, ended, "rtmpsConn")] },
    flvConns: { sessions: [fakeFlvConn(firstId, ended), fakeFlvConn(secondId, ended)] },
    relays: { list: () => [relay], forwards: () => [{ ...relay, state: "forwarding", lastError: "" }] },
    hooks: {
      status: () => health,
      resume: (id) => id === "notify",
      deadLetters: {
        list: async (...call) => {
          calls.push(["list", ...call]);
          return { total: 201, letters: [deadLetter] };
        },
        replay: async (wish) => {
          calls.push(["replay", wish]);
          return wish.id === "99" ? 0 : 3;
        },
      },
    },
    live: {
      ports: () => servedPorts,
      alerts: { list: () => [alert] },
      feed: { isFull: false, open: () => new Response("data: {}\n\n").body! },
    },
  } satisfies ControlApiPorts;
  return { ports, calls, ended, paths };
};
