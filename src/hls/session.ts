import { RefusedError } from "../base/errors.ts";
import { formatHostPort } from "../base/host-port.ts";
import type { Clock } from "../base/time.ts";
import type { EndReason, EventHub, Peer } from "../stream/event.ts";
import type { Registry } from "../stream/registry.ts";
import type { Stream } from "../stream/stream.ts";
import type { Reader } from "../stream/subscriber.ts";
import type { Muxer } from "./muxer.ts";
import type { Muxers } from "./muxers.ts";
import type { Viewer } from "./viewer.ts";

/** What a session needs of the house around it. */
export interface SessionContext {
  readonly registry: Pick<Registry, "subscribe">;
  readonly muxers: Pick<Muxers, "of">;
  readonly events: EventHub;
  readonly clock: Clock;
}

/** How a session begins. */
export interface SessionOptions {
  readonly viewer: Viewer;
  readonly connId: string;
  readonly id: string;
  /** Who proved to be whom; empty for somebody without a name. */
  readonly user: string;
  /** What addresses of this session hold; undefined where they need nothing. */
  readonly token: string | undefined;
}

/** What a session shows of itself. */
export interface HlsSessionView {
  readonly peer: Peer;
  readonly created: Date;
  readonly path: string;
  /** Credentials included. */
  readonly query: string;
  readonly user: string;
  readonly userAgent: string;
  readonly isCdn: boolean;
  readonly bytesSent: number;
}

/**
 * Somebody who watches by HLS, from the first request to the last. For the stream it is a reader like any other, though it takes
 * nothing of what is delivered: that is the muxer's.
 */
export class HlsSession implements Reader {
  readonly isFetching = true;
  readonly peer: Peer;
  readonly query: string;
  readonly viewer: Viewer;
  readonly token: string | undefined;
  readonly created: Date;
  readonly #context: SessionContext;
  readonly #user: string;
  readonly #muxer = Promise.withResolvers<Muxer>();
  #known: Muxer | undefined;
  #stream: Stream | undefined;
  #isLive = false;
  #playsSince: number | undefined;
  #isOver = false;
  #lastRequestAt: number;
  #requests = 0;
  #bytesSent = 0;

  constructor(options: SessionOptions, context: SessionContext) {
    const { viewer, connId, id, user, token } = options;
    this.#context = context;
    this.viewer = viewer;
    this.query = viewer.query;
    this.token = token;
    this.#user = user;
    const remote = formatHostPort({ host: viewer.ip, port: viewer.port });
    this.peer = { connId, remote, kind: "hlsSession", id };
    this.created = context.clock.date();
    this.#lastRequestAt = context.clock.now();
    // Nobody may be waiting any more when it fails.
    this.#muxer.promise.catch(() => undefined);
  }

  /** Whether it reads no longer: its stream is over, or it was ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get view(): HlsSessionView {
    const { peer, created, query } = this;
    const { path, userAgent, isCdn } = this.viewer;
    return { peer, created, path, query, user: this.#user, userAgent, isCdn, bytesSent: this.#bytesSent };
  }

  /** Its stream as HLS, where that is known. */
  get muxer(): Muxer | undefined {
    return this.#known;
  }

  /** Its stream as HLS, as soon as it is there. Rejects with RefusedError STREAM_NOT_FOUND where it does not come. */
  get whenReady(): Promise<Muxer> {
    return this.#muxer.promise;
  }

  /** Begins to read. @throws RefusedError TOO_MANY_READERS, PATH_NOT_CONFIGURED, SHUTTING_DOWN */
  open(): void {
    this.#stream = this.#context.registry.subscribe(this.viewer.path, this);
    if (this.#isOver) this.#stream.unsubscribe(this);
    else if (this.#isLive) this.#enter(this.#stream);
  }

  /** A request of its begins. */
  beginRequest(): void {
    this.#requests++;
    this.#lastRequestAt = this.#context.clock.now();
  }

  /** A request is answered with so many bytes. */
  endRequest(bytes: number): void {
    this.#requests--;
    this.#bytesSent += bytes;
    this.#lastRequestAt = this.#context.clock.now();
    this.#known?.noteAnswer(bytes);
    if (!this.#isOver) this.#stream?.noteFetched(bytes);
  }

  /** Whether it has asked for nothing within `ms`. */
  isIdle(ms: number): boolean {
    return this.#requests === 0 && this.#context.clock.now() - this.#lastRequestAt > ms;
  }

  start(): void {
    this.#isLive = true;
    if (this.#stream) this.#enter(this.#stream);
  }

  deliver(): void {
    // What it gets are segments.
  }

  interrupt(): void {
    // The playlist says so.
  }

  end(reason: EndReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { path } = this.viewer;
    const what = reason === "refused" ? "was not published in time" : "is no longer published";
    this.#muxer.reject(new RefusedError("STREAM_NOT_FOUND", `stream ${path} ${what}`));
    this.#told(reason);
  }

  fail(error: unknown): void {
    this.#muxer.reject(error);
    this.close("error");
  }

  /** Ends it. */
  close(reason: EndReason): void {
    this.#stream?.unsubscribe(this);
    this.end(reason);
  }

  #enter(stream: Stream): void {
    if (this.#known) return;
    const { muxers, events, clock } = this.#context;
    this.#known = muxers.of(stream);
    this.#muxer.resolve(this.#known);
    this.#playsSince = clock.now();
    events.emit({ kind: "playStarted", path: this.viewer.path, peer: this.peer, query: this.query });
  }

  #told(reason: EndReason): void {
    const since = this.#playsSince;
    if (since === undefined) return;
    this.#playsSince = undefined;
    const { events, clock } = this.#context;
    events.emit({
      kind: "playStopped",
      path: this.viewer.path,
      peer: this.peer,
      reason,
      durationMs: clock.now() - since,
      bytesSent: this.#bytesSent,
      droppedFrames: 0,
    });
  }
}
