import { type AmfValue, amfNumber, amfObject, amfProperty, amfString } from "../amf/value.ts";
import { joinBytes } from "../base/bytes.ts";
import { unreachable } from "../base/errors.ts";
import { unpackAggregate } from "./aggregate.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { type Command, decodeCommand } from "./command.ts";
import {
  decodeControl,
  encodeAcknowledgement,
  encodeSetChunkSize,
  encodeUserControl,
  encodeWindowAckSize,
} from "./control.ts";
import { ClientHandshake } from "./handshake.ts";
import { maxPartialBytes } from "./limits.ts";
import { type Message, messageType, userControlEvent } from "./message.ts";
import { ReplyWriter } from "./reply-writer.ts";

/** What the server did. */
export type ClientEvent =
  /** The publish or play was accepted; media flows on this message stream. */
  | { readonly kind: "started"; readonly streamId: number }
  /** The server says no, or that it is over: `code` is its own word. Close the connection. */
  | { readonly kind: "refused"; readonly code: string; readonly description: string }
  | { readonly kind: "status"; readonly code: string; readonly description: string }
  /** Audio, video or data of a play. */
  | Message;

/** What a client wants: to publish or to play one stream. */
export interface ClientRequest {
  readonly action: "publish" | "play";
  /** Application, query included. */
  readonly app: string;
  /** Stream name, query included. */
  readonly name: string;
  /** URL of the application, without the stream name: the name may be a secret. */
  readonly tcUrl: string;
  /** Chunk size of what we send, in bytes. */
  readonly chunkSize: number;
}

const transaction = { connect: 1, releaseStream: 2, fcPublish: 3, createStream: 4 } as const;

/** What we acknowledge at least this often, in bytes, where the server names no window. */
const defaultAckWindow = 2_500_000;

/** FourCCs we can forward: whatever comes. */
const fourCcList = [
  "av01",
  "vp09",
  "vp08",
  "hvc1",
  "avc1",
  "vvc1",
  "mp4a",
  "Opus",
  "ac-3",
  "ec-3",
  ".mp3",
  "fLaC",
];

/** True for a status that ends a play without an error: the publisher left. */
const isEnd = (code: string): boolean =>
  code === "NetStream.Play.UnpublishNotify" ||
  code === "NetStream.Play.Stop" ||
  code === "NetStream.Play.Complete";

/**
 * The client's side of one RTMP connection, as a machine: for pushing to other servers, and for reading from them. No socket, no
 * clock, no log. After every `receive` drain {@link nextEvent}, then send what {@link takeOutput} gives; the first output is there
 * from the start.
 */
export class ClientConnection {
  readonly #request: ClientRequest;
  readonly #reader = new ChunkReader();
  readonly #writer = new ReplyWriter();
  #handshake: ClientHandshake | undefined = new ClientHandshake();
  #unread: Uint8Array | undefined;
  #unpacked: Message[] = [];
  #streamId = 0;
  #received = 0;
  #acknowledged = 0;
  #ackWindow = defaultAckWindow;

  constructor(request: ClientRequest) {
    this.#request = request;
    this.#reader.maxPartialBytes = maxPartialBytes;
    this.#writer.push(this.#handshake?.takeOutput() ?? new Uint8Array());
  }

  /** Takes the buffer over; what it holds shows in {@link nextEvent}. */
  receive(bytes: Uint8Array): void {
    this.#received += bytes.length;
    if (this.#handshake) {
      this.#unread = this.#unread ? joinBytes([this.#unread, bytes]) : bytes;
      return;
    }
    // The server was chosen by the operator: it is not out to burn our time.
    this.#reader.renewHeaderBudget();
    this.#reader.receive(bytes);
    if (this.#received - this.#acknowledged < this.#ackWindow / 2) return;
    this.#acknowledged = this.#received;
    this.#writer.push(encodeAcknowledgement(this.#received));
  }

  /**
   * The next thing the server did; undefined when everything received is used up.
   * @throws WireError, and nothing else
   */
  nextEvent(): ClientEvent | undefined {
    if (this.#handshake && !this.#shakeHands(this.#handshake)) return undefined;
    for (;;) {
      const message = this.#unpacked.length > 0 ? this.#unpacked.shift() : this.#reader.next();
      if (!message) return undefined;
      const event = this.#handle(message);
      if (event) return event;
    }
  }

  /** Bytes owed to the server, in one piece; undefined where there are none. */
  takeOutput(): Uint8Array | undefined {
    return this.#writer.take();
  }

  /** Says that the publish or play is over; close the connection once the output is sent. */
  finish(): void {
    if (this.#streamId === 0) return;
    if (this.#request.action === "publish")
      this.#writer.command(0, ["FCUnpublish", 0, null, this.#request.name]);
    this.#writer.command(0, ["deleteStream", 0, null, this.#streamId]);
  }

  #shakeHands(handshake: ClientHandshake): boolean {
    const bytes = this.#unread;
    if (!bytes) return false;
    this.#unread = undefined;
    const rest = handshake.receive(bytes);
    const output = handshake.takeOutput();
    if (output.length > 0) this.#writer.push(output);
    if (!handshake.isComplete) return false;
    this.#handshake = undefined;
    this.#reader.receive(rest);
    this.#sendConnect();
    return true;
  }

  #sendConnect(): void {
    const { action, app, tcUrl, chunkSize } = this.#request;
    const forPlayers: Record<string, AmfValue> =
      action === "publish"
        ? {}
        : { fpad: false, capabilities: 15, audioCodecs: 4071, videoCodecs: 252, videoFunction: 1 };
    if (action === "publish") this.#writer.push(encodeSetChunkSize(chunkSize));
    else this.#writer.push(encodeWindowAckSize(defaultAckWindow));
    if (action === "publish") this.#writer.chunkSize = chunkSize;
    const type: Record<string, AmfValue> = action === "publish" ? { type: "nonprivate" } : {};
    const flashVer = action === "publish" ? "FMLE/3.0 (compatible; rtmp-server)" : "LNX 9,0,124,2";
    const properties = amfObject({
      app,
      ...type,
      flashVer,
      tcUrl,
      ...forPlayers,
      fourCcList,
      capsEx: 2 | 4 | 8,
    });
    this.#writer.command(0, ["connect", transaction.connect, properties]);
  }

  #handle(message: Message): ClientEvent | undefined {
    switch (message.typeId) {
      case messageType.audio:
      case messageType.video:
      case messageType.data:
        return message;
      case messageType.aggregate:
        this.#unpacked = unpackAggregate(message);
        return undefined;
      case messageType.command:
      case messageType.commandAmf3:
        return this.#command(decodeCommand(message.typeId, message.payload));
      default:
        this.#control(message);
        return undefined;
    }
  }

  #control(message: Message): void {
    const control = decodeControl(message.typeId, message.payload);
    switch (control?.kind) {
      case undefined:
      case "acknowledgement":
        return;
      case "setChunkSize":
        this.#reader.setChunkSize(control.size);
        return;
      case "abort":
        this.#reader.abort(control.chunkStreamId);
        return;
      case "windowAckSize":
        if (control.size > 0) this.#ackWindow = control.size;
        return;
      case "setPeerBandwidth":
        this.#writer.push(encodeWindowAckSize(Math.max(1, control.size)));
        return;
      case "userControl":
        if (control.event === userControlEvent.pingRequest) {
          this.#writer.push(encodeUserControl(userControlEvent.pingResponse, control.value));
        }
        return;
      default:
        unreachable(control);
    }
  }

  #command(command: Command): ClientEvent | undefined {
    switch (command.name) {
      case "_result":
        return this.#onResult(command);
      case "_error":
        return this.#onError(command);
      case "onStatus":
        return this.#onStatus(command);
      case "close":
        return {
          kind: "refused",
          code: "NetConnection.Connect.Closed",
          description: "the server asked to close",
        };
      default:
        return undefined;
    }
  }

  #onResult(command: Command): undefined {
    const { action, name } = this.#request;
    if (command.transactionId === transaction.connect) {
      if (action === "publish") {
        this.#writer.command(0, ["releaseStream", transaction.releaseStream, null, name]);
        this.#writer.command(0, ["FCPublish", transaction.fcPublish, null, name]);
      }
      this.#writer.command(0, ["createStream", transaction.createStream, null]);
      return;
    }
    if (command.transactionId !== transaction.createStream) return;
    this.#streamId = amfNumber(command.args[0]) ?? 1;
    if (action === "publish") this.#writer.command(this.#streamId, ["publish", 5, null, name, "live"]);
    else this.#writer.command(this.#streamId, ["play", 5, null, name, -2000]);
  }

  /** Servers refuse releaseStream and FCPublish without meaning anything by it. */
  #onError(command: Command): ClientEvent | undefined {
    const isFatal =
      command.transactionId === transaction.connect || command.transactionId === transaction.createStream;
    if (!isFatal) return undefined;
    const { code, description } = statusOf(command);
    return { kind: "refused", code, description };
  }

  #onStatus(command: Command): ClientEvent {
    const { code, description, level } = statusOf(command);
    if (level === "error" || isEnd(code)) return { kind: "refused", code, description };
    const isStart =
      code === (this.#request.action === "publish" ? "NetStream.Publish.Start" : "NetStream.Play.Start");
    return isStart ? { kind: "started", streamId: this.#streamId } : { kind: "status", code, description };
  }
}

const statusOf = (command: Command): { level: string; code: string; description: string } => {
  const information = command.args.find((arg) => amfProperty(arg, "code") !== undefined) ?? command.args[0];
  return {
    level: amfString(amfProperty(information, "level")) ?? "",
    code: amfString(amfProperty(information, "code")) ?? "unknown",
    description: amfString(amfProperty(information, "description")) ?? "",
  };
};
