import type { Batch } from "../../stream/batch.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import type { Feed } from "../../stream/feed.ts";
import type { Reader } from "../../stream/subscriber.ts";
import type { StreamName } from "../stream-name.ts";

/** What a player needs of the session it belongs to. */
export interface PlayerSession {
  /** The stream is there: tell the client. */
  playStarted(player: Player): void;
  /** Everything the client was owed is on its way: tell it that this is the end. */
  playEnded(player: Player, reason: EndReason): void;
  /** A fault of ours, in delivering. */
  playFailed(error: unknown): void;
}

/** One play of an RTMP client: a subscriber whose packets leave as chunks on one message stream. */
export class Player implements Reader {
  readonly peer: Peer;
  readonly streamId: number;
  readonly name: StreamName;
  readonly feed: Feed;
  readonly #session: PlayerSession;
  /** Set once the stream is over while packets still wait. */
  #end: EndReason | undefined;
  isStarted = false;

  constructor(options: {
    streamId: number;
    name: StreamName;
    feed: Feed;
    session: PlayerSession;
    peer: Peer;
  }) {
    this.peer = options.peer;
    this.streamId = options.streamId;
    this.name = options.name;
    this.feed = options.feed;
    this.#session = options.session;
  }

  get query(): string {
    return this.name.query;
  }

  start(): void {
    this.isStarted = true;
    this.#session.playStarted(this);
  }

  deliver(batch: Batch): void {
    this.feed.deliver(batch);
  }

  interrupt(): void {
    this.feed.awaitKey();
  }

  end(reason: EndReason): void {
    this.#end = reason;
    this.drained();
  }

  fail(error: unknown): void {
    this.#session.playFailed(error);
  }

  /** To be called when the socket has room again. */
  drained(): void {
    this.feed.drained();
    if (this.#end === undefined || !this.feed.isEmpty) return;
    const reason = this.#end;
    this.#end = undefined;
    this.#session.playEnded(this, reason);
  }
}
