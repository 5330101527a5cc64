import { decodeAmf0All, encodeAmf0All } from "../../src/amf/amf0.ts";
import { type AmfValue, amfProperty } from "../../src/amf/value.ts";
import { copyBytes, joinBytes, toHex } from "../../src/base/bytes.ts";
import { ServerConnection, type ServerEvent } from "../../src/rtmp/server-connection.ts";
import type { StageLimits } from "../../src/rtmp/stage-clock.ts";
import { chunk } from "./chunks.ts";

/** A message as a client would send it. */
export interface ClientMessage {
  readonly csid: number;
  readonly type: number;
  readonly stream?: number;
  readonly time?: number;
  readonly body: Uint8Array;
  readonly format?: 0 | 1;
  readonly chunkSize?: number;
}

/** The chunks of one message. */
export const message = (fields: ClientMessage): Uint8Array => {
  const { csid, type, stream = 0, time = 0, body, format = 0, chunkSize = 128 } = fields;
  const first = body.subarray(0, chunkSize);
  const parts = [chunk({ format, csid, time, length: body.length, type, stream, data: first })];
  const repeated = time >= 0xffffff ? { extended: time } : {};
  for (let at = chunkSize; at < body.length; at += chunkSize) {
    parts.push(chunk({ format: 3, csid, data: body.subarray(at, at + chunkSize), ...repeated }));
  }
  return joinBytes(parts);
};

/** The chunks of a command. */
export const command = (
  csid: number,
  stream: number,
  values: readonly AmfValue[],
  more: { chunkSize?: number; type?: number } = {},
): Uint8Array => message({ csid, type: 20, stream, body: encodeAmf0All(values), ...more });

/** The chunks of a control message with one or more 32-bit values. */
export const control = (type: number, ...values: number[]): Uint8Array =>
  message({
    csid: 2,
    type,
    body: Buffer.concat(values.map((value) => Buffer.from(value.toString(16).padStart(8, "0"), "hex"))),
  });

/** The chunks of a user control message. */
export const userControl = (event: number, ...values: number[]): Uint8Array =>
  message({
    csid: 2,
    type: 4,
    body: Buffer.concat([
      Buffer.from([event >> 8, event & 255]),
      ...values.map((value) => Buffer.from(value.toString(16).padStart(8, "0"), "hex")),
    ]),
  });

/** C0 and C1 of a client without digests, and its C2. */
export const hello: Uint8Array = joinBytes([
  new Uint8Array([3]),
  new Uint8Array(1536).map((_, i) => (i < 8 ? 0 : i * 7)),
]);
export const echo: Uint8Array = new Uint8Array(1536).fill(5);

/** What a server sent: a command by its values, a control message by its bytes. */
export type Reply =
  | { readonly csid: number; readonly stream: number; readonly values: readonly AmfValue[] }
  | { readonly csid: number; readonly type: number; readonly hex: string };

/** Reads a server's chunks: always format 0, never interleaved. */
export class ReplyReader {
  #chunkSize = 128;

  read(bytes: Uint8Array): Reply[] {
    const replies: Reply[] = [];
    for (let at = 0; at < bytes.length; ) {
      const csid = bytes[at]!;
      if (csid >= 64) throw new Error(`reply with basic header ${csid}, expected format 0`);
      const view = new DataView(bytes.buffer, bytes.byteOffset + at);
      const length = view.getUint32(3) & 0xffffff;
      const type = view.getUint8(7);
      const stream = view.getUint32(8, true);
      const parts: Uint8Array[] = [new Uint8Array()];
      at += 12;
      for (let left = length; left > 0; ) {
        const size = Math.min(left, this.#chunkSize);
        parts.push(bytes.subarray(at, at + size));
        at += size;
        left -= size;
        if (left > 0 && bytes[at++] !== (0xc0 | csid)) throw new Error("a continuation with another header");
      }
      const body = joinBytes(parts);
      if (type === 1) this.#chunkSize = new DataView(body.buffer, body.byteOffset).getUint32(0);
      if (type === 20) replies.push({ csid, stream, values: decodeAmf0All(body).values });
      else replies.push({ csid, type, hex: toHex(body) });
    }
    return replies;
  }
}

/** One client talking to a {@link ServerConnection} whose owner says yes to everything. */
export class Dialogue {
  readonly connection: ServerConnection;
  readonly events: ServerEvent[] = [];
  readonly #replies = new ReplyReader();
  #isShaken = false;
  /** Set to false to leave publish and play unanswered. */
  accepts = true;

  constructor(options: { chunkSize?: number; limits?: StageLimits } = {}) {
    this.connection = new ServerConnection({ chunkSize: 4096, ...options });
  }

  /** Sends bytes in one segment and gives the decoded replies. */
  send(...parts: readonly Uint8Array[]): Reply[] {
    this.connection.receive(copyBytes(joinBytes([...parts, new Uint8Array()])));
    return this.drain();
  }

  /** Drains events, answers them, and gives what is to be sent. */
  drain(): Reply[] {
    for (let event = this.connection.nextEvent(); event; event = this.connection.nextEvent()) {
      this.events.push(event);
      this.#answer(event);
    }
    let output = this.connection.takeOutput();
    if (output && !this.#isShaken) {
      this.#isShaken = true;
      output = output.subarray(3073);
    }
    return output ? this.#replies.read(output) : [];
  }

  #answer(event: ServerEvent): void {
    if (event.kind === "connect") this.connection.acceptConnect();
    if (!this.accepts) return;
    if (event.kind === "publish") this.connection.acceptPublish(event.streamId, event.name);
    if (event.kind === "play") this.connection.acceptPlay(event.streamId, event.name);
  }

  /** Shakes hands. */
  static shaken(options: { chunkSize?: number; limits?: StageLimits } = {}): Dialogue {
    const dialogue = new Dialogue(options);
    dialogue.send(hello, echo);
    dialogue.events.length = 0;
    return dialogue;
  }

  /** The kinds of events seen so far, since the last call. */
  kinds(): string[] {
    return this.events.splice(0).map(({ kind }) => kind);
  }
}

/** A reply in one line: `csid/stream name txn code`, or the type and bytes of a control message. */
export const line = (reply: Reply): string => {
  if ("type" in reply) return `${reply.csid} type ${reply.type} ${reply.hex}`;
  const [name, transaction, object, ...args] = reply.values;
  const status = args.map((arg) => amfProperty(arg, "code")).find((code) => code !== undefined);
  const shown =
    status ??
    (args.length === 0
      ? ""
      : args.map((arg) => (arg === undefined ? "undefined" : JSON.stringify(arg))).join(" "));
  return `${reply.csid}/${reply.stream} ${name} ${transaction}${object === null ? " null" : ""} ${shown}`.trimEnd();
};
