import { WireError } from "../base/errors.ts";
import { ByteQueue } from "./byte-queue.ts";
import { type FlvTag, type FlvTagType, tagHeaderSize, tagTrailerSize, tagType } from "./tag.ts";

/** What the header of an FLV file or stream claims. Some writers set both or none, so trust the tags instead. */
export type FlvFileHeader = { readonly hasAudio: boolean; readonly hasVideo: boolean };

const headerSize = 9;

/** Where the tags may begin at most: the size in the header allows for extensions that nobody has ever made. */
const maxHeaderSize = 1024;

/** AMF3 script data: read by no player, written by next to nobody, and skipped. */
const amf3ScriptType = 15;

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");

/**
 * Reads FLV as it comes in: bytes in, tags out, no input or output of its own. FLV spec E.2 to E.4.
 *
 *   file header  →  { PreviousTagSize  tag header  payload } ...
 *
 * A tag is given as soon as its payload is whole, so a live pull never waits for the next one. The PreviousTagSize in
 * front of the first tag is not looked at. The others must be right, except that 0 and the payload's size alone are
 * accepted: both are written by muxers in the field. Any other value means that the tags are out of step.
 */
export class FlvReader {
  readonly #queue = new ByteQueue();
  #header: FlvFileHeader | undefined;
  /** Payload size of the tag that was read last; undefined in front of the first. */
  #previousSize: number | undefined;
  /** Bytes of a header extension or of a skipped payload that are still to be thrown away. */
  #toSkip = 0;

  /** What the file header claims; undefined until it was read by `next`. */
  get header(): FlvFileHeader | undefined {
    return this.#header;
  }

  /** Bytes that were received and do not make a whole tag yet: not zero at the end of a file that was cut. */
  get pendingBytes(): number {
    return this.#queue.length;
  }

  /** Takes `bytes` over (owned); nothing is read yet. */
  receive(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  /**
   * The next whole tag; undefined when more bytes are needed. Payloads are views of what was received, or one copy
   * where a tag was cut. After an error the reader is of no use.
   * @throws WireError FLV_HEADER, FLV_TAG
   */
  next(): FlvTag | undefined {
    if (this.#header === undefined && !this.#readHeader()) return undefined;
    for (;;) {
      if (!this.#skipPending()) return undefined;
      const queue = this.#queue;
      const front = tagTrailerSize + tagHeaderSize;
      // A wrong trailer is told at once, also where the stream ends behind it.
      if (queue.length >= tagTrailerSize) this.#checkTrailer();
      if (queue.length < front) return undefined;
      const type = this.#readType();
      const size = this.#u24(tagTrailerSize + 1);
      if (type !== undefined && queue.length < front + size) return undefined;
      const timestamp = ((queue.at(tagTrailerSize + 7) << 24) | this.#u24(tagTrailerSize + 4)) >>> 0;
      queue.skip(front);
      this.#previousSize = size;
      if (type !== undefined) return { type, timestamp, payload: queue.take(size) };
      this.#toSkip = size;
    }
  }

  #u24(at: number): number {
    const queue = this.#queue;
    return (queue.at(at) << 16) | (queue.at(at + 1) << 8) | queue.at(at + 2);
  }

  #u32(at: number): number {
    return ((this.#u24(at) << 8) | this.#queue.at(at + 3)) >>> 0;
  }

  #skipPending(): boolean {
    const count = Math.min(this.#toSkip, this.#queue.length);
    this.#queue.skip(count);
    this.#toSkip -= count;
    return this.#toSkip === 0;
  }

  #readHeader(): boolean {
    const queue = this.#queue;
    const signature = [0x46, 0x4c, 0x56, 0x01];
    for (let i = 0; i < Math.min(queue.length, signature.length); i++) {
      if (queue.at(i) === signature[i]) continue;
      throw new WireError("FLV_HEADER", `byte ${i} of the file is ${hex(queue.at(i))}, expected 46 4c 56 01`);
    }
    if (queue.length < headerSize) return false;
    const size = this.#u32(5);
    if (size < headerSize || size > maxHeaderSize) {
      throw new WireError("FLV_HEADER", `header size ${size}, expected ${headerSize} to ${maxHeaderSize}`);
    }
    const flags = queue.at(4);
    this.#header = { hasAudio: (flags & 4) !== 0, hasVideo: (flags & 1) !== 0 };
    queue.skip(headerSize);
    this.#toSkip = size - headerSize;
    return true;
  }

  #checkTrailer(): void {
    const size = this.#previousSize;
    if (size === undefined) return;
    const claimed = this.#u32(0);
    if (claimed === size + tagHeaderSize || claimed === size || claimed === 0) return;
    throw new WireError("FLV_TAG", `previous tag size ${claimed}, expected ${size + tagHeaderSize}`);
  }

  /** The type of the tag in front; undefined for one that is to be skipped. */
  #readType(): FlvTagType | undefined {
    const type = this.#queue.at(tagTrailerSize);
    switch (type) {
      case tagType.audio:
      case tagType.video:
      case tagType.script:
        return type;
      case amf3ScriptType:
        return undefined;
      default:
        if (type & 0x20)
          throw new WireError("FLV_TAG", `tag type ${hex(type)} is encrypted, expected a plain tag`);
        throw new WireError("FLV_TAG", `tag type ${type}, expected 8, 9 or 18`);
    }
  }
}
