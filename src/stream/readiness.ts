import type { Track } from "../media/track.ts";

/** A publisher whose only track is known by then brings no other, in milliseconds. */
const windowMs = 2_000;

/** Pictures and sound. */
const maxKinds = 2;

/**
 * Finds out when the tracks of a publish are known: as soon as there are pictures and sound, and two seconds after the first frame
 * (of media, or by the clock, whichever is sooner) where there is only one of them and the publisher did not say so.
 */
export class Readiness {
  #since: Date | undefined;
  #firstTime = Number.NaN;
  #firstAt = Number.NaN;
  #hasWaited = false;
  /** How many kinds of media there will be. */
  #kinds = maxKinds;

  /** Since when the tracks are known; undefined while they are not. */
  get since(): Date | undefined {
    return this.#since;
  }

  /** Whether the next frame may settle it. */
  get awaitsFrames(): boolean {
    return this.#since === undefined && !this.#hasWaited;
  }

  /** Takes a frame with `time` on the stream's timeline that came at `now`, both in milliseconds, while that is awaited. */
  noteFrame(time: number, now: number): void {
    if (Number.isNaN(this.#firstAt)) {
      this.#firstTime = time;
      this.#firstAt = now;
    }
    this.#hasWaited = time - this.#firstTime >= windowMs || now - this.#firstAt >= windowMs;
  }

  /** Whether these are all the tracks that there will be, and nobody has been told so yet. */
  isComplete(tracks: readonly Track[]): boolean {
    if (this.#since !== undefined || tracks.length === 0) return false;
    return this.#hasWaited || new Set(tracks.map(({ kind }) => kind)).size >= this.#kinds;
  }

  /** The publisher has said how many kinds of media it brings. */
  expect(kinds: number): void {
    this.#kinds = kinds;
  }

  /** Notes since when the tracks are known. */
  settle(since: Date): void {
    this.#since = since;
  }

  /** Another publish begins. */
  clear(): void {
    this.#since = undefined;
    this.#firstTime = Number.NaN;
    this.#firstAt = Number.NaN;
    this.#hasWaited = false;
    this.#kinds = maxKinds;
  }
}
