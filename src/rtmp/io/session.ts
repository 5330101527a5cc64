import { messageOf, RefusedError, unreachable, WireError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Standstill } from "../../base/standstill.ts";
import type { Clock } from "../../base/time.ts";
import { readAudioHeader } from "../../flv/audio-header.ts";
import { readVideoHeader } from "../../flv/video-header.ts";
import type { EndReason, EventHub, Peer } from "../../stream/event.ts";
import { Feed } from "../../stream/feed.ts";
import { Outbox } from "../../stream/outbox.ts";
import type { QueueLimits } from "../../stream/packet-queue.ts";
import type { Publication } from "../../stream/publication.ts";
import type { Registry } from "../../stream/registry.ts";
import type { Stream } from "../../stream/stream.ts";
import { readDataMessage } from "../data-message.ts";
import { mediaForm } from "../media-form.ts";
import { type Message, messageType } from "../message.ts";
import { ServerConnection, type ServerEvent } from "../server-connection.ts";
import type { StreamName } from "../stream-name.ts";
import { Player, type PlayerSession } from "./player.ts";

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
  readonly options: SessionOptions;
  readonly registry: Registry;
  readonly events: EventHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** Calls back once everything raised so far is safe with those who asked for it: at once, or a moment later. */
  readonly whenSafe?: (proceed: () => void) => void;
}

/** A play, the stream it is subscribed to once that is known, and since when. */
interface PlayerEntry {
  readonly player: Player;
  stream: Stream | undefined;
  readonly since: number;
}

/** How long a client may take to hang up after it was told that all is over, in milliseconds. */
const lingerMs = 1_000;

/** Control bytes a peer may leave unread. Media has bounds of its own. */
const maxControlBytesWaiting = 64 * 1024;

/**
 * One RTMP client: the glue between its socket, its protocol machine and the streams. Everything is synchronous; one call of
 * {@link data} is one turn.
 */
export class Session implements PlayerSession {
  readonly peer: Peer;
  readonly #socket: SessionSocket;
  readonly #context: SessionContext;
  readonly #connection: ServerConnection;
  readonly #outbox: Outbox;
  readonly #publications = new Map<number, Publication>();
  readonly #players = new Map<number, PlayerEntry>();
  readonly #openedAt: number;
  /** The publication of the last media message: nearly always the only one. */
  #publication: Publication | undefined;
  #publicationStream = -1;
  #last: { role: "publisher" | "subscriber"; path: StreamName["path"] } | undefined;
  /** Set once the connection is to be closed, to the reason. */
  #closing: EndReason | undefined;
  #hangUpAt: number | undefined;
  #isClosed = false;
  /** Publishes whose confirmation is not safe to send yet: while there are any, replies wait. */
  #unsafe = 0;
  /** Replies that went behind something else that waits, since the outbox was last clear. */
  #controlBytesWaiting = 0;
  readonly #silence = new Standstill();
  readonly #stall = new Standstill();

  constructor(options: { peer: Peer; socket: SessionSocket; context: SessionContext }) {
    const { socket, context } = options;
    this.peer = options.peer;
    this.#socket = socket;
    this.#context = context;
    this.#connection = new ServerConnection({ chunkSize: context.options.chunkSize });
    this.#outbox = new Outbox(socket);
    this.#openedAt = context.clock.now();
  }

  // ---- the socket's calls --------------------------------------------------------------------------------------

  /** Bytes came: the buffer is ours from here on. */
  data(bytes: Uint8Array): void {
    if (this.#closing !== undefined) return;
    try {
      this.#connection.receive(bytes);
      this.#handleEvents();
    } catch (error) {
      this.#fail(error);
    }
    for (const publication of this.#publications.values()) publication.flush();
    this.#flush();
  }

  /** The socket has room again. */
  drain(): void {
    this.#outbox.drained();
    for (const { player } of this.#players.values()) player.drained();
    this.#flush();
  }

  /** The socket is closed: nothing follows. */
  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const reason = this.#closing ?? "client_disconnect";
    this.#outbox.close();
    this.#leaveStreams(reason);
    const { clock, events } = this.#context;
    events.emit({
      kind: "connectionClosed",
      peer: this.peer,
      role: this.#last?.role ?? "",
      path: this.#last?.path,
      reason,
      durationMs: clock.now() - this.#openedAt,
      bytesReceived: this.#connection.bytesReceived,
      bytesSent: this.#outbox.bytesSent,
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
        this.#checkSilence(now);
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
    const publication = this.#publication;
    if (!publication) return;
    if (message.typeId === messageType.video || message.typeId === messageType.audio) {
      const isVideo = message.typeId === messageType.video;
      const { head, length } = message.body;
      const facts = isVideo ? readVideoHeader(head, length) : readAudioHeader(head, length);
      // An empty message says nothing to a player, and some crash on it.
      if (facts) publication.push(message, facts);
      return;
    }
    const data = readDataMessage(message);
    if (data.kind === "clearMetadata") publication.clearMetadata();
    else publication.push(data.unit, data.facts);
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
        this.#connection.acceptConnect();
        events.emit({
          kind: "connected",
          peer: this.peer,
          app: event.request.app,
          fourCcs: event.request.fourCcs,
        });
        return;
      case "publish":
        this.#publish(event);
        return;
      case "play":
        this.#play(event);
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

  #publish({ streamId, name, publishType }: Extract<ServerEvent, { kind: "publish" }>): void {
    try {
      const publication = this.#context.registry.publish(name.path, {
        peer: this.peer,
        publishType,
        query: name.query,
        replaced: () => this.#replaced(streamId),
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
      this.#last = { role: "publisher", path: name.path };
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
    this.#unsafe++;
    whenSafe(() => {
      this.#unsafe--;
      this.#flush();
    });
  }

  /** Another publisher took the stream over. */
  #replaced(streamId: number): void {
    this.#publications.delete(streamId);
    this.#publicationStream = -1;
    this.#connection.refuse(streamId, "NetStream.Publish.BadName", "another publisher took the stream over");
    this.close("replaced");
  }

  #play({ streamId, name }: Extract<ServerEvent, { kind: "play" }>): void {
    const { options, registry, clock } = this.#context;
    const form = mediaForm({ chunkSize: this.#connection.chunkSize, streamId, toward: "player" });
    const feed = new Feed({ form, outbox: this.#outbox, limits: options.playerQueue });
    const player = new Player({ streamId, name, feed, session: this });
    this.#last = { role: "subscriber", path: name.path };
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
    this.#sendOutput({ isHeld: false });
    // Commands want to be quick; from here on whole frames leave in one write, and waiting for the last one saves packets.
    if (!this.#context.options.isLowLatency) this.#socket.setNoDelay(false);
    this.#context.events.emit({ kind: "playStarted", path: player.name.path, peer: this.peer });
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
    if (!player.isStarted) return;
    const { clock, events } = this.#context;
    events.emit({
      kind: "playStopped",
      path: player.name.path,
      peer: this.peer,
      reason,
      durationMs: clock.now() - entry.since,
      bytesSent: this.#outbox.bytesSent,
      droppedFrames: player.feed.dropped,
    });
  }

  // ---- time and faults -----------------------------------------------------------------------------------------

  /** A publisher that sends nothing is gone, whatever its socket says. */
  #checkSilence(now: number): void {
    const { idleTimeoutMs } = this.#context.options;
    const shouldMove = this.#publications.size > 0 && idleTimeoutMs > 0;
    const silentMs = this.#silence.note(this.#connection.bytesReceived, { shouldMove, now });
    if (!shouldMove || silentMs < idleTimeoutMs) return;
    throw new WireError("IDLE_TIMEOUT", `publisher sent nothing for ${Math.round(silentMs)} ms`);
  }

  /** A peer that takes nothing would not take a goodbye either: it is cut off. */
  #checkStall(now: number): void {
    const stuckMs = this.#stall.note(this.#outbox.bytesSent, { shouldMove: !this.#outbox.isClear, now });
    if (stuckMs < this.#context.options.stallTimeoutMs) return;
    const waiting = `${this.#outbox.bytesWaiting} bytes wait`;
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

  #sendOutput({ isHeld } = { isHeld: this.#unsafe > 0 }): void {
    if (isHeld && this.#closing === undefined) return;
    const output = this.#connection.takeOutput();
    if (output) this.#outbox.send(output);
    if (this.#outbox.isClear) this.#controlBytesWaiting = 0;
    else this.#controlBytesWaiting += output?.length ?? 0;
  }

  #flush(): void {
    this.#sendOutput();
    if (this.#controlBytesWaiting > maxControlBytesWaiting && this.#closing === undefined) {
      const waiting = `${this.#controlBytesWaiting} bytes of replies wait`;
      this.#fail(new WireError("PEER_STALLED", `${waiting}, expected the peer to read them`));
    }
    if (this.#closing === undefined || this.#hangUpAt !== undefined || !this.#outbox.isClear) return;
    this.#hangUpAt = this.#context.clock.now() + lingerMs;
    this.#socket.end();
  }
}

const reasonOf = (error: unknown): EndReason => {
  if (!(error instanceof WireError)) return "error";
  switch (error.code) {
    case "IDLE_TIMEOUT":
    case "HANDSHAKE_TIMEOUT":
    case "STAGE_TIMEOUT":
      return "idle_timeout";
    case "PEER_STALLED":
      return "stalled";
    default:
      return "error";
  }
};
