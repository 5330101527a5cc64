import { emptyPayload, joinBytes, type Payload, share } from "../base/bytes.ts";

/** Reads smaller than this are gathered in blocks, so that a peer sending single bytes costs no object for each. */
const smallRead = 512;
const blockSize = 16 * 1024;

/**
 * Bytes that came in and were not consumed yet, in order. What is taken is a view of the input where it lies in one
 * piece, and one exact-size copy where it does not (reads below 512 bytes are copied once more, into blocks).
 * Nothing is allocated for bytes that have not arrived.
 */
export class ByteQueue {
  readonly #pieces: Uint8Array[] = [];
  /** Index of the first piece that is not consumed, and the offset in it. */
  #first = 0;
  #offset = 0;
  #length = 0;
  /** The block that small reads are copied to. It is written behind its used part only: views of that part stay. */
  #block = new Uint8Array(0);
  #blockUsed = 0;
  /** Where the last piece begins in the block; undefined when that piece is not one of the block. */
  #tailStart: number | undefined;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /** Takes `bytes` over: the caller must not write them any more. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    if (bytes.length >= smallRead) {
      this.#tailStart = undefined;
      this.#pieces.push(bytes);
      return;
    }
    if (this.#blockUsed + bytes.length > this.#block.length) {
      this.#block = new Uint8Array(blockSize);
      this.#blockUsed = 0;
      this.#tailStart = undefined;
    }
    if (this.#tailStart === undefined) {
      this.#tailStart = this.#blockUsed;
      this.#pieces.push(emptyPayload);
    }
    this.#block.set(bytes, this.#blockUsed);
    this.#blockUsed += bytes.length;
    this.#pieces[this.#pieces.length - 1] = this.#block.subarray(this.#tailStart, this.#blockUsed);
  }

  /** Byte `index` of what waits, 0 when there is none. */
  at(index: number): number {
    let position = this.#offset + index;
    for (let i = this.#first; i < this.#pieces.length; i++) {
      const piece = this.#pieces[i];
      if (piece === undefined) break;
      const byte = piece[position];
      if (byte !== undefined) return byte;
      position -= piece.length;
    }
    return 0;
  }

  /** Removes the next `count` bytes and gives them, to be kept as long as you like. @throws RangeError if they are not there */
  take(count: number): Payload {
    if (count > this.#length) throw new RangeError(`${count} bytes to take, ${this.#length} there`);
    const parts: Uint8Array[] = [];
    for (let missing = count; missing > 0; ) {
      const part = this.#takePart(missing);
      parts.push(part);
      missing -= part.length;
    }
    return share(joinBytes(parts));
  }

  /** Removes the next `count` bytes. @throws RangeError if they are not there */
  skip(count: number): void {
    if (count > this.#length) throw new RangeError(`${count} bytes to skip, ${this.#length} there`);
    for (let missing = count; missing > 0; ) missing -= this.#takePart(missing).length;
  }

  /** Up to `most` bytes that lie in one piece. */
  #takePart(most: number): Uint8Array {
    const piece = this.#pieces[this.#first] ?? emptyPayload;
    const part = piece.subarray(this.#offset, this.#offset + most);
    this.#offset += part.length;
    this.#length -= part.length;
    if (this.#offset === piece.length) this.#dropFirst();
    return part;
  }

  #dropFirst(): void {
    this.#offset = 0;
    this.#pieces[this.#first] = emptyPayload;
    this.#first += 1;
    if (this.#first === this.#pieces.length) {
      this.#pieces.length = 0;
      this.#first = 0;
      this.#tailStart = undefined;
    } else if (this.#first >= 64 && this.#first * 2 >= this.#pieces.length) {
      this.#pieces.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
