import { messageOf, RefusedError } from "../../base/errors.ts";
import { Standstill } from "../../base/standstill.ts";
import type { Batch } from "../../stream/batch.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import { Feed } from "../../stream/feed.ts";
import { Outbox } from "../../stream/outbox.ts";
import type { Stream } from "../../stream/stream.ts";
import type { Reader } from "../../stream/subscriber.ts";
import { flvForm } from "../stream-form.ts";
import { flvHeader } from "../tag.ts";
import type { FlvConnection, FlvConnView, FlvContext, FlvOrder } from "./session-context.ts";

/** A stream that has not shown its tracks by then goes without its header saying which there are, in milliseconds. */
const headerPatienceMs = 4_000;

/**
 * So much of a stream leaves in one write, in milliseconds: three pictures of the usual thirty a second. Each write costs the kernel about the
 * same whatever its size. RTMP has Nagle's algorithm do so, which an HTTP server of Bun cannot have.
 */
const writeMs = 50;

/**
 * Somebody who reads a stream as FLV that goes on and on, over HTTP or a WebSocket. The header of FLV has to say which kinds of media
 * follow, and players believe it: so nothing leaves before that is known.
 */
export class FlvSession implements Reader {
  readonly peer: Peer;
  readonly order: FlvOrder;
  /** Settles once the stream is there, or with why it is not to be had. */
  readonly begun: Promise<RefusedError | undefined>;
  readonly #context: FlvContext;
  readonly #left: (session: FlvSession) => void;
  readonly #settle: (refusal: RefusedError | undefined) => void;
  readonly #outbox: Outbox;
  readonly #feed: Feed;
  readonly #stall = new Standstill();
  readonly #created: Date;
  readonly #openedAt: number;
  #connection: FlvConnection | undefined;
  #stream: Stream | undefined;
  /** When the stream was there. */
  #startedAt: number | undefined;
  #hasHeader = false;
  /** What waits for more to leave with. */
  #held: Batch | undefined;
  /** Set once the stream is over while packets still wait. */
  #ending: EndReason | undefined;
  #isOver = false;

  /** `left` is called when it is over. */
  constructor(
    order: FlvOrder,
    { peer, context, left }: { peer: Peer; context: FlvContext; left: (session: FlvSession) => void },
  ) {
    this.peer = peer;
    this.order = order;
    this.#context = context;
    this.#left = left;
    const { promise, resolve } = Promise.withResolvers<RefusedError | undefined>();
    this.begun = promise;
    this.#settle = resolve;
    this.#outbox = new Outbox({ write: (bytes) => this.#write(bytes) });
    this.#feed = new Feed({ form: flvForm, outbox: this.#outbox, limits: context.options.readerQueue });
    this.#created = context.clock.date();
    this.#openedAt = context.clock.now();
  }

  get query(): string {
    return this.order.query;
  }

  /** What it is doing. */
  get view(): FlvConnView {
    const { path, query, user, userAgent, transport } = this.order;
    return {
      ...{ path, query, user, userAgent, transport, peer: this.peer, created: this.#created },
      state: this.#startedAt === undefined ? "idle" : "read",
      bytesSent: this.#outbox.bytesSent,
      framesDiscarded: this.#feed.dropped,
    };
  }

  /** Asks for the stream. {@link begun} tells what came of it. */
  subscribe(): void {
    try {
      const stream = this.#context.registry.subscribe(this.order.path, this);
      if (this.#isOver) stream.unsubscribe(this);
      else this.#stream = stream;
      this.#sendHeader();
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#refuse(error);
    }
  }

  // ---- the connection's calls ----------------------------------------------------------------------------------

  /** There is a connection that takes bytes. */
  connect(connection: FlvConnection): void {
    if (this.#isOver) {
      connection.terminate();
      return;
    }
    this.#connection = connection;
    this.#sendHeader();
  }

  /** The connection has room again. */
  drained(): void {
    this.#outbox.drained();
    this.#feed.drained();
    this.#endWhenEmpty();
  }

  /** The client has gone. */
  gone(): void {
    this.#finish("client_disconnect");
  }

  // ---- the stream's calls --------------------------------------------------------------------------------------

  start(): void {
    const { clock, events } = this.#context;
    this.#startedAt = clock.now();
    this.#settle(undefined);
    events.emit({ kind: "playStarted", path: this.order.path, peer: this.peer, query: this.query });
  }

  deliver(batch: Batch): void {
    this.#held = this.#held ? this.#held.joinedBy(batch) : batch;
    if (this.#held.spanMs >= writeMs || this.#context.options.isLowLatency) this.#release();
  }

  interrupt(): void {
    this.#release();
    this.#feed.awaitKey();
  }

  end(reason: EndReason): void {
    if (this.#startedAt === undefined) {
      this.#refuse(refusalOf(reason, this.order.path));
      return;
    }
    this.#release();
    this.#ending = reason;
    this.#endWhenEmpty();
  }

  fail(error: unknown): void {
    const stack = error instanceof Error ? error.stack : undefined;
    const conn_id = this.peer.connId;
    this.#context.log.error("session failed, this is a defect of the server", {
      conn_id,
      error: messageOf(error),
      stack,
    });
    this.close("error");
  }

  // ---- the end -------------------------------------------------------------------------------------------------

  /** Ends it from our side. */
  close(reason: EndReason): void {
    if (this.#startedAt === undefined) this.#settle(refusalOf(reason, this.order.path));
    const isInOrder = this.#outbox.isClear;
    // A connection may say at once that it is gone, which is no reason any more.
    this.#finish(reason);
    if (isInOrder) this.#connection?.end();
    else this.#connection?.terminate();
  }

  /** A second or so has passed. */
  tick(now: number): void {
    this.#release();
    if (!this.#hasHeader) this.#sendHeader();
    const shouldMove = this.#hasHeader && !this.#outbox.isClear;
    const stuckMs = this.#stall.note(this.#outbox.bytesSent, { shouldMove, now });
    if (stuckMs === 0 || stuckMs < this.#context.options.stallTimeoutMs) return;
    const took = `peer took nothing for ${Math.round(stuckMs)} ms`;
    const message = `${took} while ${this.#outbox.bytesWaiting} bytes wait`;
    const { peer } = this;
    this.#context.events.emit({
      kind: "connectionFailed",
      peer,
      code: "PEER_STALLED",
      message,
      phase: "play",
    });
    this.close("stalled");
  }

  #endWhenEmpty(): void {
    const reason = this.#ending;
    if (reason === undefined) return;
    this.#sendHeader();
    // The header may have taken all of it along.
    if (this.#isOver || !this.#feed.isEmpty || !this.#outbox.isClear) return;
    this.#finish(reason);
    this.#connection?.end();
  }

  #refuse(error: RefusedError): void {
    const { code, message } = error;
    const { path } = this.order;
    const { peer } = this;
    this.#context.events.emit({ kind: "requestRefused", action: "play", peer, path, code, message });
    this.#settle(error);
    this.#finish("refused");
  }

  /** Once: what counted it is told that it is over. */
  #finish(reason: EndReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outbox.close();
    this.#stream?.unsubscribe(this);
    this.#settle(undefined);
    const { clock, events } = this.#context;
    const { peer } = this;
    const { path } = this.order;
    const now = clock.now();
    const { bytesSent } = this.#outbox;
    if (this.#startedAt !== undefined)
      events.emit({
        ...{ kind: "playStopped", path, peer, reason, bytesSent },
        durationMs: now - this.#startedAt,
        droppedFrames: this.#feed.dropped,
      });
    events.emit({
      ...{ kind: "connectionClosed", peer, role: "subscriber", path, reason, bytesSent, bytesReceived: 0 },
      durationMs: now - this.#openedAt,
    });
    this.#left(this);
  }

  #release(): void {
    const batch = this.#held;
    if (!batch) return;
    this.#held = undefined;
    this.#feed.deliver(batch);
    if (!this.#hasHeader) this.#sendHeader();
  }

  // ---- bytes ---------------------------------------------------------------------------------------------------

  #write(bytes: Uint8Array): number {
    return this.#hasHeader ? (this.#connection?.write(bytes) ?? 0) : 0;
  }

  /** Sends the header as soon as its connection takes bytes and it is known what it has to say; what waits follows. */
  #sendHeader(): void {
    const [connection, stream, since] = [this.#connection, this.#stream, this.#startedAt];
    if (this.#hasHeader || !connection || !stream || since === undefined) return;
    const isKnown = stream.availableSince !== undefined;
    const isLate = this.#ending !== undefined || this.#context.clock.now() - since >= headerPatienceMs;
    if (!isKnown && !isLate) return;
    const has = (kind: "audio" | "video"): boolean =>
      stream.tracks.length === 0 || stream.tracks.some((track) => track.kind === kind);
    connection.write(flvHeader({ hasAudio: has("audio"), hasVideo: has("video") }));
    this.#hasHeader = true;
    this.drained();
  }
}

/** Why a stream is not to be had, by how waiting for it ended. */
const refusalOf = (reason: EndReason, path: string): RefusedError =>
  reason === "server_shutdown"
    ? new RefusedError("SHUTTING_DOWN", "the server is shutting down")
    : new RefusedError("STREAM_NOT_FOUND", `stream ${path} was not published in time`);
