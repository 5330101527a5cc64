import { ByteReader, ByteWriter, type Payload } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { chunkStream, encodeMessage } from "./chunk-writer.ts";
import { defaultChunkSize } from "./limits.ts";
import { messageType, type userControlEvent } from "./message.ts";

/** A protocol control message (types 1 to 6). RTMP 1.0 sections 5.4 and 7.1.7. */
export type Control =
  | { readonly kind: "setChunkSize"; readonly size: number }
  | { readonly kind: "abort"; readonly chunkStreamId: number }
  | { readonly kind: "acknowledgement"; readonly bytes: number }
  | { readonly kind: "windowAckSize"; readonly size: number }
  | { readonly kind: "setPeerBandwidth"; readonly size: number; readonly limit: number }
  | { readonly kind: "userControl"; readonly event: number; readonly value: number };

/**
 * Reads a control message; undefined for a type that is none.
 * @throws WireError CONTROL_MESSAGE when the body is shorter than its type asks for
 */
export const decodeControl = (typeId: number, body: Uint8Array): Control | undefined => {
  const reader = new ByteReader(body);
  const need = (bytes: number): void => {
    if (body.length < bytes) {
      throw new WireError(
        "CONTROL_MESSAGE",
        `control message of type ${typeId} with ${body.length} bytes, expected ${bytes}`,
      );
    }
  };
  switch (typeId) {
    case messageType.setChunkSize:
      need(4);
      return { kind: "setChunkSize", size: reader.u32() };
    case messageType.abort:
      need(4);
      return { kind: "abort", chunkStreamId: reader.u32() };
    case messageType.acknowledgement:
      need(4);
      return { kind: "acknowledgement", bytes: reader.u32() };
    case messageType.windowAckSize:
      need(4);
      return { kind: "windowAckSize", size: reader.u32() };
    case messageType.setPeerBandwidth:
      // A four-byte form without the limit type is seen in the field.
      need(4);
      return { kind: "setPeerBandwidth", size: reader.u32(), limit: reader.remaining > 0 ? reader.u8() : 2 };
    case messageType.userControl:
      need(2);
      return { kind: "userControl", event: reader.u16(), value: reader.remaining >= 4 ? reader.u32() : 0 };
    default:
      return undefined;
  }
};

const encodeControl = (typeId: number, body: ByteWriter): Payload =>
  encodeMessage(
    { chunkStreamId: chunkStream.control, typeId, streamId: 0, timestamp: 0 },
    body.take(),
    defaultChunkSize,
  );

/** Set Chunk Size, as chunks ready to send. */
export const encodeSetChunkSize = (size: number): Payload =>
  encodeControl(messageType.setChunkSize, new ByteWriter(4).u32(size));

/** Acknowledgement of `bytes` received so far, modulo 2^32. */
export const encodeAcknowledgement = (bytes: number): Payload =>
  encodeControl(messageType.acknowledgement, new ByteWriter(4).u32(bytes % 2 ** 32));

/** Window Acknowledgement Size in bytes; ffmpeg gives up on 0. */
export const encodeWindowAckSize = (size: number): Payload =>
  encodeControl(messageType.windowAckSize, new ByteWriter(4).u32(size));

/** Set Peer Bandwidth in bytes with the limit type `dynamic`. */
export const encodeSetPeerBandwidth = (size: number): Payload =>
  encodeControl(messageType.setPeerBandwidth, new ByteWriter(5).u32(size).u8(2));

/** A user control event with its one 32-bit value. */
export const encodeUserControl = (
  event: (typeof userControlEvent)[keyof typeof userControlEvent],
  value: number,
): Payload => encodeControl(messageType.userControl, new ByteWriter(6).u16(event).u32(value));
