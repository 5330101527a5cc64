import { messageOf, RefusedError, unreachable, WireError } from "../../base/errors.ts";
import { splitAddress } from "../../base/host-port.ts";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";
import type { Access, AdmissionRequest } from "../../stream/admission.ts";
import { credentialsOfQuery } from "../../stream/credentials.ts";
import type { EndReason, EventHub, Peer } from "../../stream/event.ts";
import { Feed } from "../../stream/feed.ts";
import type { QueueLimits } from "../../stream/packet-queue.ts";
import type { Publication } from "../../stream/publication.ts";
import type { Registry } from "../../stream/registry.ts";
import type { Stream } from "../../stream/stream.ts";
import type { ConnectRequest } from "../connect.ts";
import { mediaForm } from "../media-form.ts";
import type { Message } from "../message.ts";
import { ServerConnection, type ServerEvent } from "../server-connection.ts";
import type { StreamName } from "../stream-name.ts";
import { Doorman } from "./doorman.ts";
import { takeMedia } from "./media-intake.ts";
import { Player, type PlayerSession } from "./player.ts";
import { SessionOutput } from "./session-output.ts";
import { SessionWatch } from "./session-watch.ts";

/** The socket of a session, as far as the session knows one. */
export interface SessionSocket {
  write(bytes: Uint8Array): number;
  /** Whether small pieces leave at once, or wait for what is under way to arrive (Nagle). */
  setNoDelay(isOn: boolean): unknown;
  /** Sends FIN once everything written is out. */
  end(): unknown;
  /** Cuts the connection. */
  terminate(): unknown;
}

/** How sessions behave. */
export interface SessionOptions {
  readonly chunkSize: number;
  readonly playerQueue: QueueLimits;
  /** Send players everything at once, at the price of more packets. */
  readonly isLowLatency: boolean;
  /** A publisher that sends nothing for this long is gone, in milliseconds; 0 for never. */
  readonly idleTimeoutMs: number;
  /** A peer that takes nothing for this long while bytes wait is stuck, in milliseconds. */
  readonly stallTimeoutMs: number;
}

/** What sessions share. */
export interface SessionContext {
  /** Read anew for every session, and whenever a bound is looked at: they may change meanwhile. */
  readonly options: SessionOptions;
  /** Decides who may publish and play. */
  readonly access: Access;
  /** What a connect command tells of the client beforehand; undefined where it may go on. */
  readonly screen?: (request: ConnectRequest, peer: Peer) => Screening | undefined;
  readonly registry: Registry;
  readonly events: EventHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** Calls back once everything raised so far is safe with those who asked for it: at once, or a moment later. */
  readonly whenSafe?: (proceed: () => void) => void;
}

/** Why a connect command is answered with a refusal, in words that the client may understand. */
export interface Screening {
  readonly description: string;
  /** A part of the dialogue by which the client proves who it is: it connects again, and nothing is wrong. */
  readonly isChallenge: boolean;
}

/** What a session is doing, for whoever looks at connections. */
export interface SessionView {
  readonly peer: Peer;
  readonly created: Date;
  readonly state: "idle" | "publish" | "read";
  /** Of the stream that is published or played; empty while idle. */
  readonly path: string;
  /** Credentials included. */
  readonly query: string;
  readonly user: string;
  /** `flashVer` of the connect command. */
  readonly userAgent: string;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly framesDiscarded: number;
}

/** A play, the stream it is subscribed to once that is known, and since when. */
interface PlayerEntry {
  readonly player: Player;
  stream: Stream | undefined;
  readonly since: number;
}

/** How long a client may take to hang up after it was told that all is over, in milliseconds. */
const lingerMs = 1_000;

/**
 * One RTMP client: the glue between its socket, its protocol machine and the streams. Everything is synchronous; one call of
 * {@link data} is one turn.
 */
export class Session implements PlayerSession {
  readonly peer: Peer;
  readonly #socket: SessionSocket;
  readonly #context: SessionContext;
  readonly #connection: ServerConnection;
  readonly #output: SessionOutput;
  readonly #doorman: Doorman;
  readonly #watch = new SessionWatch();
  readonly #publications = new Map<number, Publication>();
  readonly #players = new Map<number, PlayerEntry>();
  readonly #openedAt: number;
  readonly #created: Date;
  /** The publication of the last media message: nearly always the only one. */
  #publication: Publication | undefined;
  #publicationStream = -1;
  #last: { role: "publisher" | "subscriber"; name: StreamName; user: string } | undefined;
  #connect: ConnectRequest | undefined;
  /** Frames that players of this connection lost which are gone already. */
  #discarded = 0;
  /** Set once the connection is to be closed, to the reason. */
  #closing: EndReason | undefined;
  #hangUpAt: number | undefined;
  #isClosed = false;
  /** Bytes of the client are being handled; what is owed goes out at the end of that. */
  #isInTurn = false;
  constructor(options: { peer: Peer; socket: SessionSocket; context: SessionContext }) {
    const { socket, context } = options;
    this.peer = options.peer;
    this.#socket = socket;
    this.#context = context;
    this.#connection = new ServerConnection({ chunkSize: context.options.chunkSize });
    this.#output = new SessionOutput(socket, this.#connection);
    this.#doorman = new Doorman(context);
    this.#openedAt = context.clock.now();
    this.#created = context.clock.date();
  }

  /** What this session is doing. */
  get view(): SessionView {
    const isActive = this.#publications.size > 0 || this.#hasStartedPlay;
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
      framesDiscarded: this.#framesDiscarded,
    };
  }

  get #hasStartedPlay(): boolean {
    for (const { player } of this.#players.values()) if (player.isStarted) return true;
    return false;
  }

  get #framesDiscarded(): number {
    let sum = this.#discarded;
    for (const { player } of this.#players.values()) sum += player.feed.dropped;
    return sum;
  }

  // ---- the socket's calls --------------------------------------------------------------------------------------

  /** Bytes came: the buffer is ours from here on. */
  data(bytes: Uint8Array): void {
    if (this.#closing !== undefined) return;
    this.#isInTurn = true;
    try {
      this.#connection.receive(bytes);
      this.#handleEvents();
    } catch (error) {
      this.#fail(error);
    }
    this.#isInTurn = false;
    for (const publication of this.#publications.values()) publication.flush();
    this.#flush();
  }

  /** The socket has room again. */
  drain(): void {
    this.#output.outbox.drained();
    for (const { player } of this.#players.values()) player.drained();
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

  #handleEvents(): void {
    for (;;) {
      const event = this.#connection.nextEvent();
      if (!event) return;
      if (event.kind === "media") this.#media(event);
      else this.#handle(event);
      if (this.#closing !== undefined) return;
    }
  }

  #media(message: Message): void {
    if (message.streamId !== this.#publicationStream) {
      this.#publication = this.#publications.get(message.streamId);
      this.#publicationStream = message.streamId;
    }
    if (this.#publication) takeMedia(this.#publication, message);
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
        this.#players.get(event.streamId)?.player.feed.pause(event.isPaused);
        return;
      case "receive":
        this.#players.get(event.streamId)?.player.feed.mute(event.flow, !event.isWanted);
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
    const screening = screen?.(request, this.peer);
    if (screening) {
      this.#connection.refuseConnect("Rejected", screening.description);
      if (!screening.isChallenge) {
        const { description: message } = screening;
        events.emit({
          kind: "connectionFailed",
          peer: this.peer,
          code: "REFUSED",
          message,
          phase: this.#connection.stage,
        });
      }
      this.close("refused");
      return;
    }
    this.#connection.acceptConnect();
    events.emit({ kind: "connected", peer: this.peer, app: request.app, fourCcs: request.fourCcs });
  }

  /** Asks whether the client may do what it wants; until that is known nothing of it is taken. */
  #admitted(
    action: "publish" | "play",
    { streamId, name }: { streamId: number; name: StreamName },
    proceed: (user: string) => void,
  ): void {
    this.#doorman.ask(streamId, this.#admissionRequest(action, name), (admission) => {
      if (this.#closing !== undefined) return;
      if (admission.isAllowed) proceed(admission.user);
      else {
        const code = action === "publish" ? "NetStream.Publish.Unauthorized" : "NetStream.Play.Failed";
        this.#connection.refuse(streamId, code, "authentication failed");
        const isOurs = admission.reason === "unavailable";
        this.#refused(
          action,
          name,
          new RefusedError(isOurs ? "ACCESS_UNAVAILABLE" : "ACCESS_DENIED", admission.message),
        );
      }
      // Where it was decided at once, the turn it came in does this.
      if (!this.#isInTurn) this.#flush();
    });
  }

  #admissionRequest(action: "publish" | "play", { path, query }: StreamName): AdmissionRequest {
    const { remote, kind, id } = this.peer;
    return {
      action: action === "publish" ? "publish" : "read",
      path,
      ...splitAddress(remote),
      protocol: kind === "rtmpsConn" ? "rtmps" : "rtmp",
      id,
      credentials: credentialsOfQuery(query),
      query,
      userAgent: this.#connect?.flashVersion ?? "",
      tcUrl: this.#connect?.tcUrl ?? "",
    };
  }

  #publish({ streamId, name, publishType }: Extract<ServerEvent, { kind: "publish" }>, user: string): void {
    try {
      const publication = this.#context.registry.publish(name.path, {
        peer: this.peer,
        publishType,
        query: name.query,
        evicted: (reason) => this.#evicted(streamId, reason),
      });
      // It may have taken the name from itself, and is being closed for it.
      if (this.#closing !== undefined) {
        publication.end("replaced");
        return;
      }
      this.#hold();
      this.#connection.acceptPublish(streamId, name);
      this.#publications.set(streamId, publication);
      this.#publicationStream = -1;
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
    this.#publications.delete(streamId);
    this.#publicationStream = -1;
    this.#connection.refuse(streamId, "NetStream.Publish.BadName", evictionText(reason));
    this.close(reason);
  }

  #play({ streamId, name }: Extract<ServerEvent, { kind: "play" }>, user: string): void {
    const { options, registry, clock } = this.#context;
    const form = mediaForm({ chunkSize: this.#connection.chunkSize, streamId, toward: "player" });
    const feed = new Feed({ form, outbox: this.#output.outbox, limits: options.playerQueue });
    const player = new Player({ streamId, name, feed, session: this, peer: this.peer });
    this.#last = { role: "subscriber", name, user };
    // The stream may start the player at once, so the session has to know it by then.
    const entry: PlayerEntry = { player, stream: undefined, since: clock.now() };
    this.#players.set(streamId, entry);
    try {
      entry.stream = registry.subscribe(name.path, player);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#players.delete(streamId);
      this.#connection.refuse(streamId, "NetStream.Play.Failed", error.message);
      this.#refused("play", name, error);
    }
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
    this.#doorman.forget(streamId);
    const publication = this.#publications.get(streamId);
    if (publication) {
      this.#publications.delete(streamId);
      this.#publicationStream = -1;
      publication.end(reason);
    }
    const entry = this.#players.get(streamId);
    if (entry) {
      entry.stream?.unsubscribe(entry.player);
      this.#playStopped(entry.player, reason);
    }
  }

  #leaveStreams(reason: EndReason): void {
    for (const streamId of [...this.#publications.keys(), ...this.#players.keys()])
      this.#stop(streamId, reason);
  }

  // ---- the players' calls --------------------------------------------------------------------------------------

  playStarted(player: Player): void {
    this.#connection.acceptPlay(player.streamId, player.name);
    // What was to be held back goes first: media follows at once, and its place is behind the replies.
    this.#output.send({ isUrgent: true });
    // Commands want to be quick; from here on whole frames leave in one write, and waiting for the last one saves packets.
    if (!this.#context.options.isLowLatency) this.#socket.setNoDelay(false);
    const { path, query } = player.name;
    this.#context.events.emit({ kind: "playStarted", path, peer: this.peer, query });
  }

  playEnded(player: Player, reason: EndReason): void {
    if (reason === "refused") {
      const message = `stream ${player.name.path} was not published in time`;
      this.#players.delete(player.streamId);
      this.#connection.refuse(player.streamId, "NetStream.Play.StreamNotFound", message);
      this.#refused("play", player.name, new RefusedError("STREAM_NOT_FOUND", message));
      return;
    }
    if (player.isStarted)
      this.#connection.endPlay(player.streamId, `${player.name.path} is no longer published`);
    else this.#connection.refuse(player.streamId, "NetStream.Play.Failed", "the server is shutting down");
    this.#playStopped(player, reason);
    if (this.#publications.size === 0 && this.#players.size === 0) this.close(reason);
    else this.#flush();
  }

  playFailed(error: unknown): void {
    this.#fail(error);
    this.#flush();
  }

  #playStopped(player: Player, reason: EndReason): void {
    const entry = this.#players.get(player.streamId);
    if (!entry) return;
    this.#players.delete(player.streamId);
    this.#discarded += player.feed.dropped;
    if (!player.isStarted) return;
    const { clock, events } = this.#context;
    events.emit({
      kind: "playStopped",
      path: player.name.path,
      peer: this.peer,
      reason,
      durationMs: clock.now() - entry.since,
      bytesSent: this.#output.outbox.bytesSent,
      droppedFrames: player.feed.dropped,
    });
  }

  // ---- time and faults -----------------------------------------------------------------------------------------

  #checkPublisher(now: number): void {
    const { idleTimeoutMs: timeoutMs } = this.#context.options;
    const isPublishing = this.#publications.size > 0;
    this.#watch.checkSilence(this.#connection.bytesReceived, { isPublishing, timeoutMs, now });
    this.#watch.checkBitrate(this.#publications.values(), now);
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
