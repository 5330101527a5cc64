/** The deepest reordering that H.264 and H.265 allow. */
const maxDepth = 16;

/** A jump of presentation times by more than this is a new beginning, in milliseconds. */
const maxJumpMs = 10_000;

/** Between the first pictures, where their rate is not known, in milliseconds. */
const defaultFrameMs = 40;

/**
 * Decoding times of pictures whose presentation times alone are known, as RTP has them. Pictures come in decoding order; with a reordering
 * depth of D, picture i is decoded at the presentation time of the (i-D)-th picture in order of display, which is never later than its own.
 * Needs no picture in advance. A depth that was told too small, or not at all, grows with what is seen; until then single pictures have
 * a decoding time behind their presentation, which FLV allows.
 */
export class DecodeTimes {
  #depth: number;
  /** The last `#depth` + 1 presentation times, in order. */
  #window: number[] = [];
  #last: number | undefined;

  /** `depth`: pictures that may come before one that is shown earlier; 0 where it is not known. */
  constructor(depth = 0) {
    this.#depth = Math.min(depth, maxDepth);
  }

  /** Reordering depth in use. */
  get depth(): number {
    return this.#depth;
  }

  /** Another depth, as a new parameter set says it. It takes effect with the next picture, and never shrinks below what was seen. */
  setDepth(depth: number): void {
    this.#depth = Math.max(this.#depth, Math.min(depth, maxDepth));
  }

  /** The decoding time of the next picture. Never runs backwards but for a new beginning. `frameMs`: length of a picture, if known. */
  next(presentationMs: number, frameMs: number = defaultFrameMs): number {
    if (this.#last !== undefined && Math.abs(presentationMs - this.#last) > maxJumpMs) {
      this.#window = [];
      this.#last = undefined;
    }
    const window = this.#window;
    if (window.length === 0) {
      // The pictures that would have been shown in front of the first.
      for (let i = this.#depth; i > 0; i -= 1) window.push(presentationMs - i * frameMs);
    }
    let at = window.length;
    while (at > 0 && (window[at - 1] ?? 0) > presentationMs) at -= 1;
    const overtaken = window.length - at;
    window.splice(at, 0, presentationMs);
    if (overtaken > this.#depth) this.#depth = Math.min(overtaken, maxDepth);
    while (window.length > this.#depth + 1) window.shift();
    const decoding = window[0] ?? presentationMs;
    this.#last = Math.max(decoding, this.#last ?? decoding);
    return this.#last;
  }
}
