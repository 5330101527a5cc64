import type { StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { PacketFacts, TimedBody } from "../media/packet.ts";
import type { EndReason, Peer, PublishTotals } from "./event.ts";

/** Who wants to publish. `replaced` is called when somebody else takes the name. */
export interface PublishRequest {
  readonly peer: Peer;
  readonly publishType: string;
  /** What stood behind the question mark of the stream's name. */
  readonly query?: string;
  readonly replaced: () => void;
}

/** What a publication needs of its stream. */
export interface PublishedStream {
  readonly path: StreamPath;
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
  readonly #stream: PublishedStream;
  readonly #replaced: () => void;
  readonly #clock: Clock;
  readonly #startedAt: number;
  #isOver = false;
  #lastPacketAt: number;
  #bytes = 0;
  #audio = 0;
  #video = 0;

  constructor(stream: PublishedStream, request: PublishRequest, clock: Clock) {
    this.peer = request.peer;
    this.#stream = stream;
    this.#replaced = request.replaced;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#lastPacketAt = this.#startedAt;
  }

  get path(): StreamPath {
    return this.#stream.path;
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

  /** Called by the stream when another publisher takes the name. */
  replace(): void {
    if (this.#isOver) return;
    this.end("replaced");
    this.#replaced();
  }
}
