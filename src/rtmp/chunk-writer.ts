import { type Payload, share } from "../base/bytes.ts";
import { Pieces } from "../base/pieces.ts";

/*
 * Every message is written with a format 0 header: four bytes more than format 1, and in return the bytes of a message do
 * not depend on what was sent before, so that one encoding serves every player, those that skipped frames too.
 */

/** Chunk stream ids of what we send. Strict clients want control on 2 and command replies on 3; all stay below 64. */
export const chunkStream = { control: 2, command: 3, audio: 4, data: 5, video: 6 } as const;

/** The header of a message to send. `timestamp` is in milliseconds; its low 32 bits go on the wire. */
export interface MessageHeader {
  readonly chunkStreamId: number;
  readonly typeId: number;
  readonly streamId: number;
  readonly timestamp: number;
}

const extendedMark = 0xffffff;

const needsExtended = (timestamp: number): boolean => timestamp >>> 0 >= extendedMark;

/** Bytes that a message takes on the wire with this chunk size, in bytes. */
export const chunkedSize = (payloadLength: number, timestamp: number, chunkSize: number): number => {
  const chunks = payloadLength === 0 ? 1 : Math.ceil(payloadLength / chunkSize);
  const extended = needsExtended(timestamp) ? 4 : 0;
  return 12 + (chunks - 1) + chunks * extended + payloadLength;
};

/**
 * Writes one message as chunks into `target` at `at` and gives the offset behind it. RTMP 1.0 section 5.3.
 * The extended timestamp is repeated on every chunk: ffmpeg and librtmp lose step without it.
 */
export const writeChunks = (
  target: Uint8Array,
  at: number,
  { header, body, chunkSize }: { header: MessageHeader; body: Pieces; chunkSize: number },
): number => {
  const timestamp = header.timestamp >>> 0;
  const isExtended = timestamp >= extendedMark;
  const field = isExtended ? extendedMark : timestamp;
  const length = body.length;
  const id = header.chunkStreamId;
  target[at] = id;
  target[at + 1] = field >>> 16;
  target[at + 2] = field >>> 8;
  target[at + 3] = field;
  target[at + 4] = length >>> 16;
  target[at + 5] = length >>> 8;
  target[at + 6] = length;
  target[at + 7] = header.typeId;
  target[at + 8] = header.streamId;
  target[at + 9] = header.streamId >>> 8;
  target[at + 10] = header.streamId >>> 16;
  target[at + 11] = header.streamId >>> 24;
  let to = at + 12;
  if (isExtended) to = writeU32(target, to, timestamp);
  for (let from = 0; ; ) {
    const end = Math.min(from + chunkSize, length);
    body.copyTo(target, to, from, end);
    to += end - from;
    from = end;
    if (from === length) return to;
    target[to++] = 0xc0 | id;
    if (isExtended) to = writeU32(target, to, timestamp);
  }
};

const writeU32 = (target: Uint8Array, at: number, value: number): number => {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
  return at + 4;
};

/** One message as chunks, in an exact-size buffer of its own. */
export const encodeMessage = (header: MessageHeader, payload: Uint8Array, chunkSize: number): Payload => {
  const target = Buffer.allocUnsafeSlow(chunkedSize(payload.length, header.timestamp, chunkSize));
  writeChunks(target, 0, { header, body: Pieces.of(share(payload)), chunkSize });
  return share(target);
};
