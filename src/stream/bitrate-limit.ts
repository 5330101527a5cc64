/** A burst as long as this is no bit rate: what an encoder sends at first, and after a stall. In milliseconds. */
const windowMs = 5_000;

/** Tells a publisher that keeps sending too much, by looking now and then at how much it has sent. */
export class BitrateLimit {
  #bytes = 0;
  #at: number | undefined;

  /**
   * Notes that `bytes` have come in all until `now`, in milliseconds. Gives the bits a second of the last window where they are more than
   * `maxBitrate`; a bound of 0 is none.
   */
  excess(bytes: number, { now, maxBitrate }: { now: number; maxBitrate: number }): number | undefined {
    if (maxBitrate === 0) {
      this.#at = undefined;
      return undefined;
    }
    if (this.#at === undefined) this.#begin(bytes, now);
    const elapsedMs = now - (this.#at ?? now);
    if (elapsedMs < windowMs) return undefined;
    const bitrate = ((bytes - this.#bytes) * 8_000) / elapsedMs;
    this.#begin(bytes, now);
    return bitrate > maxBitrate ? bitrate : undefined;
  }

  #begin(bytes: number, now: number): void {
    this.#bytes = bytes;
    this.#at = now;
  }
}
