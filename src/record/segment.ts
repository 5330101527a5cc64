import type { Run, Sample, SampleTrack } from "../media/sample.ts";
import type { SampleLine, TimedFrame } from "../samples/sample-line.ts";
import { RecordedFile, type RecordedFileContext, type RecordedFileOptions } from "./recorded-file.ts";
import type { SegmentMuxer } from "./segment-format.ts";

/** A segment that begins. */
export interface SegmentOptions {
  readonly muxer: SegmentMuxer;
  /** From 0. */
  readonly number: number;
  /** Time of its first frame, in milliseconds of the stream. */
  readonly startMs: number;
  /** Time at which a recording without a gap began; undefined where it does with this segment. */
  readonly originMs: number | undefined;
  /** When a time of the stream was, in Unix milliseconds. */
  readonly dateOf: (timeMs: number) => number;
  /** Where the file goes that began at this time, in Unix milliseconds. */
  readonly fileAt: (dateMs: number) => RecordedFileOptions;
  readonly context: RecordedFileContext;
}

interface Lane {
  readonly line: SampleLine;
  samples: Sample[];
}

/**
 * One file of parts. Frames are gathered until their part is over, and written together; there is no file before the first part is.
 */
export class Segment {
  readonly startMs: number;
  readonly #options: SegmentOptions;
  readonly #lanes = new Map<string, Lane>();
  #file: RecordedFile | undefined;
  #zeroMs = 0;
  /** Where the latest sample ends, in milliseconds of the stream. */
  #endMs = 0;
  #partStartMs: number | undefined;
  #partBytes = 0;

  constructor(options: SegmentOptions) {
    this.#options = options;
    this.startMs = options.startMs;
  }

  /** The file, once there is one. */
  get file(): RecordedFile | undefined {
    return this.#file;
  }

  /** Zero of the file in milliseconds of the stream, once there is one. */
  get zeroMs(): number {
    return this.#zeroMs;
  }

  /** Time of the first frame of the part that is gathered; undefined before it. */
  get partStartMs(): number | undefined {
    return this.#partStartMs;
  }

  get partBytes(): number {
    return this.#partBytes;
  }

  /** Whether the file has, or will have, this track. */
  has(key: string): boolean {
    return this.#lanes.has(key);
  }

  /** Whether there is a picture among its tracks. */
  get hasVideo(): boolean {
    return [...this.#lanes.values()].some(({ line }) => line.track.description.kind === "video");
  }

  /** Adds a track, which the file must not have begun without. */
  add(key: string, line: SampleLine): void {
    this.#lanes.set(key, { line, samples: [] });
  }

  /** Takes a frame of a track that it has. The one before it is complete now. */
  push(key: string, frame: TimedFrame & { readonly timestamp: number }): void {
    const lane = this.#lanes.get(key);
    if (!lane) return;
    const sample = lane.line.push(frame);
    if (sample) this.#keep(lane, sample);
    this.#partStartMs ??= frame.timestamp;
    this.#partBytes += frame.data.length;
  }

  /** Takes the end of a track's latest frame, which another segment has the next one of. */
  endWith(key: string, sample: Sample | undefined): void {
    const lane = this.#lanes.get(key);
    if (lane && sample) this.#keep(lane, sample);
  }

  /** Writes what is complete as one part, and makes the file if it is the first. */
  flush(): void {
    const lanes = [...this.#lanes.values()];
    if (lanes.every(({ samples }) => samples.length === 0)) return;
    const isFirst = !this.#file;
    const file = this.#file ?? this.#begin(lanes);
    const runs: Run[] = [];
    for (const lane of lanes) {
      if (lane.samples.length > 0) runs.push({ track: lane.line.track, samples: lane.samples });
      lane.samples = [];
    }
    for (const bytes of this.#options.muxer.part(runs)) file.append(bytes);
    if (isFirst) file.needsThis();
    file.flush();
    this.#partStartMs = undefined;
    this.#partBytes = 0;
  }

  /** Nothing follows. Gives the file, if there is one. */
  finish(): RecordedFile | undefined {
    for (const lane of this.#lanes.values()) {
      const sample = lane.line.end();
      if (sample) this.#keep(lane, sample);
    }
    this.flush();
    const durationMs = Math.max(0, this.#endMs - this.#zeroMs);
    this.#file?.finish({ patches: this.#options.muxer.end(durationMs), durationMs: Math.round(durationMs) });
    return this.#file;
  }

  #keep(lane: Lane, sample: Sample): void {
    lane.samples.push(sample);
    const endMs = msOf(sample.time + sample.duration, lane.line.track);
    if (endMs > this.#endMs) this.#endMs = endMs;
  }

  /** Zero is the earliest frame of all tracks: sound may begin in front of the first picture. */
  #begin(lanes: readonly Lane[]): RecordedFile {
    const { muxer, number, originMs, dateOf, fileAt, context } = this.#options;
    const starts = lanes.map(({ line, samples: [first] }) =>
      msOf(first?.time ?? line.waitingTime ?? 0, line.track),
    );
    const startMs = Math.floor(Math.min(...starts));
    const dateMs = dateOf(startMs);
    this.#zeroMs = startMs;
    const file = new RecordedFile(fileAt(dateMs), context);
    this.#file = file;
    const tracks = lanes.map(({ line }) => line.track);
    file.append(muxer.begin({ tracks, number, startMs, originMs: originMs ?? startMs, dateMs }));
    return file;
  }
}

const msOf = (time: number, { timescale }: SampleTrack): number => (time * 1_000) / timescale;
