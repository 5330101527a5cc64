import { WireError } from "../base/errors.ts";

/** What one AMF message may cost. Everything in it is chosen by the peer. */
export type AmfLimits = {
  /** Containers inside each other. */
  readonly maxDepth: number;
  /** Values of any kind, array elements included. */
  readonly maxNodes: number;
  /** Properties of all objects together. */
  readonly maxProperties: number;
  /** Bytes of one property name or class name. */
  readonly maxKeyBytes: number;
  /** Bytes of one string, XML document or byte array. */
  readonly maxStringBytes: number;
};

/**
 * Limits for what a live peer sends. Commands nest 3 deep and metadata holds some 30 properties, so these leave
 * an order of magnitude. The key frame index of a recorded file does not fit: its reader raises `maxNodes`.
 */
export const amfLimits: AmfLimits = {
  maxDepth: 32,
  maxNodes: 4096,
  maxProperties: 1024,
  maxKeyBytes: 256,
  maxStringBytes: 0x10000,
};

/**
 * Counts what one message has cost so far. Shared by the AMF0 and AMF3 halves of a message, so that neither
 * gets a second allowance by nesting in the other.
 * @throws WireError AMF_TOO_DEEP, AMF_TOO_LARGE
 */
export class AmfBudget {
  readonly #limits: AmfLimits;
  #depth = 0;
  #nodes = 0;
  #properties = 0;

  constructor(limits: AmfLimits = amfLimits) {
    this.#limits = limits;
  }

  /** Goes one container deeper; `leave` comes back. */
  enter(): void {
    if (this.#depth >= this.#limits.maxDepth) {
      throw new WireError("AMF_TOO_DEEP", `AMF nested deeper than ${this.#limits.maxDepth} levels`);
    }
    this.#depth += 1;
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** Charges one value. */
  node(): void {
    this.#nodes += 1;
    this.#atMost("values", this.#nodes, this.#limits.maxNodes);
  }

  /** Charges one property. */
  property(): void {
    this.#properties += 1;
    this.#atMost("properties", this.#properties, this.#limits.maxProperties);
  }

  /** Gives `length` back if a name may be that long. */
  keyLength(length: number): number {
    return this.#atMost("bytes in a name", length, this.#limits.maxKeyBytes);
  }

  /** Gives `length` back if a string may be that long. */
  stringLength(length: number): number {
    return this.#atMost("bytes in a string", length, this.#limits.maxStringBytes);
  }

  #atMost(what: string, count: number, limit: number): number {
    if (count > limit)
      throw new WireError("AMF_TOO_LARGE", `${count} AMF ${what}, expected at most ${limit}`);
    return count;
  }
}
