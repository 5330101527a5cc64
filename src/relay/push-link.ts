import { messageOf, TransportError } from "../base/errors.ts";
import { Standstill } from "../base/standstill.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { Client } from "../rtmp/io/dialer.ts";
import { mediaForm } from "../rtmp/media-form.ts";
import type { Batch } from "../stream/batch.ts";
import { Feed } from "../stream/feed.ts";
import type { QueueLimits } from "../stream/packet-queue.ts";
import type { Stream } from "../stream/stream.ts";
import type { Subscriber } from "../stream/subscriber.ts";
import type { PushTarget } from "./target.ts";

/** How connections of pushes behave. */
export interface LinkOptions {
  readonly chunkSize: number;
  readonly queue: QueueLimits;
}

const dialTimeoutMs = 10_000;

/** A target that takes nothing for this long is dialled anew, in milliseconds. */
const stallMs = 10_000;

const tickMs = 1_000;

/** One connection of a push: a subscriber of the stream for as long as it lasts. */
export class Link implements Subscriber {
  readonly #stream: Stream;
  readonly #options: LinkOptions;
  readonly #clock: Clock;
  readonly #client: Client;
  readonly #cancelTick: Cancel;
  #feed: Feed | undefined;
  readonly #stall = new Standstill();
  #isOver = false;

  constructor(parts: {
    stream: Stream;
    target: PushTarget;
    options: LinkOptions;
    clock: Clock;
    started: () => void;
    /** The connection is over. Undefined: by our own wish. */
    ended: (error: Error | undefined) => void;
  }) {
    const { stream, target, options, clock, started, ended } = parts;
    const { chunkSize } = options;
    const { login, fingerprint } = target;
    this.#stream = stream;
    this.#options = options;
    this.#clock = clock;
    this.#client = new Client(
      {
        url: target.urlFor(stream.path),
        action: "publish",
        chunkSize,
        clock,
        timeoutMs: dialTimeoutMs,
        fingerprint,
        login,
      },
      {
        started: (streamId) => {
          // The answer came after we said goodbye.
          if (this.#isOver) return;
          started();
          this.#begin(streamId);
        },
        drained: () => this.#feed?.drained(),
        closed: (error) => {
          this.#cancelTick();
          stream.detach(this);
          ended(error);
        },
      },
    );
    this.#cancelTick = clock.every(tickMs, () => this.#tick());
  }

  /** Bytes that the other side's socket has taken. */
  get bytesSent(): number {
    return this.#client.outbox.bytesSent;
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.#isOver = true;
    this.#stream.detach(this);
    this.#client.cut();
  }

  /** Sends what waits and says goodbye. */
  close(): void {
    this.#isOver = true;
    this.#stream.detach(this);
    this.#client.close();
  }

  #begin(streamId: number): void {
    const { chunkSize, queue } = this.#options;
    const form = mediaForm({ chunkSize, streamId, toward: "publisher" });
    this.#feed = new Feed({ form, outbox: this.#client.outbox, limits: queue });
    this.#stream.attach(this);
  }

  start(): void {
    // The target was told with the publish command.
  }

  deliver(batch: Batch): void {
    this.#feed?.deliver(batch);
  }

  interrupt(): void {
    this.#feed?.awaitKey();
  }

  end(): void {
    this.close();
  }

  fail(error: unknown): void {
    this.#client.abort(error instanceof Error ? error : new TransportError("CLOSED", messageOf(error)));
  }

  #tick(): void {
    const { outbox } = this.#client;
    const stuckMs = this.#stall.note(outbox.bytesSent, {
      shouldMove: !outbox.isClear,
      now: this.#clock.now(),
    });
    if (stuckMs >= stallMs)
      this.#client.abort(new TransportError("TIMEOUT", `target took nothing for ${stallMs} ms`));
  }
}
