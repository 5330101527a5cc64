import { WireError } from "../base/errors.ts";

/**
 * A cursor over the bits of borrowed bytes, highest bit first. Every read checks the bounds.
 * @throws WireError TRUNCATED when fewer bits are left than asked for
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bits that are left. */
  get remaining(): number {
    return this.#bytes.length * 8 - this.#position;
  }

  bit(): number {
    const byte = this.#bytes[this.#position >>> 3];
    if (byte === undefined) throw new WireError("TRUNCATED", "1 bit expected, 0 left");
    const bit = (byte >>> (7 - (this.#position & 7))) & 1;
    this.#position += 1;
    return bit;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** An unsigned number of `count` bits, 0 to 32. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    if (count > this.remaining) {
      throw new WireError("TRUNCATED", `${count} bits expected, ${this.remaining} left`);
    }
    this.#position += count;
  }

  /** Moves to the next byte boundary, unless at one. */
  align(): void {
    this.#position = (this.#position + 7) & ~7;
  }

  /**
   * An unsigned exp-Golomb number below 2^32 - 1; H.264 spec 9.1, and `uvlc` of AV1.
   * @throws WireError TRUNCATED, CODEC_CONFIG for a longer number
   */
  ue(): number {
    let zeros = 0;
    while (this.bit() === 0) {
      zeros += 1;
      if (zeros > 31) throw new WireError("CODEC_CONFIG", "exp-Golomb number of more than 32 bits");
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /**
   * An unsigned exp-Golomb number that counts something.
   * @throws WireError TRUNCATED, CODEC_CONFIG when it is above `limit`
   */
  count(limit: number): number {
    const count = this.ue();
    if (count > limit) throw new WireError("CODEC_CONFIG", `count ${count}, expected at most ${limit}`);
    return count;
  }

  /** A signed exp-Golomb number. H.264 spec 9.1.1. @throws WireError TRUNCATED, CODEC_CONFIG */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2; // not -(code / 2): that makes a minus zero
  }
}

/**
 * The payload of an H.264 or H.265 NAL unit without its emulation prevention bytes (the 03 of 00 00 03).
 * Owned copy. H.264 spec 7.4.1.1.
 */
export const removeEmulationPrevention = (nal: Uint8Array): Uint8Array => {
  const payload = new Uint8Array(nal.length);
  let length = 0;
  let zeros = 0;
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    payload[length] = byte;
    length += 1;
  }
  return payload.subarray(0, length);
};
