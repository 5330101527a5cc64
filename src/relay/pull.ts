import { messageOf, RefusedError, TransportError } from "../base/errors.ts";
import { formatHostPort } from "../base/host-port.ts";
import type { Logger } from "../base/log.ts";
import { Standstill } from "../base/standstill.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { amf0Body } from "../rtmp/command.ts";
import { Client } from "../rtmp/io/dialer.ts";
import { takeMedia } from "../rtmp/io/media-intake.ts";
import { type Message, messageType } from "../rtmp/message.ts";
import { redactStreamName } from "../rtmp/url.ts";
import type { EndReason, Peer } from "../stream/event.ts";
import type { Publication } from "../stream/publication.ts";
import type { Registry } from "../stream/registry.ts";
import { Backoff } from "./backoff.ts";
import type { ServerUrl } from "./server-url.ts";

/** What a pull needs of the house around it. */
export interface PullContext {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is pulled, and what it becomes here. */
export interface PullOrder {
  readonly path: StreamPath;
  readonly from: ServerUrl;
  /** SHA-256 of the other server's certificate; empty for one that can be verified. */
  readonly fingerprint: string;
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

/** Of commands and acknowledgements; nothing that a player sends has to be in larger chunks. */
const chunkSize = 4_096;

/** More data than this comes before no stream. */
const maxEarlyMessages = 16;

/** Data by which servers tell a player that it plays. They are no part of the stream. */
const playNotices = ["onStatus", "|RtmpSampleAccess"].map((name) =>
  Buffer.from(`\x02\0${String.fromCharCode(name.length)}${name}`, "latin1"),
);

const isPlayNotice = (message: Message): boolean => {
  // The body of a picture may lie in pieces, which nobody needs in one run.
  if (message.typeId === messageType.audio || message.typeId === messageType.video) return false;
  const body = amf0Body(message.typeId, message.payload);
  return playNotices.some((notice) => notice.equals(body.subarray(0, notice.length)));
};

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
  #client: Client | undefined;
  #publication: Publication | undefined;
  #cancelRetry: Cancel | undefined;
  #cancelTick: Cancel | undefined;
  #publishedAt: number | undefined;
  #lastError: string | undefined;
  /** Data that came before the first sound or picture. */
  readonly #early: Message[] = [];
  #isOver = false;

  constructor(order: PullOrder, context: PullContext) {
    this.#order = order;
    this.#context = context;
    const { host, port } = order.from.url;
    this.#peer = {
      connId: order.connId,
      remote: formatHostPort({ host, port }),
      kind: "rtmpSource",
      id: "",
    };
    this.#dial();
  }

  /** Ends the pull for good; `reason` is what readers and events hear. */
  close(reason: EndReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelRetry?.();
    this.#unpublish(reason);
    this.#client?.close();
  }

  #dial(): void {
    const { from, fingerprint } = this.#order;
    const { clock } = this.#context;
    const client = new Client(
      {
        url: from.url,
        action: "play",
        chunkSize,
        clock,
        timeoutMs: dialTimeoutMs,
        fingerprint,
        login: from.login,
      },
      {
        started: () => {
          this.#cancelTick = clock.every(tickMs, () => this.#tick(client));
        },
        media: (message) => this.#take(message),
        turnEnded: () => this.#publication?.flush(),
        drained: () => undefined,
        closed: (error) => this.#ended(error),
      },
    );
    this.#client = client;
  }

  #take(message: Message): void {
    if (this.#isOver || isPlayNotice(message)) return;
    if (!this.#publication && !this.#begin(message)) return;
    if (this.#publication) takeMedia(this.#publication, message);
  }

  /** Publishes with the first sound or picture. Metadata come before it, and once only: they are kept. */
  #begin(message: Message): boolean {
    if (message.typeId !== messageType.audio && message.typeId !== messageType.video) {
      if (this.#early.length < maxEarlyMessages) this.#early.push(message);
      return false;
    }
    if (message.body.length === 0) return false;
    const publication = this.#publish();
    this.#publication = publication;
    if (publication) for (const early of this.#early.splice(0)) takeMedia(publication, early);
    return publication !== undefined;
  }

  #publish(): Publication | undefined {
    const { registry, clock, log } = this.#context;
    const { path, label } = this.#order;
    try {
      const publication = registry.publish(path, {
        peer: this.#peer,
        publishType: "live",
        isSource: true,
        evicted: (reason) => this.#evicted(reason),
      });
      this.#publishedAt = clock.now();
      this.#lastError = undefined;
      log.info("source connected", { stream_key: path, source_url: label });
      return publication;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#client?.abort(error);
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
    this.#client?.abort(new RefusedError("NOT_FOR_PUBLISHERS", `the stream was taken away: ${reason}`));
  }

  #ended(error: Error | undefined): void {
    this.#client = undefined;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#silence.note(0, { shouldMove: false, now: this.#context.clock.now() });
    this.#early.length = 0;
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
    const text = redactStreamName(messageOf(error ?? "closed"), from.url);
    if (text === this.#lastError) return;
    this.#lastError = text;
    const retry_ms = Math.round(retryInMs);
    this.#context.log.warn("source failed", { stream_key: path, source_url: label, error: text, retry_ms });
  }

  #tick(client: Client): void {
    const { clock } = this.#context;
    const silentMs = this.#silence.note(client.bytesReceived, { shouldMove: true, now: clock.now() });
    if (silentMs >= silenceMs)
      client.abort(new TransportError("TIMEOUT", `the server sent nothing for ${silenceMs} ms`));
  }
}
