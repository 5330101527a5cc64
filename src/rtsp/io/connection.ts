import { messageOf, RefusedError, WireError } from "../../base/errors.ts";
import { splitAddress } from "../../base/host-port.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import { Outbox } from "../../stream/outbox.ts";
import type { HeaderField } from "../headers.ts";
import { encodeResponse, type RtspRequest } from "../message.ts";
import { RtspReader } from "../request-reader.ts";
import type { Answer } from "./answer.ts";
import type { AnySession } from "./any-session.ts";
import { ConnectionWatch } from "./connection-watch.ts";
import { type Denial, Doorman } from "./doorman.ts";
import { statusOf } from "./refusal.ts";
import { publicMethods, RequestHandler } from "./request-handler.ts";
import type { StreamName } from "./request-name.ts";
import type { SessionConnection } from "./session.ts";
import { type RtspContext, type RtspSocket, sessionTimeoutMs } from "./session-context.ts";

/** How long a client may take to hang up after all is over, in milliseconds. */
const lingerMs = 1_000;

/** What a client may send while an earlier request of it waits, in bytes: a few requests and reports. */
const maxEarlyBytes = 64 * 1024;

/** What a connection is doing, for whoever looks at connections. */
export interface RtspConnectionView {
  readonly peer: Peer;
  readonly created: Date;
  /** Id of the session that was made on it. */
  readonly session: string | undefined;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/**
 * One RTSP client: the glue between its socket, the requests it makes and its session. Everything is synchronous; one call of
 * {@link data} is one turn. A session lives no longer than the connection it was made on.
 */
export class RtspConnection implements SessionConnection {
  readonly peer: Peer;
  readonly host: string;
  readonly isTls: boolean;
  readonly outbox: Outbox;
  readonly #socket: RtspSocket;
  readonly #context: RtspContext;
  readonly #refusal: RefusedError | undefined;
  readonly #reader = new RtspReader();
  readonly #doorman: Doorman;
  readonly #handler: RequestHandler;
  readonly #watch: ConnectionWatch;
  readonly #openedAt: number;
  readonly #created: Date;
  #role: "publisher" | "subscriber" | "" = "";
  #name: StreamName | undefined;
  #bytesReceived = 0;
  /** A request waits for something that is not to be decided but to happen: the next ones wait behind it. */
  #isHeld = false;
  #earlyBytes = 0;
  #isPaused = false;
  /** Set once the connection is to be closed, to the reason. */
  #closing: EndReason | undefined;
  #hangUpAt: number | undefined;
  #isClosed = false;
  #isInTurn = false;

  /** With `refusal` the client hears of it with its first request, and nothing else. */
  constructor(options: {
    peer: Peer;
    socket: RtspSocket;
    context: RtspContext;
    sessions: { add(session: AnySession): void; remove(session: AnySession): void };
    refusal?: RefusedError | undefined;
  }) {
    const { peer, socket, context, sessions, refusal } = options;
    this.peer = peer;
    this.host = splitAddress(peer.remote).ip;
    this.isTls = peer.kind === "rtspsSession";
    this.outbox = new Outbox(socket);
    this.#socket = socket;
    this.#context = context;
    this.#refusal = refusal;
    this.#doorman = new Doorman({
      context,
      held: () => socket.pause(),
      resumed: () => {
        socket.resume();
        this.#turn();
      },
    });
    this.#openedAt = context.clock.now();
    this.#created = context.clock.date();
    this.#watch = new ConnectionWatch(this.outbox, this.#openedAt);
    this.#handler = new RequestHandler({
      connection: this,
      peer,
      context,
      sessions,
      answer: (request, answer) => this.answer(request, answer),
      admitted: (request, order, proceed) => this.#admitted(request, order, proceed),
      hold: () => this.#hold(),
      refused: (request, refused) => this.#refused(request, refused),
    });
  }

  /** The name of the connection in the control API. */
  get id(): string {
    return this.peer.id;
  }

  /** What it is doing. */
  get view(): RtspConnectionView {
    return {
      peer: this.peer,
      created: this.#created,
      session: this.#handler.session?.peer.id,
      bytesReceived: this.#bytesReceived,
      bytesSent: this.outbox.bytesSent,
    };
  }

  // ---- the socket's calls --------------------------------------------------------------------------------------

  /** Bytes came: the buffer is ours from here on. */
  data(bytes: Uint8Array): void {
    if (this.#closing !== undefined) return;
    this.#bytesReceived += bytes.length;
    this.#reader.receive(bytes);
    if (this.#isHeld) this.#noteEarly(bytes.length);
    else this.#turn();
  }

  /** The socket has room again. */
  drain(): void {
    this.outbox.drained();
    this.#handler.session?.drained();
    this.#flush();
  }

  /** The socket is closed: nothing follows. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const reason = this.#closing ?? "client_disconnect";
    this.#closing = reason;
    this.outbox.close();
    this.#doorman.close();
    this.#handler.close(reason);
    const { clock, events } = this.#context;
    events.emit({
      kind: "connectionClosed",
      peer: this.peer,
      role: this.#role,
      path: this.#name?.path,
      reason,
      durationMs: clock.now() - this.#openedAt,
      bytesReceived: this.#bytesReceived,
      bytesSent: this.outbox.bytesSent,
    });
  }

  /** A second or so has passed. */
  tick(now: number): void {
    if (this.#hangUpAt !== undefined && now >= this.#hangUpAt) {
      this.#socket.terminate();
      return;
    }
    try {
      this.#checkStall(now);
      if (this.#closing === undefined) this.#checkSilence(now);
      if (this.#closing === undefined) this.#handler.session?.tick(now);
    } catch (error) {
      this.#fail(error);
    }
    this.#flush();
  }

  /** Ends the connection from our side, and its session with it. */
  close(reason: EndReason): void {
    if (this.#closing !== undefined) return;
    this.#closing = reason;
    this.#doorman.close();
    this.#handler.close(reason);
    this.#flush();
  }

  /** Cuts the connection, whatever still waits. */
  cut(): void {
    this.#socket.terminate();
  }

  // ---- the session's calls -------------------------------------------------------------------------------------

  /** See {@link SessionConnection}. */
  sessionStarted(role: "publisher" | "subscriber", name: StreamName): void {
    this.#role = role;
    this.#name = name;
    if (role === "subscriber" && !this.#context.options.isLowLatency) this.#socket.setNoDelay(false);
  }

  sessionEnded(reason: EndReason): void {
    this.close(reason);
  }

  sessionFailed(error: unknown): void {
    this.#fail(error);
    this.#flush();
  }

  // ---- requests ------------------------------------------------------------------------------------------------

  #turn(): void {
    this.#isInTurn = true;
    try {
      this.#handleUnits();
    } catch (error) {
      this.#fail(error);
    }
    this.#isInTurn = false;
    this.#handler.session?.flush();
    this.#flush();
  }

  /** While something is decided, or awaited, what the client has sent since stays where it is. */
  #handleUnits(): void {
    while (!this.#doorman.isWaiting && !this.#isHeld && this.#closing === undefined) {
      const unit = this.#reader.next();
      if (!unit) return;
      if (unit.kind === "interleaved") this.#handler.session?.interleaved(unit.channel, unit.payload);
      else if (unit.kind === "request") this.#handle(unit);
    }
  }

  #handle(request: RtspRequest): void {
    const now = this.#context.clock.now();
    this.#watch.noteRequest(now);
    this.#handler.session?.noteSign(now);
    if (this.#refusal) {
      this.answer(request, { status: statusOf(this.#refusal) ?? 503 });
      this.#noteFailure(this.#refusal);
      this.close("refused");
      return;
    }
    try {
      this.#handler.handle(request);
    } catch (error) {
      this.#refused(request, { error });
    }
  }

  /** Sends the answer to a request. */
  answer(request: RtspRequest, { status, headers = [], body }: Answer): void {
    const cseq = request.headers.get("CSeq");
    const fields: HeaderField[] = [
      ...(cseq === undefined ? [] : [["CSeq", cseq] as const]),
      ["Server", "rtmp-server"],
      ...headers,
    ];
    const bytes = encodeResponse({ status, headers: fields, ...(body ? { body } : {}) });
    this.#watch.noteAnswer(bytes.length);
    this.outbox.send(bytes);
  }

  /** Answers a request that was refused: by its error, or not at all where that is a fault. */
  #refused(
    request: RtspRequest,
    { error, action, name }: { error: unknown; action?: "publish" | "play"; name?: StreamName },
  ): void {
    const status = statusOf(error);
    if (status === undefined) {
      this.#fail(error);
      return;
    }
    this.answer(request, { status, ...(status === 405 ? { headers: [["Allow", publicMethods]] } : {}) });
    if (!(error instanceof RefusedError) || !action) {
      this.#context.log.debug("request refused", {
        conn_id: this.peer.connId,
        status,
        error: messageOf(error),
      });
      return;
    }
    this.#noteRefusal(action, name, error);
  }

  #noteRefusal(
    action: "publish" | "play",
    name: StreamName | undefined,
    { code, message }: RefusedError,
  ): void {
    const { peer } = this;
    this.#context.events.emit({ kind: "requestRefused", action, peer, path: name?.path, code, message });
  }

  // ---- access --------------------------------------------------------------------------------------------------

  /** Asks whether the client may do what it wants, and lets it. */
  #admitted(
    request: RtspRequest,
    order: { action: "publish" | "play"; name: StreamName; id: string },
    proceed: (user: string) => void,
  ): void {
    const { action, name, id } = order;
    const asked = { action: action === "publish" ? "publish" : "read", name, id, peer: this.peer } as const;
    this.#doorman.ask(request, asked, (admission) => {
      try {
        if (admission.isAllowed) proceed(admission.user);
        else this.#deny(request, order, admission);
      } catch (error) {
        this.#refused(request, { error, action, name });
      }
    });
  }

  /** Who has shown nothing is asked to; who has shown something wrong may try again. */
  #deny(
    request: RtspRequest,
    { action, name }: { action: "publish" | "play"; name: StreamName },
    denial: Denial,
  ): void {
    const { reason, message } = denial;
    if (reason === "unavailable") throw new RefusedError("ACCESS_UNAVAILABLE", message);
    this.answer(request, { status: 401, headers: this.#doorman.challenges() });
    if (this.#doorman.wasAttempt(request, denial))
      this.#noteRefusal(action, name, new RefusedError("ACCESS_DENIED", message));
  }

  /** Has the next requests wait. Gives what lets them go on. */
  #hold(): () => void {
    this.#isHeld = true;
    this.#earlyBytes = 0;
    return () => {
      if (!this.#isHeld) return;
      this.#isHeld = false;
      if (this.#isPaused) this.#socket.resume();
      this.#isPaused = false;
      if (!this.#isInTurn && this.#closing === undefined) this.#turn();
    };
  }

  #noteEarly(bytes: number): void {
    this.#earlyBytes += bytes;
    if (this.#earlyBytes <= maxEarlyBytes || this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  // ---- time and faults -----------------------------------------------------------------------------------------

  #checkSilence(now: number): void {
    const { requestTimeoutMs } = this.#context.options;
    const { session } = this.#handler;
    // Whoever waits for us is not silent.
    if (this.#isHeld || this.#doorman.isWaiting || session?.isActive) return;
    // Who was told for how long a session lasts may rely on it.
    const timeoutMs = session ? Math.max(requestTimeoutMs, sessionTimeoutMs) : requestTimeoutMs;
    this.#watch.checkSilence(now, timeoutMs);
  }

  /** A peer that takes nothing would not take a goodbye either: it is cut off. */
  #checkStall(now: number): void {
    const fault = this.#watch.stall(now, this.#context.options.stallTimeoutMs);
    if (!fault) return;
    this.#fail(fault);
    this.#socket.terminate();
  }

  #fail(error: unknown): void {
    if (this.#closing !== undefined) return;
    if (error instanceof WireError) {
      if (error.code === "RTSP_MESSAGE") this.outbox.send(encodeResponse({ status: 400 }));
      this.#noteFailure(error);
    } else {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#context.log.error("session failed, this is a defect of the server", {
        conn_id: this.peer.connId,
        error: messageOf(error),
        stack,
      });
    }
    this.close(reasonOf(error));
  }

  #noteFailure({ code, message }: WireError | RefusedError): void {
    const phase = this.#handler.session?.isActive ? "media" : "request";
    this.#context.events.emit({ kind: "connectionFailed", peer: this.peer, code, message, phase });
  }

  #flush(): void {
    if (this.#closing === undefined) {
      try {
        this.#watch.checkAnswers();
      } catch (error) {
        this.#fail(error);
      }
    }
    if (this.#closing === undefined || this.#hangUpAt !== undefined || !this.outbox.isClear) return;
    this.#hangUpAt = this.#context.clock.now() + lingerMs;
    this.#socket.end();
  }
}

const reasonOf = (error: unknown): EndReason => {
  if (!(error instanceof WireError)) return "error";
  switch (error.code) {
    case "IDLE_TIMEOUT":
      return "idle_timeout";
    case "PEER_STALLED":
      return "stalled";
    case "BITRATE":
      return "limit";
    default:
      return "error";
  }
};
