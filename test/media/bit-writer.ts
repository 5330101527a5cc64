/** Composes the bits of a parameter set, highest bit first: what a test wants and no encoder here makes. */
export class BitWriter {
  readonly #bits: number[] = [];

  /** `value` in `count` bits, up to 32. */
  u(count: number, value: number): this {
    for (let bit = count - 1; bit >= 0; bit -= 1) this.#bits.push(Math.floor(value / 2 ** bit) % 2);
    return this;
  }

  /** Each of `flags` as one bit. */
  flags(...flags: readonly (0 | 1)[]): this {
    this.#bits.push(...flags);
    return this;
  }

  /** Each of `values` as an unsigned exp-Golomb number. */
  ue(...values: readonly number[]): this {
    for (const value of values) {
      const length = Math.floor(Math.log2(value + 1));
      this.u(length, 0).u(length + 1, value + 1);
    }
    return this;
  }

  /** Each of `values` as a signed exp-Golomb number. */
  se(...values: readonly number[]): this {
    return this.ue(...values.map((value) => (value > 0 ? 2 * value - 1 : -2 * value)));
  }

  /** The bytes, the last one filled up with zeros. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8));
    for (const [at, bit] of this.#bits.entries()) bytes[at >>> 3]! |= bit << (7 - (at & 7));
    return bytes;
  }

  /** A NAL unit: a stop bit at the end, and 03 wherever two zeros stand before 00 to 03. */
  nal(): Uint8Array {
    return insertEmulationPrevention(this.flags(1).bytes());
  }
}

/** `payload` as a NAL unit carries it. H.264 spec 7.4.1.1. */
export const insertEmulationPrevention = (payload: Uint8Array): Uint8Array => {
  const nal: number[] = [];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros === 2 && byte <= 3) {
      nal.push(3);
      zeros = 0;
    }
    nal.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(nal);
};
