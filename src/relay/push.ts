import { messageOf } from "../base/errors.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { redactStreamName } from "../rtmp/url.ts";
import { type EndReason, type EventHub, mayComeBack } from "../stream/event.ts";
import type { Stream } from "../stream/stream.ts";
import { Backoff } from "./backoff.ts";
import { Link, type LinkOptions } from "./push-link.ts";
import type { PushTarget } from "./target.ts";

/** What pushes need of the house around them. */
export interface PushContext {
  readonly events: EventHub;
  readonly clock: Clock;
  /** What holds for the next connection. */
  readonly options: () => LinkOptions;
}

/** How a push is getting on. */
export interface PushView {
  /** The last attempt has failed, and none has succeeded since: `lastError` says how. */
  readonly hasFailed: boolean;
  readonly lastError: string;
  /** Bytes that the target's sockets have taken. */
  readonly bytesSent: number;
}

/** A target that comes back is found again within the longest pause. */
const backoffLimits = { initialMs: 500, maxMs: 5_000 };

/**
 * One published stream on its way to one target: connects, and connects again for as long as the publish lasts. Each connection is a
 * subscriber of its own, so it starts like a late joiner, and what a slow target does not take is dropped by the rules of a slow player.
 */
export class Push {
  readonly #stream: Stream;
  readonly #target: PushTarget;
  readonly #context: PushContext;
  readonly #backoff = new Backoff(backoffLimits);
  #link: Link | undefined;
  #cancelRetry: Cancel | undefined;
  #hasStarted = false;
  #startedAt = 0;
  #lastError: string | undefined;
  #isOver = false;
  /** Bytes of connections that are gone. */
  #bytesSent = 0;

  constructor(parts: { stream: Stream; target: PushTarget; context: PushContext }) {
    this.#stream = parts.stream;
    this.#target = parts.target;
    this.#context = parts.context;
    this.#dial();
  }

  /** How it is getting on. */
  get view(): PushView {
    return {
      hasFailed: this.#lastError !== undefined,
      lastError: this.#lastError ?? "",
      bytesSent: this.#bytesSent + (this.#link?.bytesSent ?? 0),
    };
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
    this.#context.events.emit({
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
      options: this.#context.options(),
      clock: this.#context.clock,
      started: () => this.#started(),
      ended: (error) => {
        if (error) this.#ended(error);
      },
    });
  }

  #started(): void {
    this.#hasStarted = true;
    this.#startedAt = this.#context.clock.now();
    this.#lastError = undefined;
    this.#context.events.emit({ kind: "relayStarted", path: this.#stream.path, target: this.#target.label });
  }

  #ended(error: Error): void {
    this.#bytesSent += this.#link?.bytesSent ?? 0;
    this.#link = undefined;
    if (this.#isOver) return;
    // A target that lets us in and hangs up at once has failed as well.
    if (this.#hasStarted && this.#context.clock.now() - this.#startedAt > backoffLimits.maxMs)
      this.#backoff.succeed();
    this.#hasStarted = false;
    const retryInMs = this.#backoff.fail();
    const text = redactStreamName(messageOf(error), this.#target.urlFor(this.#stream.path));
    // Once per change, not once per attempt.
    if (text !== this.#lastError) {
      this.#lastError = text;
      const { path } = this.#stream;
      const attempt = this.#backoff.failures;
      this.#context.events.emit({
        kind: "relayFailed",
        path,
        target: this.#target.label,
        error: text,
        attempt,
        retryInMs,
      });
    }
    this.#cancelRetry = this.#context.clock.after(retryInMs, () => this.#dial());
  }
}
