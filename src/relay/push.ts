import { messageOf, TransportError } from "../base/errors.ts";
import { Standstill } from "../base/standstill.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { Client } from "../rtmp/io/dialer.ts";
import { mediaForm } from "../rtmp/media-form.ts";
import { redactStreamName } from "../rtmp/url.ts";
import type { Batch } from "../stream/batch.ts";
import { type EndReason, type EventHub, mayComeBack } from "../stream/event.ts";
import { Feed } from "../stream/feed.ts";
import type { QueueLimits } from "../stream/packet-queue.ts";
import type { Output, Stream } from "../stream/stream.ts";
import type { Subscriber } from "../stream/subscriber.ts";
import { Backoff } from "./backoff.ts";
import type { PushTarget } from "./target.ts";

/** How pushes behave. */
export interface PushOptions {
  readonly chunkSize: number;
  readonly queue: QueueLimits;
  readonly events: EventHub;
  readonly clock: Clock;
}

const dialTimeoutMs = 10_000;

/** A target that comes back is found again within the longest pause. */
const backoffLimits = { initialMs: 500, maxMs: 5_000 };

/** A target that takes nothing for this long is dialled anew, in milliseconds. */
const stallMs = 10_000;

const tickMs = 1_000;

/** Pushes every published stream to one target. */
export class PushOutput implements Output {
  readonly #target: PushTarget;
  readonly #options: PushOptions;

  constructor(target: PushTarget, options: PushOptions) {
    this.#target = target;
    this.#options = options;
  }

  open(stream: Stream): (reason: EndReason) => void {
    const push = new Push({ stream, target: this.#target, options: this.#options });
    return (reason) => push.close(reason);
  }
}

/**
 * One published stream on its way to one target: connects, and connects again for as long as the publish lasts. Each connection is a
 * subscriber of its own, so it starts like a late joiner, and what a slow target does not take is dropped by the rules of a slow player.
 */
class Push {
  readonly #stream: Stream;
  readonly #target: PushTarget;
  readonly #options: PushOptions;
  readonly #backoff = new Backoff(backoffLimits);
  #link: Link | undefined;
  #cancelRetry: Cancel | undefined;
  #hasStarted = false;
  #startedAt = 0;
  #lastError: string | undefined;
  #isOver = false;

  constructor(parts: { stream: Stream; target: PushTarget; options: PushOptions }) {
    this.#stream = parts.stream;
    this.#target = parts.target;
    this.#options = parts.options;
    this.#dial();
  }

  /**
   * Ends the push. The target is told, unless the publisher may come back: then it sees a connection that was cut, as we do, and
   * lets its own players wait.
   */
  close(reason: EndReason): void {
    this.#isOver = true;
    this.#cancelRetry?.();
    if (mayComeBack(reason)) this.#link?.cut();
    else this.#link?.close();
    if (!this.#hasStarted) return;
    this.#options.events.emit({
      kind: "relayStopped",
      path: this.#stream.path,
      target: this.#target.label,
      reason,
    });
  }

  #dial(): void {
    this.#link = new Link({
      stream: this.#stream,
      target: this.#target,
      options: this.#options,
      started: () => this.#started(),
      ended: (error) => this.#ended(error),
    });
  }

  #started(): void {
    this.#hasStarted = true;
    this.#startedAt = this.#options.clock.now();
    this.#lastError = undefined;
    this.#options.events.emit({ kind: "relayStarted", path: this.#stream.path, target: this.#target.label });
  }

  #ended(error: Error): void {
    this.#link = undefined;
    if (this.#isOver) return;
    // A target that lets us in and hangs up at once has failed as well.
    if (this.#hasStarted && this.#options.clock.now() - this.#startedAt > backoffLimits.maxMs)
      this.#backoff.succeed();
    this.#hasStarted = false;
    const retryInMs = this.#backoff.fail();
    const text = redactStreamName(messageOf(error), this.#target.urlFor(this.#stream.path));
    // Once per change, not once per attempt.
    if (text !== this.#lastError) {
      this.#lastError = text;
      const { path } = this.#stream;
      const attempt = this.#backoff.failures;
      this.#options.events.emit({
        kind: "relayFailed",
        path,
        target: this.#target.label,
        error: text,
        attempt,
        retryInMs,
      });
    }
    this.#cancelRetry = this.#options.clock.after(retryInMs, () => this.#dial());
  }
}

/** One connection of a push. */
class Link implements Subscriber {
  readonly #stream: Stream;
  readonly #options: PushOptions;
  readonly #client: Client;
  readonly #cancelTick: Cancel;
  #feed: Feed | undefined;
  readonly #stall = new Standstill();

  constructor(parts: {
    stream: Stream;
    target: PushTarget;
    options: PushOptions;
    started: () => void;
    ended: (error: Error) => void;
  }) {
    const { stream, target, options, started, ended } = parts;
    const { chunkSize, clock } = options;
    this.#stream = stream;
    this.#options = options;
    this.#client = new Client(
      { url: target.urlFor(stream.path), action: "publish", chunkSize, clock, timeoutMs: dialTimeoutMs },
      {
        started: (streamId) => {
          started();
          this.#begin(streamId);
        },
        drained: () => this.#feed?.drained(),
        closed: (error) => {
          this.#cancelTick();
          stream.detach(this);
          if (error) ended(error);
        },
      },
    );
    this.#cancelTick = clock.every(tickMs, () => this.#tick());
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.#stream.detach(this);
    this.#client.cut();
  }

  /** Sends what waits and says goodbye. */
  close(): void {
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
      now: this.#options.clock.now(),
    });
    if (stuckMs >= stallMs)
      this.#client.abort(new TransportError("TIMEOUT", `target took nothing for ${stallMs} ms`));
  }
}
