import { emptyPayload, type Payload, share } from "./bytes.ts";

/** A head shorter than this is not worth having: headers are read from it. */
const minHeadBytes = 64;

/** More pieces than this are joined before they are copied anywhere. */
const maxPiecesToCopy = 64;

/**
 * Bytes that lie in pieces of one buffer, as chunk headers leave them, and are put together only when somebody wants them in one
 * run. Immutable and shared. Most of what passes through a relay is copied straight to where it goes, or nowhere at all.
 */
export class Pieces {
  /** Bytes in all pieces together. */
  readonly length: number;
  #source: Uint8Array;
  /** From and to of each piece in the source. */
  #bounds: readonly number[];
  #whole: Payload | undefined;

  /** `source` must not be written any more; `bounds` holds from and to of each piece, in order. */
  constructor(source: Uint8Array, bounds: readonly number[], length: number) {
    this.#source = source;
    this.#bounds = bounds;
    this.length = length;
  }

  /** Bytes that are in one run already. */
  static of(payload: Payload): Pieces {
    const pieces = new Pieces(payload, [], payload.length);
    pieces.#whole = payload;
    return pieces;
  }

  /** All bytes in one run: a view where there is one piece, else a buffer of its own, made at the first call. */
  get whole(): Payload {
    return this.#whole ?? this.#join();
  }

  /** The first bytes: at least 64 of them, or all there are. */
  get head(): Uint8Array {
    if (this.#whole) return this.#whole;
    const [from = 0, to = 0] = this.#bounds;
    return to - from < minHeadBytes ? this.#join() : this.#source.subarray(from, to);
  }

  /** Copies the bytes `[from, to)` to `target` at `at`. */
  copyTo(target: Uint8Array, at: number, from: number, to: number): void {
    if (this.#whole ?? (this.#bounds.length > 2 * maxPiecesToCopy && this.#join())) {
      copyRange(this.whole, from, to, target, at);
      return;
    }
    let skipped = 0;
    let written = at;
    for (let i = 0; i < this.#bounds.length; i += 2) {
      const start = this.#bounds[i] ?? 0;
      const size = (this.#bounds[i + 1] ?? 0) - start;
      const first = Math.max(from - skipped, 0);
      const end = Math.min(to - skipped, size);
      if (first < end) {
        copyRange(this.#source, start + first, start + end, target, written);
        written += end - first;
      }
      skipped += size;
      if (skipped >= to) return;
    }
  }

  #join(): Payload {
    const bounds = this.#bounds;
    let whole: Payload;
    if (bounds.length === 2) {
      whole = share(this.#source.subarray(bounds[0], bounds[1]));
    } else {
      const joined = Buffer.allocUnsafeSlow(this.length);
      gather(this.#source, bounds, joined);
      whole = share(joined);
    }
    this.#whole = whole;
    this.#source = emptyPayload;
    return whole;
  }
}

/** Copies without making a view for it. */
export const copyRange = (
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): void => {
  Buffer.prototype.copy.call(source, target, at, from, to);
};

/** Copies the pieces of `source` between `bounds` to the start of `target`, one behind the other. */
export const gather = (source: Uint8Array, bounds: readonly number[], target: Uint8Array): void => {
  let at = 0;
  for (let i = 0; i < bounds.length; i += 2) {
    const from = bounds[i] ?? 0;
    const to = bounds[i + 1] ?? 0;
    copyRange(source, from, to, target, at);
    at += to - from;
  }
};

/** No bytes at all. */
export const noPieces: Pieces = Pieces.of(emptyPayload);
