import type { Run, SampleTrack } from "../media/sample.ts";
import type { Patch } from "./disk-writer.ts";

/** A segment that begins. Times are in milliseconds on the stream's own timeline. */
export interface SegmentFacts {
  readonly tracks: readonly SampleTrack[];
  /** From 0 in one recording without a gap. */
  readonly number: number;
  /** Zero in the file, or where its first frame stands. */
  readonly startMs: number;
  /** Where the recording began that it belongs to. */
  readonly originMs: number;
  /** When it began, in Unix milliseconds. */
  readonly dateMs: number;
}

/** Turns the parts of one recording without a gap into the bytes of its segments. Pure; called in order. */
export interface SegmentMuxer {
  /** What a file begins with. */
  begin(segment: SegmentFacts): Uint8Array;
  /** The bytes of a part, in pieces; the runs are of tracks that the segment began with and have a sample each. */
  part(runs: readonly Run[]): Iterable<Uint8Array>;
  /** What is to be written over the file when it is over. */
  end(durationMs: number): readonly Patch[];
}

/** A form of recordings that is made of parts. */
export interface SegmentFormat {
  /** With its dot. */
  readonly extension: string;
  /** As people call it, for the log. */
  readonly name: string;
  /** Whether it can hold a track. */
  holds(track: SampleTrack): boolean;
  /** The muxer of a recording that begins. */
  open(): SegmentMuxer;
}
