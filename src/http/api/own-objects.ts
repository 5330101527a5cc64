import type { AlertObject } from "../live/recent-alerts.ts";
import {
  decimal,
  listOf,
  moment,
  objectSchema,
  orNull,
  type Schema,
  text,
  truth,
  whole,
  word,
} from "./schema.ts";

/* Objects that MediaMTX does not have. */

/** Where publishers, players and viewers find the server; null for what is off. */
export interface PortsObject {
  readonly rtmp: number | null;
  readonly rtmps: number | null;
  readonly rtsp: number | null;
  readonly rtsps: number | null;
  /** Of pages that play streams, HLS, and FLV over HTTP. */
  readonly hls: WebPortObject | null;
  /** Of recordings. */
  readonly playback: WebPortObject | null;
}

/** A port that is asked by HTTP. */
export interface WebPortObject {
  readonly scheme: "http" | "https";
  readonly port: number;
}

const webPortSchema = objectSchema<WebPortObject>("WebPort", { scheme: word("http", "https"), port: whole });

/** See {@link PortsObject}. */
export const portsSchema: Schema = objectSchema<PortsObject>("Ports", {
  rtmp: orNull(whole),
  rtmps: orNull(whole),
  rtsp: orNull(whole),
  rtsps: orNull(whole),
  hls: orNull(webPortSchema),
  playback: orNull(webPortSchema),
});

/** Of an {@link AlertObject}. */
export const alertSchema: Schema = objectSchema<AlertObject>("Alert", {
  number: whole,
  time: moment,
  level: word("info", "warn", "error"),
  kind: text,
  path: text,
  message: text,
  details: { type: "object", additionalProperties: text },
});

/** How much was recorded of a path. */
export interface RecordingOverviewObject {
  readonly name: string;
  readonly segments: number;
  /** When the first and the last segment begin; null where there is none. */
  readonly first: string | null;
  readonly last: string | null;
}

/** See {@link RecordingOverviewObject}. */
export const recordingOverviewSchema: Schema = objectSchema<RecordingOverviewObject>("RecordingOverview", {
  name: text,
  segments: whole,
  first: orNull(moment),
  last: orNull(moment),
});

/** A part of a recording that can be played. */
export interface PlayableObject {
  readonly start: string;
  /** In seconds. */
  readonly duration: number;
  /** Path and query at the playback server, with a ticket that lets whoever has it play this part for some hours. */
  readonly location: string;
}

/** See {@link PlayableObject}. */
export const playableSchema: Schema = objectSchema<PlayableObject>("Playable", {
  start: moment,
  duration: decimal,
  location: text,
});

/** A stream on its way to one target that every stream is pushed to. */
export interface RelayObject {
  readonly path: string;
  /** Where to, secrets hidden. */
  readonly target: string;
  /** `idle` while nobody publishes it. */
  readonly state: "idle" | "forwarding" | "error";
  /** Since when it is to go there. */
  readonly since: string;
  /** Why it failed last; empty where it did not. */
  readonly lastError: string;
  readonly outboundBytes: number;
}

/** See {@link RelayObject}. */
export const relaySchema: Schema = objectSchema<RelayObject>("Relay", {
  path: text,
  target: text,
  state: word("idle", "forwarding", "error"),
  since: moment,
  lastError: text,
  outboundBytes: whole,
});

/** How one hook does. */
export interface HookObject {
  readonly id: string;
  readonly type: string;
  readonly breaker: "closed" | "half_open" | "open" | "paused";
  /** Events that wait for it. */
  readonly backlog: number;
  /** For how long the first of them has waited. */
  readonly oldestSeconds: number;
  /** Events that it got, attempts that did not work, and events that were given up, since the server started. */
  readonly delivered: number;
  readonly failed: number;
  readonly dead: number;
  /** Why an attempt did not work last; empty where none has failed. */
  readonly lastError: string;
}

/** An event that a hook did not get. */
export interface DeadLetterObject {
  readonly id: number;
  readonly eventId: string;
  readonly type: string;
  /** The stream that it is about; empty for none. */
  readonly path: string;
  readonly hook: string;
  /** Why it was given up. */
  readonly reason: string;
  readonly attempts: number;
  /** Of the event, and of when it was given up. */
  readonly time: string;
  readonly givenUp: string;
  /** Of its last attempt; empty where that is not known. */
  readonly lastError: string;
}

/** See {@link DeadLetterObject}. */
export const deadLetterSchema: Schema = objectSchema<DeadLetterObject>("DeadLetter", {
  id: whole,
  eventId: text,
  type: text,
  path: text,
  hook: text,
  reason: text,
  attempts: whole,
  time: moment,
  givenUp: moment,
  lastError: text,
});

/** How hooks do. */
export interface HooksStatusObject {
  readonly status: "healthy" | "degraded" | "unhealthy";
  /** What speaks against a better word. */
  readonly reasons: readonly string[];
  readonly activeHooks: number;
  readonly failedDeliveries: number;
  readonly lastEventTime: string | null;
  readonly hooks: readonly HookObject[];
  readonly store: { readonly isWritable: boolean; readonly isNearlyFull: boolean } | null;
}

const hookSchema = objectSchema<HookObject>("Hook", {
  id: text,
  type: text,
  breaker: word("closed", "half_open", "open", "paused"),
  backlog: whole,
  oldestSeconds: decimal,
  delivered: whole,
  failed: whole,
  dead: whole,
  lastError: text,
});

/** See {@link HooksStatusObject}. */
export const hooksStatusSchema: Schema = objectSchema<HooksStatusObject>("HooksStatus", {
  status: word("healthy", "degraded", "unhealthy"),
  reasons: listOf(text),
  activeHooks: whole,
  failedDeliveries: whole,
  lastEventTime: orNull(moment),
  hooks: listOf(hookSchema),
  store: orNull(
    objectSchema<NonNullable<HooksStatusObject["store"]>>("HookStore", {
      isWritable: truth,
      isNearlyFull: truth,
    }),
  ),
});

/** Where the configuration comes from, and how loading it went. */
export interface ConfigStatusObject {
  /** Empty for a server without a file. */
  readonly file: string;
  /** Where changes of this API are kept; empty where a restart loses them. */
  readonly persistFile: string;
  /** Since when what holds now holds. */
  readonly appliedTime: string;
  /** When it was last tried to load the file again. */
  readonly lastReloadTime: string | null;
  /** Why that failed; empty where it did not. Then what was there before goes on. */
  readonly lastError: string;
  readonly reloads: number;
  readonly failedReloads: number;
  /** Entries of `paths`. */
  readonly paths: number;
}

/** See {@link ConfigStatusObject}. */
export const configStatusSchema: Schema = objectSchema<ConfigStatusObject>("ConfigStatus", {
  file: text,
  persistFile: text,
  appliedTime: moment,
  lastReloadTime: orNull(moment),
  lastError: text,
  reloads: whole,
  failedReloads: whole,
  paths: whole,
});

/** Somebody who reads FLV over HTTP or a WebSocket. */
export interface FlvConnObject {
  readonly id: string;
  readonly created: string;
  readonly remoteAddr: string;
  readonly transport: "http" | "websocket";
  /** `idle` while it waits for its stream. */
  readonly state: "idle" | "read";
  readonly path: string;
  /** Credentials hidden. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  readonly outboundBytes: number;
  readonly outboundFramesDiscarded: number;
}

/** See {@link FlvConnObject}. */
export const flvConnSchema: Schema = objectSchema<FlvConnObject>("FLVConn", {
  id: { type: "string", format: "uuid" },
  created: moment,
  remoteAddr: text,
  transport: word("http", "websocket"),
  state: word("idle", "read"),
  path: text,
  query: text,
  user: text,
  userAgent: text,
  outboundBytes: whole,
  outboundFramesDiscarded: whole,
});
