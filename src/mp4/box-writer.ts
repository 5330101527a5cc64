import { encodeUtf8 } from "../base/bytes.ts";

const u32Limit = 2 ** 32;

/** Writes boxes of ISO/IEC 14496-12 into one growing buffer; the size of each is known when it ends. */
export class BoxWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** A box of four letters with what `fill` writes in it. */
  box(type: string, fill: () => void): this {
    const at = this.#length;
    this.u32(0).text(type);
    fill();
    this.#view.setUint32(at, this.#length - at);
    return this;
  }

  /** A box with version and flags. */
  fullBox(
    type: string,
    { version = 0, flags = 0 }: { version?: number; flags?: number },
    fill: () => void,
  ): this {
    return this.box(type, () => {
      this.u32(((version << 24) | flags) >>> 0);
      fill();
    });
  }

  u8(value: number): this {
    this.#view.setUint8(this.#make(1), value);
    return this;
  }

  u16(value: number): this {
    const at = this.#make(2);
    this.#view.setUint16(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#make(4);
    this.#view.setUint32(at, value);
    return this;
  }

  i32(value: number): this {
    const at = this.#make(4);
    this.#view.setInt32(at, value);
    return this;
  }

  /** A whole number up to 2^53. */
  u64(value: number): this {
    return this.u32(Math.floor(value / u32Limit)).u32(value % u32Limit);
  }

  i64(value: bigint): this {
    const at = this.#make(8);
    this.#view.setBigInt64(at, value);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#make(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** UTF-8, with nothing behind it. */
  text(text: string): this {
    return this.bytes(encodeUtf8(text));
  }

  zeros(count: number): this {
    const at = this.#make(count);
    this.#bytes.fill(0, at, at + count);
    return this;
  }

  /** Writes over four bytes that are there. */
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value);
  }

  /** What was written; the writer is not used any more. */
  take(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #make(count: number): number {
    const at = this.#length;
    const end = at + count;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = end;
    return at;
  }
}
