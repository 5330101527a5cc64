import { type Payload, share } from "../base/bytes.ts";
import { Pieces } from "../base/pieces.ts";
import { wrapSetDataFrame } from "../flv/metadata.ts";
import type { Packet, PacketKind } from "../media/packet.ts";
import type { WireForm } from "../media/wire-form.ts";
import { chunkedSize, chunkStream, writeChunks } from "./chunk-writer.ts";
import { messageType } from "./message.ts";

/** Chunk stream and message type of each flow. */
const flows: Readonly<Record<PacketKind, { chunkStreamId: number; typeId: number }>> = {
  audio: { chunkStreamId: chunkStream.audio, typeId: messageType.audio },
  video: { chunkStreamId: chunkStream.video, typeId: messageType.video },
  data: { chunkStreamId: chunkStream.data, typeId: messageType.data },
};

/** What distinguishes one RTMP form from another. */
export interface MediaFormOptions {
  /** Chunk size in force on the connection, in bytes. */
  readonly chunkSize: number;
  /** Message stream that the media goes to. */
  readonly streamId: number;
  /** `player`, or `publisher` for a server we publish to: there metadata travels as `@setDataFrame`. */
  readonly toward: "player" | "publisher";
}

/** Packets as RTMP chunks. */
class MediaForm implements WireForm {
  readonly #options: MediaFormOptions;

  constructor(options: MediaFormOptions) {
    this.#options = options;
  }

  encode(packets: readonly Packet[]): Payload {
    const { chunkSize, streamId } = this.#options;
    const units = this.#options.toward === "player" ? packets : packets.map(asPublished);
    let size = 0;
    for (const { body, timestamp } of units) size += chunkedSize(body.length, timestamp, chunkSize);
    const target = Buffer.allocUnsafeSlow(size);
    let at = 0;
    for (const packet of units) {
      const { chunkStreamId, typeId } = flows[packet.kind];
      const header = { chunkStreamId, typeId, streamId, timestamp: packet.timestamp };
      at = writeChunks(target, at, { header, body: packet.body, chunkSize });
    }
    return share(target);
  }
}

/** Publishers hand metadata over in the form that asks the server to keep it. */
const asPublished = (packet: Packet): Pick<Packet, "kind" | "timestamp" | "body"> =>
  packet.kind === "data" && packet.role === "metadata"
    ? { kind: packet.kind, timestamp: packet.timestamp, body: Pieces.of(wrapSetDataFrame(packet.payload)) }
    : packet;

const forms = new Map<string, WireForm>();

/** More choices than any server sees at once; clients pick the stream id, so there has to be an end. */
const maxForms = 64;

/** The form of these options: the same object for the same options, so that its bytes are shared. */
export const mediaForm = (options: MediaFormOptions): WireForm => {
  const key = `${options.toward} ${options.chunkSize} ${options.streamId}`;
  const known = forms.get(key);
  if (known) return known;
  const form = new MediaForm(options);
  if (forms.size < maxForms) forms.set(key, form);
  return form;
};
