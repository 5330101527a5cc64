import type { Batch } from "../../stream/batch.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import { Feed } from "../../stream/feed.ts";
import type { Outbox } from "../../stream/outbox.ts";
import type { QueueLimits } from "../../stream/packet-queue.ts";
import type { Reader } from "../../stream/subscriber.ts";
import { type Channels, rechannelled } from "./channels.ts";
import type { RtpShare } from "./rtp-share.ts";
import type { TrackStart } from "./track-start.ts";

/** What a play needs of the session it belongs to. */
export interface PlayHost {
  /** The stream is there, and this is where its tracks begin: tell the client. Media follow at once. */
  playStarted(starts: readonly TrackStart[]): void;
  /** Everything the client was owed is on its way, but a goodbye: this is the end. */
  playEnded(reason: EndReason): void;
  /** A fault of ours, in delivering. */
  playFailed(error: unknown): void;
}

/**
 * A client that reads a stream. Its packets are those of everybody who reads the stream by RTSP; on the channels that clients usually ask
 * for they are even the same bytes.
 */
export class Play implements Reader {
  readonly peer: Peer;
  readonly query: string;
  readonly #share: RtpShare;
  readonly #channels: Channels;
  readonly #outbox: Outbox;
  readonly #feed: Feed;
  readonly #host: PlayHost;
  /** What came before the client was told that it plays. */
  #early: Batch[] | undefined;
  #isStarted = false;
  /** Set once the stream is over while packets still wait. */
  #end: EndReason | undefined;
  #isOver = false;
  #rtpPackets = 0;
  #reports = 0;

  /** `channels` are where each track of the share is wanted. */
  constructor(options: {
    peer: Peer;
    query: string;
    share: RtpShare;
    channels: Channels;
    outbox: Outbox;
    limits: QueueLimits;
    host: PlayHost;
  }) {
    const { share, channels, outbox, limits } = options;
    this.peer = options.peer;
    this.query = options.query;
    this.#share = share;
    this.#channels = channels;
    this.#outbox = outbox;
    this.#host = options.host;
    this.#feed = new Feed({ form: share.form(channels), outbox, limits });
  }

  /** Whether the stream is there, as it was described, and the client has not been told yet. */
  get isReady(): boolean {
    return this.#early !== undefined && !this.#isOver && !this.#share.isBroken;
  }

  /** Whether the client was told that it plays. */
  get isStarted(): boolean {
    return this.#isStarted && this.#early === undefined;
  }

  /** Frames lost because the client was too slow. */
  get discarded(): number {
    return this.#feed.dropped;
  }

  /** RTP packets of what was handed over. */
  get rtpPackets(): number {
    return this.#rtpPackets;
  }

  /** Sender reports that were sent. */
  get reports(): number {
    return this.#reports;
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#early = [];
    this.#share.enter();
  }

  deliver(batch: Batch): void {
    if (this.#isOver || this.#end !== undefined) return;
    // Everything gets its numbers in the order in which it came, whether or not this client can take it now.
    this.#rtpPackets += this.#share.number(batch);
    if (this.#early) this.#early.push(batch);
    else if (this.#share.isBroken) this.end("unpublished");
    else this.#feed.deliver(batch);
  }

  interrupt(): void {
    this.#feed.awaitKey();
  }

  end(reason: EndReason): void {
    this.#end = reason;
    this.drained();
  }

  fail(error: unknown): void {
    this.#host.playFailed(error);
  }

  /** Tells the client that it plays, once the stream is there, and lets media go. */
  begin(): void {
    const early = this.#early;
    if (!early) return;
    const opening = early.flatMap(({ packets }) => packets);
    this.#host.playStarted(this.#share.starts(opening));
    this.#early = undefined;
    this.#send(this.#share.report(opening[0]?.timestamp));
    this.#reports++;
    for (const batch of early) this.#feed.deliver(batch);
  }

  /** Sends the client a report of what its tracks are by the wall clock; one that is behind gets the next. */
  report(report: Uint8Array): void {
    if (!this.isStarted || !this.#outbox.isClear) return;
    this.#send(report);
    this.#reports++;
  }

  /** To be called when the socket has room again. */
  drained(): void {
    this.#feed.drained();
    if (this.#end === undefined || !this.#feed.isEmpty || this.#isOver) return;
    const reason = this.#end;
    this.#end = undefined;
    this.#host.playEnded(reason);
  }

  /** Tells the client that its tracks end. */
  sayGoodbye(): void {
    if (this.isStarted && !this.#isOver) this.#send(this.#share.goodbye());
  }

  /** Nothing is delivered any more. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isStarted) this.#share.leave();
  }

  #send(bytes: Uint8Array): void {
    this.#outbox.send(rechannelled(bytes, this.#channels));
  }
}
