import { ByteWriter, toHex } from "../../src/base/bytes.ts";
import { WireError } from "../../src/base/errors.ts";
import { ChunkReader } from "../../src/rtmp/chunk-reader.ts";
import { decodeControl } from "../../src/rtmp/control.ts";

/** One chunk to write, field by field. A time from 0xFFFFFF up gets an extended timestamp. */
export interface ChunkFields {
  readonly format: 0 | 1 | 2 | 3;
  readonly csid: number;
  /** Bytes of the basic header, where not the fewest. */
  readonly form?: 1 | 2 | 3;
  readonly time?: number;
  readonly length?: number;
  readonly type?: number;
  readonly stream?: number;
  /** Extended timestamp of a format 3 chunk. */
  readonly extended?: number;
  readonly data?: Uint8Array;
}

const mark = 0xffffff;

/** The bytes of one chunk, independent of the writer under test. */
export const chunk = (fields: ChunkFields): Uint8Array => {
  const { format, csid, time = 0, data = new Uint8Array() } = fields;
  const form = fields.form ?? (csid < 64 ? 1 : csid < 320 ? 2 : 3);
  const writer = new ByteWriter();
  const top = format << 6;
  if (form === 1) writer.u8(top | csid);
  else if (form === 2) writer.u8(top).u8(csid - 64);
  else writer.u8(top | 1).u16le(csid - 64);
  if (format < 3) writer.u24(Math.min(time, mark));
  if (format < 2) writer.u24(fields.length ?? data.length).u8(fields.type ?? 9);
  if (format === 0) writer.u32le(fields.stream ?? 1);
  if (format < 3 && time >= mark) writer.u32(time);
  if (fields.extended !== undefined) writer.u32(fields.extended);
  return writer.bytes(data).take();
};

/** A message as a test compares it. */
export interface SeenMessage {
  readonly type: number;
  readonly time: number;
  readonly stream: number;
  readonly hex: string;
}

/** What a reader made of some bytes. */
export interface Reading {
  readonly messages: SeenMessage[];
  /** Code of the error it ended with. */
  readonly error: string | undefined;
}

/** Everything a reader gives for these pieces, Set Chunk Size and Abort applied as a connection applies them. */
export const readPieces = (pieces: readonly Uint8Array[], reader = new ChunkReader()): Reading => {
  const messages: SeenMessage[] = [];
  try {
    for (const piece of pieces) {
      reader.receive(piece);
      for (let message = reader.next(); message; message = reader.next()) {
        const { typeId: type, timestamp: time, streamId: stream, payload } = message;
        messages.push({ type, time, stream, hex: toHex(payload) });
        const control = decodeControl(type, payload);
        if (control?.kind === "setChunkSize") reader.setChunkSize(control.size);
        if (control?.kind === "abort") reader.abort(control.chunkStreamId);
      }
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { messages, error: error.code };
  }
  return { messages, error: undefined };
};

/** `length` bytes that differ from each other and never look like an extended timestamp. */
export const filler = (length: number, seed = 0): Uint8Array => {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = 0xe0 + ((seed + i) % 13);
  return bytes;
};
