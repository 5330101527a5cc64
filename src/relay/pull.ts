import { messageOf, RefusedError, TransportError } from "../base/errors.ts";
import { formatHostPort } from "../base/host-port.ts";
import type { Logger } from "../base/log.ts";
import { Standstill } from "../base/standstill.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import type { EndReason, Peer } from "../stream/event.ts";
import type { Publication } from "../stream/publication.ts";
import type { Registry } from "../stream/registry.ts";
import { Backoff } from "./backoff.ts";
import type { Source, SourceLink } from "./source.ts";

/** What a pull needs of the house around it. */
export interface PullContext {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is pulled, and what it becomes here. */
export interface PullOrder {
  readonly path: StreamPath;
  readonly from: Source;
  /** The URL as people may see it. */
  readonly label: string;
  /** Names the source in logs and events, unique in this process. */
  readonly connId: string;
}

const dialTimeoutMs = 10_000;

/** A source that comes back is found again within the longest pause. */
const backoffLimits = { initialMs: 500, maxMs: 5_000 };

/** A server that sends nothing for this long is dialled anew, in milliseconds. */
const silenceMs = 10_000;

const tickMs = 1_000;

/**
 * One stream of another server on its way to us: connects, and connects again for as long as it is wanted. It is published here with
 * the first media that comes, so that a server that lets us play what it does not have yet makes no empty stream.
 */
export class Pull {
  readonly #order: PullOrder;
  readonly #context: PullContext;
  readonly #peer: Peer;
  readonly #backoff = new Backoff(backoffLimits);
  readonly #silence = new Standstill();
  #link: SourceLink | undefined;
  #publication: Publication | undefined;
  #cancelRetry: Cancel | undefined;
  #cancelTick: Cancel | undefined;
  #publishedAt: number | undefined;
  #lastError: string | undefined;
  #isOver = false;

  constructor(order: PullOrder, context: PullContext) {
    this.#order = order;
    this.#context = context;
    const { host, port, kind } = order.from;
    this.#peer = { connId: order.connId, remote: formatHostPort({ host, port }), kind, id: "" };
    this.#dial();
  }

  /** Ends the pull for good; `reason` is what readers and events hear. */
  close(reason: EndReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelRetry?.();
    this.#unpublish(reason);
    this.#link?.close();
  }

  #dial(): void {
    const { clock } = this.#context;
    const link = this.#order.from.dial(
      {
        started: () => {
          this.#cancelTick = clock.every(tickMs, () => this.#tick(link));
        },
        publication: (kinds) => this.#begun(kinds),
        turnEnded: () => this.#publication?.flush(),
        closed: (error) => this.#ended(error),
      },
      { clock, timeoutMs: dialTimeoutMs },
    );
    this.#link = link;
  }

  /** The publication that media go to: it begins with the first of them. */
  #begun(kinds: number | undefined): Publication | undefined {
    if (this.#isOver) return undefined;
    this.#publication ??= this.#publish(kinds);
    return this.#publication;
  }

  #publish(kinds: number | undefined): Publication | undefined {
    const { registry, clock, log } = this.#context;
    const { path, label } = this.#order;
    try {
      const publication = registry.publish(path, {
        peer: this.#peer,
        publishType: "live",
        isSource: true,
        ...(kinds === undefined ? {} : { kinds }),
        evicted: (reason) => this.#evicted(reason),
      });
      this.#publishedAt = clock.now();
      this.#lastError = undefined;
      log.info("source connected", { stream_key: path, source_url: label });
      return publication;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#link?.abort(error);
      return undefined;
    }
  }

  #unpublish(reason: EndReason): void {
    const publication = this.#publication;
    this.#publication = undefined;
    publication?.end(reason);
  }

  /** The stream was taken away: it comes back as long as it is configured. */
  #evicted(reason: EndReason): void {
    this.#publication = undefined;
    if (reason === "unconfigured") {
      this.close(reason);
      return;
    }
    this.#link?.abort(new RefusedError("NOT_FOR_PUBLISHERS", `the stream was taken away: ${reason}`));
  }

  #ended(error: Error | undefined): void {
    this.#link = undefined;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#silence.note(0, { shouldMove: false, now: this.#context.clock.now() });
    this.#unpublish("client_disconnect");
    if (this.#isOver) return;
    const { clock } = this.#context;
    // A server that lets us in and hangs up at once has failed as well.
    if (this.#publishedAt !== undefined && clock.now() - this.#publishedAt > backoffLimits.maxMs)
      this.#backoff.succeed();
    this.#publishedAt = undefined;
    const retryInMs = this.#backoff.fail();
    this.#report(error, retryInMs);
    this.#cancelRetry = clock.after(retryInMs, () => this.#dial());
  }

  /** Once per change, not once per attempt. */
  #report(error: Error | undefined, retryInMs: number): void {
    const { path, label, from } = this.#order;
    const text = from.redact(messageOf(error ?? "closed"));
    if (text === this.#lastError) return;
    this.#lastError = text;
    const retry_ms = Math.round(retryInMs);
    this.#context.log.warn("source failed", { stream_key: path, source_url: label, error: text, retry_ms });
  }

  #tick(link: SourceLink): void {
    const { clock } = this.#context;
    const silentMs = this.#silence.note(link.bytesReceived, { shouldMove: true, now: clock.now() });
    if (silentMs >= silenceMs)
      link.abort(new TransportError("TIMEOUT", `the server sent nothing for ${silenceMs} ms`));
  }
}
