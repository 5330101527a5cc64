import { u24At, u32At } from "./bits.ts";
import { FlvFileIndex } from "./file-index.ts";
import { type FlvTagType, flvHeaderSize, flvTagSize, tagHeaderSize, tagTrailerSize, tagType } from "./tag.ts";

/** Reads up to `length` bytes of a file at `offset`, fewer at its end, into a buffer that later calls leave alone. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/** How far a file is whole, and what is in that part. */
export type FlvScan = {
  /** Offset behind the last whole tag: cut the file here. 0 when it is not FLV at all. */
  readonly end: number;
  /** How many whole tags there are. */
  readonly tags: number;
  /** Whole size of the script tag the file begins with; undefined when it begins with another. */
  readonly metadataTagSize: number | undefined;
  readonly index: FlvFileIndex;
};

/** Enough of a payload to know its header. */
const headLength = 32;

const isTagType = (type: number | undefined): type is FlvTagType =>
  type === tagType.audio || type === tagType.video || type === tagType.script;

/**
 * Finds how far an FLV file of `size` bytes is whole, after a crash cut its writer off: tag by tag, up to the first
 * that has a wrong type, does not fit or has a wrong PreviousTagSize. One small read for each tag.
 */
export const scanFlv = (read: ReadAt, size: number): FlvScan => {
  const index = new FlvFileIndex();
  let tags = 0;
  let metadataTagSize: number | undefined;
  const header = read(0, flvHeaderSize);
  const isFlv = header.length === flvHeaderSize && u32At(header, 0) === 0x464c5601 && u32At(header, 5) === 9;
  if (!isFlv) return { end: 0, tags, metadataTagSize, index };

  let position = flvHeaderSize;
  let front = read(position, tagHeaderSize + headLength);
  for (;;) {
    const type = front[0];
    const payloadLength = u24At(front, 1);
    const next = position + flvTagSize(payloadLength);
    if (front.length < tagHeaderSize || !isTagType(type) || next > size) break;
    // The trailer of this tag and the front of the next one lie side by side.
    const joint = read(next - tagTrailerSize, tagTrailerSize + tagHeaderSize + headLength);
    if (joint.length < tagTrailerSize || u32At(joint, 0) !== tagHeaderSize + payloadLength) break;
    const timestamp = (((front[7] ?? 0) << 24) | u24At(front, 4)) >>> 0;
    const head = front.subarray(tagHeaderSize, Math.min(tagHeaderSize + payloadLength, front.length));
    index.add({ type, timestamp, position, head, payloadLength });
    if (tags === 0 && type === tagType.script) metadataTagSize = next - position;
    tags += 1;
    position = next;
    front = joint.subarray(tagTrailerSize);
  }
  return { end: position, tags, metadataTagSize, index };
};
