import type { Payload } from "../base/bytes.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Track } from "../media/track.ts";
import type { MonitorEvent } from "./monitor-event.ts";
import type { OperationEvent } from "./operation-event.ts";

/** Why something ended. */
export type EndReason =
  | "client_stop"
  | "client_disconnect"
  | "replaced"
  | "idle_timeout"
  | "stalled"
  | "error"
  | "refused"
  | "unpublished"
  | "kicked"
  | "unconfigured"
  | "limit"
  | "server_shutdown";

/** Whether a publisher that ended so may come back in a moment: its connection was lost, and nobody said that it is over. */
export const mayComeBack = (reason: EndReason): boolean =>
  reason === "client_disconnect" || reason === "idle_timeout" || reason === "error" || reason === "replaced";

/** What kind of thing publishes, reads or feeds a stream, in the control API's words. */
export type PeerKind =
  | "rtmpConn"
  | "rtmpsConn"
  | "rtspSession"
  | "rtspsSession"
  | "hlsSession"
  | "flvConn"
  | "rtmpSource"
  | "rtspSource";

/** Who is at the other end of a connection. */
export interface Peer {
  /** `c000001` and so on, unique in this process. */
  readonly connId: string;
  /** Address and port, `127.0.0.1:50123` or `[::1]:50123`. */
  readonly remote: string;
  readonly kind: PeerKind;
  /** Its name in the control API, a UUID; empty for what the server connects to by itself. */
  readonly id: string;
}

/**
 * Everything that happens and that somebody outside may want to know. Durations are in milliseconds, sizes in bytes.
 * Nothing here is per packet.
 */
export type DomainEvent =
  | {
      readonly kind: "connectionAccepted";
      readonly peer: Peer;
      readonly local: string;
      readonly isTls: boolean;
    }
  | {
      readonly kind: "handshakeCompleted";
      readonly peer: Peer;
      readonly scheme: "simple" | "complex";
      readonly durationMs: number;
    }
  | {
      readonly kind: "connected";
      readonly peer: Peer;
      readonly app: string;
      readonly fourCcs: readonly string[];
    }
  | {
      readonly kind: "connectionFailed";
      readonly peer: Peer;
      readonly code: string;
      readonly message: string;
      readonly phase: string;
    }
  | {
      readonly kind: "connectionClosed";
      readonly peer: Peer;
      readonly role: "publisher" | "subscriber" | "";
      readonly path: StreamPath | undefined;
      readonly reason: EndReason;
      readonly durationMs: number;
      readonly bytesReceived: number;
      readonly bytesSent: number;
    }
  | { readonly kind: "streamCreated"; readonly path: StreamPath }
  | { readonly kind: "streamDeleted"; readonly path: StreamPath; readonly lifetimeMs: number }
  | {
      readonly kind: "publishStarted";
      readonly path: StreamPath;
      readonly peer: Peer;
      readonly publishType: string;
      /** What stood behind the question mark: credentials live there, so it leaves the process only redacted. */
      readonly query: string;
      /** The publisher continues a stream that its predecessor left a moment ago, or takes it over. */
      readonly isContinued: boolean;
    }
  | ({
      readonly kind: "publishStopped";
      readonly path: StreamPath;
      readonly peer: Peer;
      readonly reason: EndReason;
    } & PublishTotals)
  /** The server crashed during this publish, and makes up for its end. */
  | ({
      readonly kind: "publishRecovered";
      readonly path: StreamPath;
      readonly connId: string;
      /** Address and port of the publisher, where they are known. */
      readonly remote?: string;
      /** Session id of the events of this publish. */
      readonly sessionId: string;
      /** Id of the event that reports the end: the same however often the server tries to. */
      readonly eventId: string;
      /** When it began, in Unix milliseconds. */
      readonly publishedAt: number;
    } & PublishTotals)
  | {
      readonly kind: "requestRefused";
      readonly action: "publish" | "play";
      readonly peer: Peer;
      readonly path: StreamPath | undefined;
      readonly code: string;
      readonly message: string;
    }
  | {
      readonly kind: "playStarted";
      readonly path: StreamPath;
      readonly peer: Peer;
      /** What stood behind the question mark, credentials included. */
      readonly query: string;
    }
  | {
      readonly kind: "playStopped";
      readonly path: StreamPath;
      readonly peer: Peer;
      readonly reason: EndReason;
      readonly durationMs: number;
      readonly bytesSent: number;
      readonly droppedFrames: number;
    }
  /** The tracks of a publish are known: from now on the stream can be read to its full. */
  | {
      readonly kind: "streamAvailable";
      readonly path: StreamPath;
      readonly peer: Peer;
      /** The publisher's, credentials included. */
      readonly query: string;
      readonly tracks: readonly Track[];
    }
  /** The end of what `streamAvailable` told. */
  | {
      readonly kind: "streamUnavailable";
      readonly path: StreamPath;
      readonly peer: Peer;
      readonly query: string;
      readonly reason: EndReason;
    }
  /** Somebody reads or waits for the stream, after nobody did; `query` is that reader's. Or nobody does any more. */
  | {
      readonly kind: "demandChanged";
      readonly path: StreamPath;
      readonly isWanted: boolean;
      readonly query: string;
    }
  | {
      readonly kind: "subscriberCount";
      readonly path: StreamPath;
      readonly count: number;
      readonly previous: number;
    }
  | {
      readonly kind: "trackDetected";
      readonly path: StreamPath;
      readonly track: Track;
      readonly isChange: boolean;
    }
  /** `payload` is the body of the onMetaData message. */
  | { readonly kind: "metadataReceived"; readonly path: StreamPath; readonly payload: Payload }
  /** Frames of a flow come: the first ones, or the first after a gap. */
  | {
      readonly kind: "mediaStarted";
      readonly path: StreamPath;
      readonly flow: "audio" | "video";
      readonly gapMs: number;
    }
  /** A flow brought nothing for some seconds, while its publisher is still there. */
  | {
      readonly kind: "mediaStopped";
      readonly path: StreamPath;
      readonly flow: "audio" | "video";
      readonly gapMs: number;
    }
  | MonitorEvent
  | OperationEvent
  | { readonly kind: "clockLeaped"; readonly path: StreamPath; readonly count: number }
  | { readonly kind: "relayStarted"; readonly path: StreamPath; readonly target: string }
  | {
      readonly kind: "relayFailed";
      readonly path: StreamPath;
      readonly target: string;
      readonly error: string;
      readonly attempt: number;
      readonly retryInMs: number | undefined;
    }
  | {
      readonly kind: "relayStopped";
      readonly path: StreamPath;
      readonly target: string;
      readonly reason: EndReason;
    }
  | {
      readonly kind: "recordingStarted";
      readonly path: StreamPath;
      readonly file: string;
      /** What the event of its end is going to be called, whoever tells of it, and how often. */
      readonly endId?: string;
    }
  | {
      readonly kind: "recordingCompleted";
      readonly path: StreamPath;
      readonly file: string;
      /** What its event is called; a new name unless given. */
      readonly eventId?: string;
      readonly durationMs: number;
      readonly bytes: number;
    }
  | {
      readonly kind: "recordingFailed";
      readonly path: StreamPath;
      readonly file: string;
      readonly error: string;
    };

/** What a publisher brought. */
export interface PublishTotals {
  readonly durationMs: number;
  readonly bytesReceived: number;
  readonly audioPackets: number;
  readonly videoPackets: number;
}

/** Hears every event, in order, at once. It must not throw and must not wait. */
export type Listener = (event: DomainEvent) => void;

/** Hands each event to all listeners. Without listeners an event costs a call. */
export class EventHub {
  readonly #listeners: Listener[] = [];

  /** Adds a listener for the life of the hub. */
  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  emit(event: DomainEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
