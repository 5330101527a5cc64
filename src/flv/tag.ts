import { encodeUtf8, type Payload } from "../base/bytes.ts";
import type { PacketKind } from "../media/packet.ts";

// FLV file:  "FLV" 01 flags 00000009  00000000            header, and a PreviousTagSize of nothing
// FLV tag:   type u8 · size u24 · timestamp low u24, high u8 · stream id u24 = 0 · payload · PreviousTagSize u32
// PreviousTagSize counts the tag header and the payload.

/** Types of FLV tags; RTMP uses the same numbers for its messages. */
export const tagType = { audio: 8, video: 9, script: 18 } as const;

/** 8, 9 or 18: see {@link tagType}. */
export type FlvTagType = (typeof tagType)[keyof typeof tagType];

/** The type of the tags that hold a flow. */
export const tagTypeOf: Readonly<Record<PacketKind, FlvTagType>> = {
  audio: tagType.audio,
  video: tagType.video,
  data: tagType.script,
};

/** One FLV tag. `timestamp` is in milliseconds; a reader gives the 32 bits of the file, unsigned. */
export type FlvTag = {
  readonly type: FlvTagType;
  readonly timestamp: number;
  readonly payload: Payload;
};

/** Bytes of the file header together with the empty PreviousTagSize behind it: where the first tag begins. */
export const flvHeaderSize = 13;

/** Bytes in front of a tag's payload. */
export const tagHeaderSize = 11;

/** Bytes of the PreviousTagSize behind a tag's payload. */
export const tagTrailerSize = 4;

/** The largest payload that the 24 bits of a tag's size can announce. */
export const maxTagPayload = 0xffffff;

/** Bytes that a tag with `payloadLength` bytes of payload takes in a file, PreviousTagSize included. */
export const flvTagSize = (payloadLength: number): number => tagHeaderSize + payloadLength + tagTrailerSize;

/** The flags byte of a file header: which kinds of tags the file holds. */
export const flvFlags = ({
  hasAudio,
  hasVideo,
}: {
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
}): number => (hasAudio ? 4 : 0) | (hasVideo ? 1 : 0);

/** Where {@link flvFlags} stands in a file, to be set right once it is known what came. */
export const flvFlagsOffset = 4;

/** The {@link flvHeaderSize} bytes a file begins with. FLV spec E.2 and E.3. The caller owns them. */
export const flvHeader = (content: {
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
}): Uint8Array => {
  const header = new Uint8Array(flvHeaderSize);
  header.set(encodeUtf8("FLV"));
  header[3] = 1;
  header[flvFlagsOffset] = flvFlags(content);
  header[8] = 9;
  return header;
};

const writeU24 = (target: Uint8Array, at: number, value: number): void => {
  target[at] = value >>> 16;
  target[at + 1] = value >>> 8;
  target[at + 2] = value;
};

/** What stands around a payload of `length` bytes. `timestamp` as in {@link FlvTag}. */
export interface FlvTagFrame {
  readonly type: FlvTagType;
  readonly timestamp: number;
  readonly length: number;
}

/**
 * Writes what stands around a tag's payload into `target` at offset `at`, {@link flvTagSize} bytes with the payload, and gives the offset
 * at which that belongs. FLV spec E.4.1. Of the timestamp the low 32 bits are written, so one that has run past 2^32 ms wraps as FLV demands.
 */
export const writeFlvTagFrame = (target: Uint8Array, at: number, frame: FlvTagFrame): number => {
  const { type, timestamp, length } = frame;
  const end = at + flvTagSize(length);
  target[at] = type;
  writeU24(target, at + 1, length);
  writeU24(target, at + 4, timestamp >>> 0);
  target[at + 7] = (timestamp >>> 0) >>> 24;
  writeU24(target, at + 8, 0);
  const previous = tagHeaderSize + length;
  target[end - 4] = previous >>> 24;
  writeU24(target, end - 3, previous);
  return at + tagHeaderSize;
};

/**
 * Writes the tag into `target` at offset `at` and gives the offset behind it, {@link flvTagSize} further: see {@link writeFlvTagFrame}.
 * @throws RangeError when `target` has no room or the payload is larger than {@link maxTagPayload}
 */
export const writeFlvTag = (target: Uint8Array, at: number, tag: FlvTag): number => {
  const { type, timestamp, payload } = tag;
  const { length } = payload;
  if (length > maxTagPayload)
    throw new RangeError(`tag payload ${length} bytes, expected at most ${maxTagPayload}`);
  const end = at + flvTagSize(length);
  if (end > target.length) throw new RangeError(`${end - at} bytes for a tag, ${target.length - at} left`);
  target.set(payload, writeFlvTagFrame(target, at, { type, timestamp, length }));
  return end;
};

/** The tag as exact-size bytes of its own. @throws RangeError as {@link writeFlvTag} does */
export const encodeFlvTag = (tag: FlvTag): Uint8Array => {
  const bytes = Buffer.allocUnsafeSlow(flvTagSize(tag.payload.length));
  writeFlvTag(bytes, 0, tag);
  return bytes;
};
