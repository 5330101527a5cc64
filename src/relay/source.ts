import type { Clock } from "../base/time.ts";
import type { PeerKind } from "../stream/event.ts";
import type { Publication } from "../stream/publication.ts";

/** What a connection to a source tells. Each call comes in the socket's turn; `closed` comes once, last. */
export interface SourceHandlers {
  /** We are let in: what is asked for will come. */
  started(): void;
  /**
   * Where media go; undefined where they go nowhere. To be asked for with the first media that comes, for with that a stream begins: of so
   * many `kinds` of media, where that is known.
   */
  publication(kinds?: number): Publication | undefined;
  /** Everything that came together was handed over. */
  turnEnded(): void;
  /** The connection is over. Undefined: by our own wish. */
  closed(error: Error | undefined): void;
}

/** A connection to a source. */
export interface SourceLink {
  /** Bytes that came so far. */
  readonly bytesReceived: number;
  /** Says goodbye and closes. */
  close(): void;
  /** Cuts the connection because of `error`. */
  abort(error: Error): void;
}

/** A stream of another server, whatever it speaks. */
export interface Source {
  readonly kind: PeerKind;
  readonly host: string;
  readonly port: number;
  /** A text of the other side, without what is a secret of ours. */
  redact(text: string): string;
  /** Connects. */
  dial(handlers: SourceHandlers, options: { readonly clock: Clock; readonly timeoutMs: number }): SourceLink;
}
