import { ByteWriter } from "../base/bytes.ts";

const u32Limit = 2 ** 32;

/** Writes boxes of ISO/IEC 14496-12 into one growing buffer; the size of each is known when it ends. */
export class BoxWriter extends ByteWriter {
  constructor(capacity = 1024) {
    super(capacity);
  }

  /** A box of four letters with what `fill` writes in it. */
  box(type: string, fill: () => void): this {
    const at = this.length;
    this.u32(0).utf8(type);
    fill();
    this.patchU32(at, this.length - at);
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

  /** A whole number up to 2^53. */
  u64(value: number): this {
    return this.u32(Math.floor(value / u32Limit)).u32(value % u32Limit);
  }
}
