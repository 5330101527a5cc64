/* What the control API answers, as far as this page reads it. */

/** A page of a list. */
export interface ListPage<Item> {
  readonly itemCount: number;
  readonly pageCount: number;
  readonly items: readonly Item[];
}

/** Who publishes or reads. */
export interface Peer {
  readonly type: string;
  readonly id: string;
}

/** A track of a stream. */
export interface LiveTrack {
  readonly kind: "video" | "audio";
  readonly codec: string;
  readonly profile: string;
  readonly width: number;
  readonly height: number;
  readonly sampleRate: number;
  readonly channels: number;
}

/** What seldom changes of a stream. */
export interface LiveStream {
  readonly id: number;
  readonly name: string;
  readonly confName: string;
  readonly source: (Peer & { readonly remote: string }) | null;
  /** Unix milliseconds; 0 while nobody publishes. */
  readonly since: number;
  readonly isReady: boolean;
  readonly isRecording: boolean;
  readonly tracks: readonly LiveTrack[];
  readonly readers: Readonly<Record<string, number>>;
}

/** Something an operator may want to look into. */
export interface Alert {
  readonly number: number;
  readonly time: string;
  readonly level: "info" | "warn" | "error";
  readonly kind: string;
  readonly path: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string>>;
}

/** What the server as a whole takes. */
export interface ServerLoad {
  readonly connections: number;
  readonly cpuPercent: number;
  readonly memoryBytes: number;
}

/** One message of `/v3/live`. */
export interface LiveMessage {
  /** Unix milliseconds. */
  readonly time: number;
  /** It takes the place of everything told before. */
  readonly isWhole: boolean;
  readonly streams: readonly LiveStream[];
  readonly gone: readonly number[];
  /** `[id, bits in, pictures, bits out]`, each for a second. */
  readonly rates: readonly (readonly [id: number, bitsIn: number, pictures: number, bitsOut: number])[];
  readonly alerts: readonly Alert[];
  readonly load: ServerLoad;
}

/** A port that is asked by HTTP. */
export interface WebPort {
  readonly scheme: "http" | "https";
  readonly port: number;
}

/** Where the server is found; null for what is off. */
export interface Ports {
  readonly rtmp: number | null;
  readonly rtmps: number | null;
  readonly rtsp: number | null;
  readonly rtsps: number | null;
  readonly hls: WebPort | null;
  readonly playback: WebPort | null;
}

/** A connection or a session of any protocol: fields that not all have are left out. */
export interface Connection {
  readonly id: string;
  readonly created: string;
  readonly remoteAddr: string;
  readonly state?: string;
  readonly path: string;
  readonly user?: string;
  readonly userAgent?: string;
  readonly inboundBytes?: number;
  readonly outboundBytes?: number;
  readonly outboundFramesDiscarded?: number;
}

/** A stream on its way to another server. */
export interface Relay {
  readonly path: string;
  readonly target: string;
  readonly state: string;
  readonly since: string;
  readonly lastError: string;
  readonly outboundBytes: number;
}

/** A path, as far as this page reads it. */
export interface PathDetails {
  readonly name: string;
  readonly readers: readonly Peer[];
}

/** How much was recorded of a stream. */
export interface RecordingOverview {
  readonly name: string;
  readonly segments: number;
  readonly first: string | null;
  readonly last: string | null;
}

/** A part of a recording that can be played. */
export interface Playable {
  readonly start: string;
  /** In seconds. */
  readonly duration: number;
  /** Path and query at the playback server. */
  readonly location: string;
}

/** How one hook does. */
export interface Hook {
  readonly id: string;
  readonly type: string;
  readonly breaker: "closed" | "half_open" | "open" | "paused";
  readonly backlog: number;
  readonly oldestSeconds: number;
  readonly delivered: number;
  readonly failed: number;
  readonly dead: number;
  readonly lastError: string;
}

/** How hooks do. */
export interface HooksStatus {
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly reasons: readonly string[];
  readonly lastEventTime: string | null;
  readonly hooks: readonly Hook[];
}

/** An event that a hook did not get. */
export interface DeadLetter {
  readonly id: number;
  readonly type: string;
  readonly path: string;
  readonly hook: string;
  readonly reason: string;
  readonly attempts: number;
  readonly givenUp: string;
  readonly lastError: string;
}

/** Where the configuration comes from. */
export interface ConfigStatus {
  readonly file: string;
  readonly persistFile: string;
  readonly appliedTime: string;
  readonly lastError: string;
}
