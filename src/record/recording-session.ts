import type { SegmentMuxer } from "./segment-format.ts";

/** A recording goes on under another origin once its time is so far from the clock's, in milliseconds. */
const maxDriftMs = 5_000;

/** A recording without a gap: its segments can be joined again. Times are in milliseconds of the stream. */
export class RecordingSession {
  readonly muxer: SegmentMuxer;
  /** Where it began; undefined before its first file. */
  originMs: number | undefined;
  /** Segments begun so far. */
  segments = 0;
  /** When time zero of the stream was, in Unix milliseconds. */
  readonly #zeroDateMs: number;

  /** `nowMs` is the time of the stream now. */
  constructor(muxer: SegmentMuxer, { nowMs, date }: { readonly nowMs: number; readonly date: Date }) {
    this.muxer = muxer;
    this.#zeroDateMs = date.getTime() - nowMs;
  }

  /** When a time of the stream was, in Unix milliseconds. */
  dateOf(timeMs: number): number {
    return this.#zeroDateMs + timeMs;
  }

  /** Whether media runs so much faster or slower than the clock that names of files no longer tell the time. */
  isAdrift(nowMs: number, date: Date): boolean {
    return Math.abs(date.getTime() - this.dateOf(nowMs)) > maxDriftMs;
  }
}
