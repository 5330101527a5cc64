import type { StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { PacketFacts, TimedBody } from "../media/packet.ts";
import type { EndReason, Peer, PublishTotals } from "./event.ts";
import type { StreamOptions } from "./stream-options.ts";

/** Who wants to publish. */
export interface PublishRequest {
  readonly peer: Peer;
  readonly publishType: string;
  /** What stood behind the question mark of the stream's name. */
  readonly query?: string;
  /** How many kinds of media it brings, pictures and sound being two, where that is known from the beginning. */
  readonly kinds?: number;
  /** The server itself fetches the stream. */
  readonly isSource?: boolean;
  /** Called when the stream is taken away: somebody else takes the name, an operator wants it, or it is no longer configured. */
  readonly evicted: (reason: EndReason) => void;
}

/** What a publication needs of its stream. */
export interface PublishedStream {
  readonly path: StreamPath;
  readonly options: Pick<StreamOptions, "maxBitrate">;
  /** Takes one packet that came at `now`; subscribers get it with `flush`. */
  push(unit: TimedBody, facts: PacketFacts, now: number): void;
  /** Ends the turn. */
  flush(): void;
  /** Drops the metadata that late joiners would get. */
  clearMetadata(): void;
  /** The publication is over. */
  unpublished(publication: Publication, reason: EndReason): void;
}

/** The right to bring packets to a stream, held by one publisher at a time. */
export class Publication {
  readonly peer: Peer;
  /** The publisher's query, credentials included. */
  readonly query: string;
  /** Since when, by the wall clock. */
  readonly since: Date;
  readonly #stream: PublishedStream;
  readonly #evicted: (reason: EndReason) => void;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #isOver = false;
  #lastPacketAt: number;
  #bytes = 0;
  #audio = 0;
  #video = 0;

  constructor(stream: PublishedStream, request: PublishRequest, clock: Clock) {
    this.peer = request.peer;
    this.query = request.query ?? "";
    this.since = clock.date();
    this.#stream = stream;
    this.#evicted = request.evicted;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#lastPacketAt = this.#startedAt;
  }

  get path(): StreamPath {
    return this.#stream.path;
  }

  /** The most bits a second that it may bring; 0 for any number. */
  get maxBitrate(): number {
    return this.#stream.options.maxBitrate;
  }

  /** When the last packet came, by the clock. */
  get lastPacketAt(): number {
    return this.#lastPacketAt;
  }

  /** What came so far. */
  get totals(): PublishTotals {
    return {
      durationMs: this.#clock.now() - this.#startedAt,
      bytesReceived: this.#bytes,
      audioPackets: this.#audio,
      videoPackets: this.#video,
    };
  }

  /** Adds a packet. Its payload is shared from here on. After the end it is dropped: a late packet of an old publisher. */
  push(unit: TimedBody, facts: PacketFacts): void {
    if (this.#isOver) return;
    const now = this.#clock.now();
    this.#lastPacketAt = now;
    this.#bytes += unit.body.length;
    if (facts.kind === "video") this.#video++;
    else if (facts.kind === "audio") this.#audio++;
    this.#stream.push(unit, facts, now);
  }

  /** Drops the metadata kept for late joiners. */
  clearMetadata(): void {
    if (!this.#isOver) this.#stream.clearMetadata();
  }

  /** Ends the publisher's turn: everything pushed since the last call goes out. */
  flush(): void {
    if (!this.#isOver) this.#stream.flush();
  }

  /** Ends the publish; later calls do nothing. */
  end(reason: EndReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stream.unpublished(this, reason);
  }

  /** Takes the stream away, and tells who published it why. */
  evict(reason: EndReason): void {
    if (this.#isOver) return;
    this.end(reason);
    this.#evicted(reason);
  }
}
