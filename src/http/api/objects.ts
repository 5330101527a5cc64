/**
 * The objects of the control API, as MediaMTX names and orders their fields. Times are RFC 3339 with this machine's offset; counters are
 * whole numbers. Fields that only repeat another one under its older name are marked: existing tools read them.
 */

/** Who publishes or feeds a stream, or reads it. `id` is empty for what the server connects to by itself. */
export interface PeerObject {
  readonly type: string;
  readonly id: string;
}

/** A track, with what is known of its codec; null for codecs that nothing is told of. */
export interface TrackObject {
  readonly codec: string;
  readonly codecProps: Readonly<Record<string, string | number | boolean>> | null;
}

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

/** Recorded segments of a path, the oldest first. */
export interface RecordingObject {
  readonly name: string;
  readonly segments: readonly { readonly start: string }[];
}
