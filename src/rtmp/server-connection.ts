import { amfNumber, amfString } from "../amf/value.ts";
import { joinBytes } from "../base/bytes.ts";
import { RefusedError, unreachable, WireError } from "../base/errors.ts";
import { unpackAggregate } from "./aggregate.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { type Command, decodeCommand, statusObject } from "./command.ts";
import { type ConnectRequest, connectReply, parseConnect } from "./connect.ts";
import {
  decodeControl,
  encodeAcknowledgement,
  encodeSetChunkSize,
  encodeSetPeerBandwidth,
  encodeUserControl,
  encodeWindowAckSize,
} from "./control.ts";
import { type HandshakeScheme, ServerHandshake } from "./handshake.ts";
import { maxCommandsPerSecond, maxControlsPerSecond, maxMessageStreams, maxPartialBytes } from "./limits.ts";
import { type Message, messageType, userControlEvent } from "./message.ts";
import { MessageStreams } from "./message-streams.ts";
import { ReplyWriter } from "./reply-writer.ts";
import { defaultStageLimits, type Stage, StageClock, type StageLimits } from "./stage-clock.ts";
import { resolveStreamName, type StreamName } from "./stream-name.ts";

/** What the peer did, in the order it did it. `streamId` is a message stream id. */
export type ServerEvent =
  | { readonly kind: "handshakeComplete"; readonly scheme: HandshakeScheme }
  | { readonly kind: "connect"; readonly request: ConnectRequest }
  | {
      readonly kind: "publish";
      readonly streamId: number;
      readonly name: StreamName;
      readonly publishType: string;
    }
  | { readonly kind: "play"; readonly streamId: number; readonly name: StreamName }
  /** The peer stopped publishing or playing on this stream of its own accord. */
  | { readonly kind: "stop"; readonly streamId: number }
  | { readonly kind: "pause"; readonly streamId: number; readonly isPaused: boolean }
  | {
      readonly kind: "receive";
      readonly streamId: number;
      readonly flow: "audio" | "video";
      readonly isWanted: boolean;
    }
  /** A publish or play of a name that cannot be served; the peer was told so already. */
  | { readonly kind: "refused"; readonly action: "publish" | "play"; readonly error: RefusedError }
  /** Seen, counted, harmless. */
  | { readonly kind: "ignored"; readonly what: string }
  /** Audio, video or data on a stream that publishes. */
  | Message;

/** The window we announce, and the bandwidth we ask for, in bytes. */
const windowAckSize = 2_500_000;

/**
 * The server's side of one RTMP connection, as a machine: bytes go in, events and bytes come out. No socket, no clock, no log.
 *
 * After every `receive`, every answer (`accept…`, `refuse…`, `end…`) and every `tick`, drain `nextEvent` and then send what
 * `takeOutput` gives. A connect, publish or play event wants exactly one answer; until it comes, media on that stream
 * is dropped.
 */
export class ServerConnection {
  /** Chunk size of everything sent once connect is accepted, media included, in bytes. */
  readonly chunkSize: number;
  readonly #reader = new ChunkReader();
  readonly #writer = new ReplyWriter();
  readonly #streams = new MessageStreams();
  readonly #stageClock: StageClock;
  #handshake: ServerHandshake | undefined = new ServerHandshake();
  /** Bytes received that the handshake has not looked at. */
  #unread: Uint8Array | undefined;
  /** Events that came of one message together with another. */
  readonly #events: ServerEvent[] = [];
  /** Messages of an aggregate still to be handed out. */
  #unpacked: Message[] = [];
  #connect: { request: ConnectRequest; transactionId: number } | undefined;
  #app: string | undefined;
  #received = 0;
  #acknowledged = 0;
  #acknowledgeEvery = windowAckSize / 2;
  #commands = 0;
  #controls = 0;

  constructor(options: { chunkSize: number; limits?: StageLimits }) {
    this.chunkSize = options.chunkSize;
    this.#stageClock = new StageClock(options.limits ?? defaultStageLimits);
  }

  /** Bytes received so far, the handshake included. */
  get bytesReceived(): number {
    return this.#received;
  }

  /** Bytes held for unfinished messages. */
  get partialBytes(): number {
    return this.#reader.partialBytes;
  }

  /** How far the connection has come. */
  get stage(): Stage {
    if (this.#handshake) return "handshake";
    if (this.#app === undefined) return "connect";
    return this.#streams.isAnyUsed ? "media" : "command";
  }

  /** Takes the buffer over; what it holds shows in {@link nextEvent}. */
  receive(bytes: Uint8Array): void {
    this.#received += bytes.length;
    if (this.#handshake) {
      this.#unread = this.#unread ? joinBytes([this.#unread, bytes]) : bytes;
      return;
    }
    this.#reader.receive(bytes);
    if (this.#received - this.#acknowledged < this.#acknowledgeEvery) return;
    this.#acknowledged = this.#received;
    this.#writer.push(encodeAcknowledgement(this.#received));
  }

  /**
   * The next thing the peer did; undefined when everything received is used up.
   * @throws WireError, and nothing else: the connection is of no use after it
   */
  nextEvent(): ServerEvent | undefined {
    if (this.#handshake) return this.#shakeHands(this.#handshake);
    for (;;) {
      if (this.#events.length > 0) return this.#events.shift();
      const message = this.#unpacked.length > 0 ? this.#unpacked.shift() : this.#reader.next();
      if (!message) return undefined;
      const event = this.#handle(message);
      if (event) return event;
    }
  }

  /** Bytes owed to the peer, in one piece; undefined where there are none. Owned by the caller. */
  takeOutput(): Uint8Array | undefined {
    return this.#writer.take();
  }

  /**
   * Lets time pass; call it about once a second with milliseconds that never run backwards.
   * @throws WireError HANDSHAKE_TIMEOUT, STAGE_TIMEOUT when the peer took too long to get on
   */
  tick(now: number): void {
    this.#commands = 0;
    this.#controls = 0;
    this.#reader.renewHeaderBudget();
    this.#stageClock.check(this.stage, now);
  }

  // ---- answers -------------------------------------------------------------------------------------------------

  /** Accepts the connect command. */
  acceptConnect(): void {
    const { request, transactionId } = this.#takeConnect();
    this.#app = request.app;
    this.#writer.push(
      encodeWindowAckSize(windowAckSize),
      encodeSetPeerBandwidth(windowAckSize),
      encodeSetChunkSize(this.chunkSize),
    );
    this.#writer.chunkSize = this.chunkSize;
    const { properties, information } = connectReply(request);
    this.#writer.result(transactionId, properties, information);
  }

  /** Refuses the connect command; close the connection once the output is sent. */
  refuseConnect(code: "Rejected" | "InvalidApp", description: string): void {
    const { transactionId } = this.#takeConnect();
    this.#writer.error(transactionId, { level: "error", code: `NetConnection.Connect.${code}`, description });
  }

  #takeConnect(): { request: ConnectRequest; transactionId: number } {
    const connect = this.#connect;
    if (!connect) throw new TypeError("there is no connect command to answer");
    this.#connect = undefined;
    return connect;
  }

  /** Accepts a publish: from here on media of this stream shows as events. */
  acceptPublish(streamId: number, name: StreamName): void {
    this.#streams.put(streamId, "publishing");
    this.#reader.maxPartialBytes = maxPartialBytes;
    this.#writer.push(encodeUserControl(userControlEvent.streamBegin, streamId));
    const description = `${name.path} is now published`;
    this.#writer.status(streamId, { level: "status", code: "NetStream.Publish.Start", description });
  }

  /** Accepts a play. Media follows as bytes that the caller encodes with {@link chunkSize} and this stream id. */
  acceptPlay(streamId: number, name: StreamName): void {
    this.#streams.put(streamId, "playing");
    this.#writer.push(encodeUserControl(userControlEvent.streamBegin, streamId));
    const reset = `playing and resetting ${name.path}`;
    this.#writer.status(streamId, { level: "status", code: "NetStream.Play.Reset", description: reset });
    const start = `started playing ${name.path}`;
    this.#writer.status(streamId, { level: "status", code: "NetStream.Play.Start", description: start });
  }

  /** Refuses a publish or play, or ends one, with a status of level error; the stream is idle again. */
  refuse(streamId: number, code: string, description: string): void {
    this.#streams.put(streamId, "idle");
    this.#writer.status(streamId, { level: "error", code, description });
  }

  /** Tells a player that the stream has ended for good. Real players stop at UnpublishNotify, so send it only then. */
  endPlay(streamId: number, description: string): void {
    this.#streams.put(streamId, "idle");
    this.#writer.status(streamId, { level: "status", code: "NetStream.Play.UnpublishNotify", description });
    this.#writer.push(encodeUserControl(userControlEvent.streamEof, streamId));
    this.#writer.status(streamId, { level: "status", code: "NetStream.Play.Stop", description });
  }

  /** Asks the client to connect again, elsewhere if `url` is given. Enhanced RTMP v2, Reconnect Request. */
  requestReconnect(url: string | undefined): void {
    const code = "NetConnection.Connect.ReconnectRequest";
    const description = "the server asks for a new connection";
    this.#writer.status(0, { level: "status", code, description }, url ? { tcUrl: url } : {});
  }

  // ---- messages ------------------------------------------------------------------------------------------------

  #shakeHands(handshake: ServerHandshake): ServerEvent | undefined {
    const bytes = this.#unread;
    if (!bytes) return undefined;
    this.#unread = undefined;
    const rest = handshake.receive(bytes);
    const output = handshake.takeOutput();
    if (output.length > 0) this.#writer.push(output);
    if (!handshake.isComplete) return undefined;
    this.#handshake = undefined;
    this.#reader.receive(rest);
    return { kind: "handshakeComplete", scheme: handshake.scheme ?? "simple" };
  }

  #handle(message: Message): ServerEvent | undefined {
    switch (message.typeId) {
      case messageType.audio:
      case messageType.video:
      case messageType.data:
      case messageType.dataAmf3:
        return this.#media(message);
      case messageType.command:
      case messageType.commandAmf3:
        return this.#command(message.streamId, decodeCommand(message.typeId, message.payload));
      case messageType.aggregate:
        this.#unpacked = unpackAggregate(message);
        return undefined;
      default:
        return this.#control(message);
    }
  }

  #media(message: Message): ServerEvent {
    if (this.#streams.use(message.streamId) === "publishing") return message;
    // A client that misreads our createStream reply publishes on stream 0. With one publish there is no doubt which it means.
    const only = message.streamId === 0 ? this.#streams.only("publishing") : undefined;
    if (only !== undefined) return message.on(only);
    return {
      kind: "ignored",
      what: `message of type ${message.typeId} on message stream ${message.streamId}, which publishes nothing`,
    };
  }

  #control(message: Message): ServerEvent | undefined {
    // A fast player acknowledges often, and an acknowledgement costs nothing.
    if (message.typeId === messageType.acknowledgement) return undefined;
    if (++this.#controls > maxControlsPerSecond) {
      throw new WireError("CONTROL_FLOOD", `more than ${maxControlsPerSecond} control messages in a second`);
    }
    const control = decodeControl(message.typeId, message.payload);
    switch (control?.kind) {
      case undefined:
        return { kind: "ignored", what: `message of type ${message.typeId}` };
      case "setChunkSize":
        this.#reader.setChunkSize(control.size);
        return undefined;
      case "abort":
        this.#reader.abort(control.chunkStreamId);
        return undefined;
      case "windowAckSize":
        if (control.size > 0) this.#acknowledgeEvery = Math.min(control.size, windowAckSize) / 2;
        return undefined;
      case "setPeerBandwidth":
      case "acknowledgement":
        return undefined;
      case "userControl":
        if (control.event === userControlEvent.pingRequest) {
          this.#writer.push(encodeUserControl(userControlEvent.pingResponse, control.value));
        }
        return undefined;
      default:
        return unreachable(control);
    }
  }

  // ---- commands ------------------------------------------------------------------------------------------------

  #command(streamId: number, command: Command): ServerEvent | undefined {
    if (++this.#commands > maxCommandsPerSecond) {
      throw new WireError("CONTROL_FLOOD", `more than ${maxCommandsPerSecond} commands in a second`);
    }
    if (command.name === "connect") return this.#onConnect(command);
    if (this.#app === undefined) {
      throw new WireError(
        "COMMAND_ORDER",
        `command ${JSON.stringify(command.name.substring(0, 40))}, expected connect first`,
      );
    }
    switch (command.name) {
      case "createStream":
        return this.#onCreateStream(command);
      case "getStreamLength":
        if (command.transactionId > 0) this.#writer.result(command.transactionId, null, 0);
        return undefined;
      case "_result":
      case "_error":
        // An answer is not answered: two servers would never stop.
        return undefined;
      case "publish":
        return this.#onPublish(streamId, command);
      case "play":
      case "play2":
        return this.#onPlay(streamId, command);
      case "pause":
      case "pauseRaw":
        return this.#onPause(streamId, command);
      case "receiveAudio":
      case "receiveVideo":
        return this.#onReceive(streamId, command);
      case "seek":
        this.#writer.status(streamId, {
          level: "status",
          code: "NetStream.Seek.Notify",
          description: "live: position unchanged",
        });
        return undefined;
      default:
        return this.#onAcknowledged(streamId, command);
    }
  }

  /** Commands whose own answer is an empty result. A transaction id of 0 asks for none: GStreamer warns when it gets one. */
  #onAcknowledged(streamId: number, command: Command): ServerEvent | undefined {
    if (command.transactionId > 0) this.#writer.result(command.transactionId, null, undefined);
    switch (command.name) {
      case "deleteStream":
        return this.#onDeleteStream(streamId, command);
      case "closeStream":
        // Flash names the stream by the message stream; others send a name on stream 0.
        return this.#stop(this.#meant(streamId) ?? streamId);
      case "FCPublish":
        return this.#onFcPublish(command);
      case "FCUnpublish":
        // It comes on stream 0 and names the stream as text.
        return this.#stop(this.#streams.only("publishing") ?? streamId);
      // FCUnsubscribe gets no notice of its own: librtmp hangs up on onFCUnsubscribe.
      case "releaseStream":
      case "FCSubscribe":
      case "FCUnsubscribe":
      case "_checkbw":
      case "onStatus":
        return undefined;
      default:
        return { kind: "ignored", what: `command ${JSON.stringify(command.name.substring(0, 40))}` };
    }
  }

  #onConnect(command: Command): ServerEvent {
    if (this.#app !== undefined || this.#connect)
      throw new WireError("COMMAND_ORDER", "a second connect command, expected one");
    const request = parseConnect(command);
    this.#connect = { request, transactionId: command.transactionId };
    return { kind: "connect", request };
  }

  #onCreateStream(command: Command): undefined {
    const id = this.#streams.create();
    if (id !== undefined) {
      this.#writer.result(command.transactionId, null, id);
      return;
    }
    const description = `more than ${maxMessageStreams} streams`;
    this.#writer.error(command.transactionId, {
      level: "error",
      code: "NetConnection.Call.Failed",
      description,
    });
  }

  /** The reply carries a transaction id: Livestream Studio and hardware encoders fail without one. */
  #onFcPublish(command: Command): undefined {
    const description = amfString(command.args[0]) ?? "";
    this.#writer.command(0, [
      "onFCPublish",
      0,
      null,
      statusObject({ level: "status", code: "NetStream.Publish.Start", description }),
    ]);
  }

  #onPublish(streamId: number, command: Command): ServerEvent {
    const publishType = amfString(command.args[1]) ?? "live";
    return this.#named(streamId, { action: "publish", text: amfString(command.args[0]) ?? "" }, (name) => ({
      kind: "publish",
      streamId,
      name,
      publishType,
    }));
  }

  #onPlay(streamId: number, command: Command): ServerEvent | undefined {
    const [first] = command.args;
    const wanted = command.name === "play2" && first instanceof Map ? first.get("streamName") : first;
    // A player may go over to another stream without closing the first, or while it waits for it.
    const use = this.#streams.use(streamId);
    const stopped = use === "playing" || use === "deciding" ? this.#stop(streamId) : undefined;
    const event = this.#named(streamId, { action: "play", text: amfString(wanted) ?? "" }, (name) => ({
      kind: "play",
      streamId,
      name,
    }));
    if (!stopped) return event;
    this.#events.push(event);
    return stopped;
  }

  /** Names the stream that a publish or play asks for; what cannot be a name is refused on the spot. */
  #named(
    streamId: number,
    request: { action: "publish" | "play"; text: string },
    event: (name: StreamName) => ServerEvent,
  ): ServerEvent {
    const { action, text } = request;
    this.#streams.claim(streamId, action);
    try {
      return event(resolveStreamName(this.#app ?? "", text));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.refuse(
        streamId,
        action === "publish" ? "NetStream.Publish.BadName" : "NetStream.Play.StreamNotFound",
        error.message,
      );
      return { kind: "refused", action, error };
    }
  }

  /** The stream that a command on `streamId` is about: that one, or else the only one in use. */
  #meant(streamId: number): number | undefined {
    if (this.#streams.has(streamId)) return streamId;
    return this.#streams.only("publishing") ?? this.#streams.only("playing");
  }

  /** The argument is the stream's id. GStreamer sends its name, others nothing or 0: then the one stream in use is meant. */
  #onDeleteStream(streamId: number, command: Command): ServerEvent | undefined {
    const id = amfNumber(command.args[0]) || this.#meant(streamId);
    if (id === undefined || !this.#streams.has(id)) return undefined;
    const event = this.#stop(id);
    this.#streams.delete(id);
    return event;
  }

  #stop(streamId: number): ServerEvent | undefined {
    const use = this.#streams.use(streamId);
    if (use === undefined || use === "idle") return undefined;
    this.#streams.put(streamId, "idle");
    if (use === "publishing") {
      const description = "the stream is no longer published";
      this.#writer.status(streamId, { level: "status", code: "NetStream.Unpublish.Success", description });
    }
    return { kind: "stop", streamId };
  }

  #onPause(streamId: number, command: Command): ServerEvent | undefined {
    const isPaused = command.args[0] === true;
    const code = isPaused ? "NetStream.Pause.Notify" : "NetStream.Unpause.Notify";
    const description = isPaused ? "paused" : "playing on from the next key frame";
    this.#writer.status(streamId, { level: "status", code, description });
    return this.#streams.use(streamId) === "playing" ? { kind: "pause", streamId, isPaused } : undefined;
  }

  #onReceive(streamId: number, command: Command): ServerEvent | undefined {
    if (this.#streams.use(streamId) !== "playing") return undefined;
    const flow = command.name === "receiveAudio" ? "audio" : "video";
    const isWanted = command.args[0] === true;
    if (isWanted) {
      const description = `${flow} goes on`;
      this.#writer.status(streamId, { level: "status", code: "NetStream.Seek.Notify", description });
      this.#writer.status(streamId, { level: "status", code: "NetStream.Play.Start", description });
    }
    return { kind: "receive", streamId, flow, isWanted };
  }
}
