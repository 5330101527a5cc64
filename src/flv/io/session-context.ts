import type { Logger } from "../../base/log.ts";
import type { StreamPath } from "../../base/stream-path.ts";
import type { Clock } from "../../base/time.ts";
import type { EntryLimits } from "../../stream/entry-limits.ts";
import type { EventHub, Peer } from "../../stream/event.ts";
import type { ByteSink } from "../../stream/outbox.ts";
import type { QueueLimits } from "../../stream/packet-queue.ts";
import type { Registry } from "../../stream/registry.ts";

/** How readers behave. */
export interface FlvOptions {
  readonly readerQueue: QueueLimits;
  /** Send readers everything at once, at the price of more packets. */
  readonly isLowLatency: boolean;
  /** A reader that takes nothing for this long while bytes wait is stuck, in milliseconds. */
  readonly stallTimeoutMs: number;
}

/** What readers share. */
export interface FlvContext {
  /** Read anew for every reader, and whenever a bound is looked at: they may change meanwhile. */
  readonly options: FlvOptions;
  readonly limits?: EntryLimits;
  readonly registry: Registry;
  readonly events: EventHub;
  readonly clock: Clock;
  readonly log: Logger;
}

/** By what the tags of a reader travel. */
export type FlvTransport = "http" | "websocket";

/** What a client asks for, once it may have it. */
export interface FlvOrder {
  readonly path: StreamPath;
  /** What stood behind the question mark, credentials included. */
  readonly query: string;
  readonly client: { readonly ip: string; readonly port: number };
  /** Where the client came to: host and port. */
  readonly local: string;
  readonly isTls: boolean;
  /** Who it is; empty for somebody without a name. */
  readonly user: string;
  readonly userAgent: string;
  readonly transport: FlvTransport;
}

/** Where the bytes of a reader leave: an answer that goes on, or a WebSocket. */
export interface FlvConnection extends ByteSink {
  /** Ends it in order: what was written still arrives. */
  end(): void;
  /** Cuts it off. */
  terminate(): void;
}

/** What a reader is doing, for whoever looks at connections. */
export interface FlvConnView {
  readonly peer: Peer;
  readonly created: Date;
  readonly transport: FlvTransport;
  /** `idle` while it waits for its stream. */
  readonly state: "idle" | "read";
  readonly path: string;
  /** Credentials included. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  readonly bytesSent: number;
  readonly framesDiscarded: number;
}
