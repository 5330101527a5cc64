import { messageOf, RefusedError, unreachable, WireError } from "../../base/errors.ts";
import { splitAddress } from "../../base/host-port.ts";
import type { Admission, AdmissionRequest, Credentials } from "../../stream/admission.ts";
import { credentialsOfQuery } from "../../stream/credentials.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import type { ConnectRequest } from "../connect.ts";
import type { Message } from "../message.ts";
import { ServerConnection, type ServerEvent } from "../server-connection.ts";
import type { StreamName } from "../stream-name.ts";
import { Doorman } from "./doorman.ts";
import { Plays } from "./plays.ts";
import { Publications } from "./publications.ts";
import type { Screening, SessionContext, SessionSocket, SessionView } from "./session-context.ts";
import { SessionOutput } from "./session-output.ts";
import { SessionWatch } from "./session-watch.ts";

const welcome: Screening = { kind: "welcome" };

/** How long a client may take to hang up after it was told that all is over, in milliseconds. */
const lingerMs = 1_000;

/**
 * One RTMP client: the glue between its socket, its protocol machine and the streams. Everything is synchronous; one call of
 * {@link data} is one turn.
 */
export class Session {
  readonly peer: Peer;
  readonly #socket: SessionSocket;
  readonly #context: SessionContext;
  readonly #connection: ServerConnection;
  readonly #output: SessionOutput;
  readonly #doorman: Doorman;
  readonly #watch = new SessionWatch();
  readonly #publications: Publications;
  readonly #plays: Plays;
  readonly #refusal: RefusedError | undefined;
  readonly #openedAt: number;
  readonly #created: Date;
  #last: { role: "publisher" | "subscriber"; name: StreamName; user: string } | undefined;
  #connect: ConnectRequest | undefined;
  /** What the client proved itself with when it connected. */
  #credentials: Credentials | undefined;
  /** Set once the connection is to be closed, to the reason. */
  #closing: EndReason | undefined;
  #hangUpAt: number | undefined;
  #isClosed = false;
  /** Bytes of the client are being handled; what is owed goes out at the end of that. */
  #isInTurn = false;
  /** With `refusal` the client is told so as soon as it connects, and nothing else. */
  constructor(options: {
    peer: Peer;
    socket: SessionSocket;
    context: SessionContext;
    refusal?: RefusedError | undefined;
  }) {
    const { socket, context } = options;
    this.#refusal = options.refusal;
    this.peer = options.peer;
    this.#socket = socket;
    this.#context = context;
    this.#connection = new ServerConnection({ chunkSize: context.options.chunkSize });
    this.#output = new SessionOutput(socket, this.#connection);
    this.#doorman = new Doorman(context.clock);
    const { registry, events, clock } = context;
    const { peer } = this;
    this.#publications = new Publications({
      peer,
      registry,
      evicted: (streamId, reason) => this.#evicted(streamId, reason),
    });
    this.#plays = new Plays({
      peer,
      registry,
      events,
      clock,
      connection: this.#connection,
      output: this.#output,
      // Commands want to be quick; from here on whole frames leave in one write, and waiting for the last one saves packets.
      started: () => context.options.isLowLatency || socket.setNoDelay(false),
      ended: (end) => this.#playEnded(end),
      failed: (error) => {
        this.#fail(error);
        this.#flush();
      },
    });
    this.#openedAt = context.clock.now();
    this.#created = context.clock.date();
  }

  /** What this session is doing. */
  get view(): SessionView {
    const isActive = this.#publications.size > 0 || this.#plays.hasStarted;
    const last = isActive ? this.#last : undefined;
    return {
      peer: this.peer,
      created: this.#created,
      state: last === undefined ? "idle" : last.role === "publisher" ? "publish" : "read",
      path: last?.name.path ?? "",
      query: last?.name.query ?? "",
      user: last?.user ?? "",
      userAgent: this.#connect?.flashVersion ?? "",
      bytesReceived: this.#connection.bytesReceived,
      bytesSent: this.#output.outbox.bytesSent,
      framesDiscarded: this.#plays.discarded,
    };
  }

  // ---- the socket's calls --------------------------------------------------------------------------------------

  /** Bytes came: the buffer is ours from here on. */
  data(bytes: Uint8Array): void {
    if (this.#closing !== undefined) return;
    this.#connection.receive(bytes);
    this.#turn();
  }

  /** The socket has room again. */
  drain(): void {
    this.#output.outbox.drained();
    this.#plays.drained();
    this.#flush();
  }

  /** The socket is closed: nothing follows. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const reason = this.#closing ?? "client_disconnect";
    this.#output.outbox.close();
    this.#doorman.close();
    this.#leaveStreams(reason);
    const { clock, events } = this.#context;
    events.emit({
      kind: "connectionClosed",
      peer: this.peer,
      role: this.#last?.role ?? "",
      path: this.#last?.name.path,
      reason,
      durationMs: clock.now() - this.#openedAt,
      bytesReceived: this.#connection.bytesReceived,
      bytesSent: this.#output.outbox.bytesSent,
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
      if (this.#closing === undefined) {
        this.#connection.tick(now);
        this.#checkPublisher(now);
      }
    } catch (error) {
      this.#fail(error);
      this.#flush();
    }
  }

  /** Ends the session from our side. Streams are told first, so players hear of it. */
  close(reason: EndReason): void {
    if (this.#closing !== undefined) return;
    this.#closing = reason;
    this.#doorman.close();
    this.#leaveStreams(reason);
    this.#flush();
  }

  /** Cuts the connection, whatever still waits. */
  cut(): void {
    this.#socket.terminate();
  }

  /** Asks the client to connect again. Enhanced RTMP v2. */
  requestReconnect(url: string | undefined): void {
    if (this.#connection.stage === "handshake" || this.#connection.stage === "connect") return;
    this.#connection.requestReconnect(url);
    this.#flush();
  }

  // ---- events --------------------------------------------------------------------------------------------------

  #turn(): void {
    this.#isInTurn = true;
    try {
      this.#handleEvents();
    } catch (error) {
      this.#fail(error);
    }
    this.#isInTurn = false;
    this.#publications.flush();
    this.#flush();
  }

  /** While somebody decides what the client may do, what it has sent since stays where it is. */
  #handleEvents(): void {
    while (!this.#doorman.isWaiting) {
      const event = this.#connection.nextEvent();
      if (!event) return;
      if (event.kind === "media") this.#publications.take(event);
      else this.#handle(event);
      if (this.#closing !== undefined) return;
    }
  }

  #handle(event: Exclude<ServerEvent, Message>): void {
    const { events, clock, log } = this.#context;
    switch (event.kind) {
      case "handshakeComplete":
        events.emit({
          kind: "handshakeCompleted",
          peer: this.peer,
          scheme: event.scheme,
          durationMs: clock.now() - this.#openedAt,
        });
        return;
      case "connect":
        this.#connected(event.request);
        return;
      case "publish":
        this.#admitted("publish", event, (user) => this.#publish(event, user));
        return;
      case "play":
        this.#admitted("play", event, (user) => this.#play(event, user));
        return;
      case "stop":
        this.#stop(event.streamId, "client_stop");
        return;
      case "pause":
        this.#plays.get(event.streamId)?.feed.pause(event.isPaused);
        return;
      case "receive":
        this.#plays.get(event.streamId)?.feed.mute(event.flow, !event.isWanted);
        return;
      case "refused":
        this.#refused(event.action, undefined, event.error);
        return;
      case "ignored":
        log.debug("message ignored", { conn_id: this.peer.connId, what: event.what });
        return;
      default:
        unreachable(event);
    }
  }

  #connected(request: ConnectRequest): void {
    const { events, screen } = this.#context;
    this.#connect = request;
    if (this.#refusal) {
      this.#refuseConnect(this.#refusal.message, this.#refusal);
      return;
    }
    const screening = screen?.(request, this.peer) ?? welcome;
    switch (screening.kind) {
      case "challenged":
        this.#refuseConnect(screening.description, undefined);
        return;
      case "denied": {
        const { description, message, delayMs } = screening;
        const denied: Admission = { isAllowed: false, reason: "denied", message, delayMs };
        this.#decide(denied, () =>
          this.#refuseConnect(description, new RefusedError("ACCESS_DENIED", message)),
        );
        return;
      }
      case "known":
        this.#credentials = screening.credentials;
        break;
      case "welcome":
        break;
    }
    this.#connection.acceptConnect();
    events.emit({ kind: "connected", peer: this.peer, app: request.app, fourCcs: request.fourCcs });
  }

  /** Refuses the connect command. Without an `error` that is a part of a dialogue, and nothing is wrong. */
  #refuseConnect(description: string, error: RefusedError | undefined): void {
    this.#connection.refuseConnect("Rejected", description);
    if (error) {
      const { code, message } = error;
      const phase = this.#connection.stage;
      this.#context.events.emit({ kind: "connectionFailed", peer: this.peer, code, message, phase });
    }
    this.close("refused");
  }

  /**
   * Asks whether the client may do what it wants. Until that is known nothing more is read: what the client sends meanwhile is neither
   * lost nor kept, but waits on its side.
   */
  #admitted(
    action: "publish" | "play",
    { streamId, name }: { streamId: number; name: StreamName },
    proceed: (user: string) => void,
  ): void {
    this.#decide(this.#context.access.decide(this.#admissionRequest(action, name)), (admission) => {
      if (admission.isAllowed) proceed(admission.user);
      else this.#deny(action, { streamId, name, admission });
    });
  }

  /** Waits for what was decided; `answered` runs in a turn of this session. */
  #decide(decision: Admission | Promise<Admission>, answered: (admission: Admission) => void): void {
    this.#doorman.wait(decision, (admission) => {
      answered(admission);
      // Where it was decided at once, the turn it came in does the rest.
      if (this.#isInTurn) return;
      this.#socket.resume();
      this.#turn();
    });
    if (this.#doorman.isWaiting) this.#socket.pause();
  }

  #deny(
    action: "publish" | "play",
    denial: { streamId: number; name: StreamName; admission: Extract<Admission, { isAllowed: false }> },
  ): void {
    const { streamId, name, admission } = denial;
    const code = action === "publish" ? "NetStream.Publish.Unauthorized" : "NetStream.Play.Failed";
    this.#connection.refuse(streamId, code, "authentication failed");
    const kind = admission.reason === "unavailable" ? "ACCESS_UNAVAILABLE" : "ACCESS_DENIED";
    this.#refused(action, name, new RefusedError(kind, admission.message));
  }

  #admissionRequest(action: "publish" | "play", { path, query }: StreamName): AdmissionRequest {
    const { remote, kind, id } = this.peer;
    return {
      action: action === "publish" ? "publish" : "read",
      path,
      ...splitAddress(remote),
      protocol: kind === "rtmpsConn" ? "rtmps" : "rtmp",
      id,
      credentials: this.#credentials ?? credentialsOfQuery(query),
      query,
      userAgent: this.#connect?.flashVersion ?? "",
      tcUrl: this.#connect?.tcUrl ?? "",
    };
  }

  #publish({ streamId, name, publishType }: Extract<ServerEvent, { kind: "publish" }>, user: string): void {
    try {
      const publication = this.#publications.begin(streamId, name, publishType);
      // It may have taken the name from itself, and is being closed for it.
      if (this.#closing !== undefined) {
        publication.end("replaced");
        return;
      }
      this.#hold();
      this.#connection.acceptPublish(streamId, name);
      this.#publications.keep(streamId, publication);
      this.#last = { role: "publisher", name, user };
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#connection.refuse(streamId, "NetStream.Publish.BadName", error.message);
      this.#refused("publish", name, error);
    }
  }

  /** Who hears that a publish has started may rely on it that everybody hears of it, even if the server dies now. */
  #hold(): void {
    const { whenSafe } = this.#context;
    if (!whenSafe) return;
    this.#output.hold();
    whenSafe(() => {
      this.#output.release();
      this.#flush();
    });
  }

  /** The stream was taken away. */
  #evicted(streamId: number, reason: EndReason): void {
    this.#connection.refuse(streamId, "NetStream.Publish.BadName", evictionText(reason));
    this.close(reason);
  }

  #play({ streamId, name }: Extract<ServerEvent, { kind: "play" }>, user: string): void {
    this.#last = { role: "subscriber", name, user };
    try {
      this.#plays.begin(streamId, name, this.#context.options.playerQueue);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#connection.refuse(streamId, "NetStream.Play.Failed", error.message);
      this.#refused("play", name, error);
    }
  }

  #playEnded({ name, reason, error }: { name: StreamName; reason: EndReason; error?: RefusedError }): void {
    if (error) this.#refused("play", name, error);
    else if (this.#publications.size === 0 && this.#plays.size === 0) this.close(reason);
    else this.#flush();
  }

  #refused(action: "publish" | "play", name: StreamName | undefined, error: RefusedError): void {
    const { code, message } = error;
    this.#context.events.emit({
      kind: "requestRefused",
      action,
      peer: this.peer,
      path: name?.path,
      code,
      message,
    });
    // Several clients ignore a refusal and hang until the socket closes.
    this.close("refused");
  }

  #stop(streamId: number, reason: EndReason): void {
    this.#publications.stop(streamId, reason);
    this.#plays.stop(streamId, reason);
  }

  #leaveStreams(reason: EndReason): void {
    for (const streamId of [...this.#publications.streamIds, ...this.#plays.streamIds])
      this.#stop(streamId, reason);
  }

  // ---- time and faults -----------------------------------------------------------------------------------------

  #checkPublisher(now: number): void {
    const { idleTimeoutMs: timeoutMs } = this.#context.options;
    const isPublishing = this.#publications.size > 0;
    this.#watch.checkSilence(this.#connection.bytesReceived, { isPublishing, timeoutMs, now });
    this.#watch.checkBitrate(this.#publications.all, now);
  }

  /** A peer that takes nothing would not take a goodbye either: it is cut off. */
  #checkStall(now: number): void {
    const { outbox } = this.#output;
    const stuckMs = this.#watch.stuckMs(outbox, { timeoutMs: this.#context.options.stallTimeoutMs, now });
    if (stuckMs === undefined) return;
    const waiting = `${outbox.bytesWaiting} bytes wait`;
    this.#fail(
      new WireError("PEER_STALLED", `peer took nothing for ${Math.round(stuckMs)} ms while ${waiting}`),
    );
    this.#socket.terminate();
  }

  #fail(error: unknown): void {
    const { events, log } = this.#context;
    const connId = this.peer.connId;
    if (error instanceof WireError) {
      const { code, message } = error;
      events.emit({
        kind: "connectionFailed",
        peer: this.peer,
        code,
        message,
        phase: this.#connection.stage,
      });
    } else {
      const stack = error instanceof Error ? error.stack : undefined;
      log.error("session failed, this is a defect of the server", {
        conn_id: connId,
        error: messageOf(error),
        stack,
      });
    }
    this.close(reasonOf(error));
  }

  // ---- output --------------------------------------------------------------------------------------------------

  #flush(): void {
    this.#output.send({ isUrgent: this.#closing !== undefined });
    if (this.#closing === undefined) {
      try {
        this.#output.check();
      } catch (error) {
        this.#fail(error);
      }
    }
    if (this.#closing === undefined || this.#hangUpAt !== undefined || !this.#output.outbox.isClear) return;
    this.#hangUpAt = this.#context.clock.now() + lingerMs;
    this.#socket.end();
  }
}

const evictionText = (reason: EndReason): string => {
  switch (reason) {
    case "replaced":
      return "another publisher took the stream over";
    case "unconfigured":
      return "the stream is no longer configured";
    default:
      return "an operator ended the publish";
  }
};

const reasonOf = (error: unknown): EndReason => {
  if (!(error instanceof WireError)) return "error";
  switch (error.code) {
    case "IDLE_TIMEOUT":
    case "HANDSHAKE_TIMEOUT":
    case "STAGE_TIMEOUT":
      return "idle_timeout";
    case "PEER_STALLED":
      return "stalled";
    case "BITRATE":
      return "limit";
    default:
      return "error";
  }
};
