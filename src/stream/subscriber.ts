import type { Batch } from "./batch.ts";
import type { EndReason, Peer } from "./event.ts";

/**
 * Whatever receives a stream: a player, a recorder, a push to another server. All calls come from the publisher's turn of the
 * event loop, so none may wait; an exception ends this subscriber only.
 */
export interface Subscriber {
  /** The stream is live: what follows is its start (metadata, configuration, cached frames) and then every batch. */
  start(): void;
  /** The packets of one turn. The first batch after `start` holds what a late joiner needs. */
  deliver(batch: Batch): void;
  /** Another publisher goes on with the same stream: frames before its first key frame are of no use. */
  interrupt(): void;
  /** Nothing follows: the stream ended, never came (`refused`), or the server stops. */
  end(reason: EndReason): void;
  /** This subscriber threw `error` and receives nothing more. */
  fail(error: unknown): void;
}

/** A subscriber with somebody behind it: it counts as a reader, may wait for a stream, and shows in the control API. */
export interface Reader extends Subscriber {
  readonly peer: Peer;
  /** What stood behind the question mark of the stream's name, credentials included. */
  readonly query: string;
  /** It is given no batches: what it gets it fetches, and `Stream.noteFetched` tells how much that was. */
  readonly isFetching?: true;
}
