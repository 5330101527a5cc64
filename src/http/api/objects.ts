import {
  listOf,
  moment,
  objectSchema,
  olderName,
  orNull,
  type Schema,
  text,
  truth,
  whole,
  word,
} from "./schema.ts";

/*
 * The objects of the control API, as MediaMTX names and orders their fields. Times are RFC 3339 with this machine's offset; counters are
 * whole numbers. Fields that only repeat another one under its older name are marked: existing tools read them. Behind each object stands
 * its schema, which the document of the API shows.
 */

/** Who publishes or feeds a stream, or reads it. `id` is empty for what the server connects to by itself. */
export interface PeerObject {
  readonly type: string;
  readonly id: string;
}

/** See {@link PeerObject}. */
export const peerSchema: Schema = objectSchema<PeerObject>("Peer", { type: text, id: text });

/** A track, with what is known of its codec; null for codecs that nothing is told of. */
export interface TrackObject {
  readonly codec: string;
  readonly codecProps: Readonly<Record<string, string | number | boolean>> | null;
}

/** See {@link TrackObject}. */
export const trackSchema: Schema = objectSchema<TrackObject>("Track", {
  codec: text,
  codecProps: orNull({ type: "object", additionalProperties: { type: ["string", "integer", "boolean"] } }),
});

/** A path: a stream that is published, read or waited for, or an entry of the configuration with a plain name. */
export interface PathObject {
  readonly name: string;
  readonly confName: string;
  /** Older name of `available`. */
  readonly ready: boolean;
  /** Older name of `availableTime`. */
  readonly readyTime: string | null;
  readonly available: boolean;
  readonly availableTime: string | null;
  readonly online: boolean;
  readonly onlineTime: string | null;
  readonly source: PeerObject | null;
  /** Codecs of `tracks2`. */
  readonly tracks: readonly string[];
  readonly tracks2: readonly TrackObject[];
  readonly readers: readonly PeerObject[];
  readonly inboundBytes: number;
  readonly outboundBytes: number;
  readonly inboundFramesInError: number;
  /** Older name of `inboundBytes`. */
  readonly bytesReceived: number;
  /** Older name of `outboundBytes`. */
  readonly bytesSent: number;
}

/** See {@link PathObject}. */
export const pathSchema: Schema = objectSchema<PathObject>("Path", {
  name: text,
  confName: text,
  ready: olderName(truth),
  readyTime: olderName(orNull(moment)),
  available: truth,
  availableTime: orNull(moment),
  online: truth,
  onlineTime: orNull(moment),
  source: orNull(peerSchema),
  tracks: olderName(listOf(text)),
  tracks2: listOf(trackSchema),
  readers: listOf(peerSchema),
  inboundBytes: whole,
  outboundBytes: whole,
  inboundFramesInError: whole,
  bytesReceived: olderName(whole),
  bytesSent: olderName(whole),
});

/** An RTMP or RTMPS connection. */
export interface RtmpConnObject {
  readonly id: string;
  readonly created: string;
  readonly remoteAddr: string;
  readonly state: "idle" | "read" | "publish";
  readonly path: string;
  /** Credentials hidden. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  readonly inboundBytes: number;
  readonly outboundBytes: number;
  readonly outboundFramesDiscarded: number;
  /** Older name of `inboundBytes`. */
  readonly bytesReceived: number;
  /** Older name of `outboundBytes`. */
  readonly bytesSent: number;
}

/** See {@link RtmpConnObject}. */
export const rtmpConnSchema: Schema = objectSchema<RtmpConnObject>("RTMPConn", {
  id: { type: "string", format: "uuid" },
  created: moment,
  remoteAddr: text,
  state: word("idle", "read", "publish"),
  path: text,
  query: text,
  user: text,
  userAgent: text,
  inboundBytes: whole,
  outboundBytes: whole,
  outboundFramesDiscarded: whole,
  bytesReceived: olderName(whole),
  bytesSent: olderName(whole),
});

/** One destination that a path is forwarded to. */
export interface ForwardObject {
  readonly id: string;
  /** From 1, in the order of the configuration. */
  readonly pos: number;
  readonly created: string;
  /** Secrets hidden. */
  readonly conf: {
    readonly dest: string;
    readonly destFingerprint: string;
    readonly whipBearerToken: string;
  };
  readonly protocol: string;
  readonly state: "idle" | "forwarding" | "error";
  readonly lastError: string;
  readonly outboundBytes: number;
}

/** See {@link ForwardObject}. */
export const forwardSchema: Schema = objectSchema<ForwardObject>("ForwardDest", {
  id: { type: "string", format: "uuid" },
  pos: { type: "integer", minimum: 1 },
  created: moment,
  conf: objectSchema<ForwardObject["conf"]>("ForwardDestConf", {
    dest: text,
    destFingerprint: text,
    whipBearerToken: text,
  }),
  protocol: text,
  state: word("idle", "forwarding", "error"),
  lastError: text,
  outboundBytes: whole,
});

/** Recorded segments of a path, the oldest first. */
export interface RecordingObject {
  readonly name: string;
  readonly segments: readonly { readonly start: string }[];
}

/** See {@link RecordingObject}. */
export const recordingSchema: Schema = objectSchema<RecordingObject>("Recording", {
  name: text,
  segments: listOf(objectSchema<RecordingObject["segments"][number]>("RecordingSegment", { start: moment })),
});

/** What the server is, and since when it runs. */
export interface InfoObject {
  readonly version: string;
  readonly started: string;
}

/** See {@link InfoObject}. */
export const infoSchema: Schema = objectSchema<InfoObject>("Info", { version: text, started: moment });
