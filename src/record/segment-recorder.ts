import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Packet } from "../media/packet.ts";
import { SampleLine, type TimedFrame } from "../samples/sample-line.ts";
import { SampleTracks, type TrackUnit, unitsOf } from "../samples/sample-tracks.ts";
import type { Batch } from "../stream/batch.ts";
import type { FileNaming } from "./file-name.ts";
import type { RecordedFile, RecordedFileContext } from "./recorded-file.ts";
import type { Recorder } from "./recorder.ts";
import { RecordingSession } from "./recording-session.ts";
import { Segment } from "./segment.ts";
import type { SegmentFormat } from "./segment-format.ts";

/** How a stream is recorded in segments of parts. */
export interface SegmentRecorderContext extends RecordedFileContext {
  readonly format: SegmentFormat;
  readonly nameFile: FileNaming;
  readonly log: Logger;
  /** A segment this long ends at the next key frame, in milliseconds. */
  readonly segmentMs: number;
  /** A part is this long, in milliseconds. */
  readonly partMs: number;
  /** A part that has so many bytes ends early. */
  readonly maxPartBytes: number;
}

/** Pictures that have been missing for this long are not waited for when a segment is to end, in milliseconds. */
const videoSilenceMs = 10_000;

/** Times that leap further than this are a gap between two recordings, in milliseconds. */
const maxLeapMs = 10_000;

/**
 * Records one publish in segments that begin with a key frame, part by part: a part is written when it is whole. A stream that changes
 * its codecs, or whose times leap, goes on in another segment.
 */
export class SegmentRecorder implements Recorder {
  readonly #path: StreamPath;
  readonly #context: SegmentRecorderContext;
  readonly #tracks = new SampleTracks();
  /** Where tracks stand, from segment to segment. */
  readonly #lines = new Map<string, SampleLine>();
  /** Tracks that this form cannot hold, by what was said about them. */
  readonly #leftOut = new Map<string, string>();
  #session: RecordingSession | undefined;
  #segment: Segment | undefined;
  /** The next key frame begins a segment, and nothing joins it to the one before. */
  #isBroken = false;
  #latestMs: number | undefined;
  #lastVideoMs: number | undefined;
  #isOver = false;
  #hasFailed = false;
  #hasWritten = false;
  readonly #unfinished = new Set<Promise<void>>();

  constructor(path: StreamPath, context: SegmentRecorderContext) {
    this.#path = path;
    this.#context = context;
  }

  get hasFailed(): boolean {
    return this.#hasFailed || this.#segment?.file?.hasFailed === true;
  }

  get hasWritten(): boolean {
    return this.#hasWritten || this.#segment?.file?.hasWritten === true;
  }

  async idle(): Promise<void> {
    await Promise.all(this.#unfinished);
  }

  start(): void {
    // A file begins with a frame.
  }

  deliver(batch: Batch): void {
    if (this.#isOver || this.hasFailed) return;
    const { packets } = batch;
    // The first batch holds what happened before: its last packet is now.
    if (!this.#session) this.#openSession(packets.at(-1)?.timestamp ?? 0);
    for (const packet of packets) this.#take(packet);
  }

  interrupt(): void {
    this.#close();
    this.#tracks.clear();
  }

  end(): void {
    if (!this.#isOver) this.#close();
    this.#isOver = true;
  }

  fail(error: unknown): void {
    this.#isOver = true;
    this.#hasFailed = true;
    const file = this.#segment?.file;
    if (file) file.abort(error);
    else
      this.#context.events.emit({
        kind: "recordingFailed",
        path: this.#path,
        file: "",
        error: messageOf(error),
      });
  }

  #openSession(nowMs: number): RecordingSession {
    const { clock, format } = this.#context;
    const session = new RecordingSession(format.open(), { nowMs, date: clock.date() });
    this.#session = session;
    return session;
  }

  #take(packet: Packet): void {
    switch (packet.role) {
      case "config":
        for (const unit of unitsOf(packet)) if (unit.role === "config") this.#configure(unit);
        break;
      case "key":
      case "frame":
      case "disposable":
        this.#leap(packet.timestamp);
        for (const unit of unitsOf(packet)) this.#takeFrame(unit, packet.timestamp);
        break;
      default:
        break;
    }
  }

  /** Some encoders repeat theirs with every key frame; only another one ends the segment. */
  #configure(unit: TrackUnit): void {
    if (!this.#tracks.configure(unit)) return;
    this.#leftOut.delete(unit.key);
    if (this.#lines.has(unit.key)) this.#isBroken = true;
  }

  #leap(timestamp: number): void {
    const latest = this.#latestMs;
    if (latest !== undefined && Math.abs(timestamp - latest) > maxLeapMs) this.#close();
    this.#latestMs = Math.max(timestamp, this.#latestMs ?? timestamp);
  }

  #takeFrame(unit: TrackUnit, timestamp: number): void {
    const isKey = unit.kind === "audio" || unit.role === "key";
    if (this.#isCut(unit, timestamp)) this.#cut(unit, timestamp);
    const segment = this.#segment;
    const isNew = !segment?.has(unit.key);
    // Inter frames lack what they refer to, and a file cannot get a track that it began without.
    if (isNew && (!isKey || (segment?.file && !this.#breakFor(unit)))) return;
    const line = this.#lineOf(unit);
    if (!line) return;
    const target = this.#segment ?? this.#begin(timestamp);
    if (!target.has(unit.key)) target.add(unit.key, line);
    if (unit.kind === "video") this.#lastVideoMs = timestamp;
    this.#flushIfDue(target, timestamp);
    target.push(unit.key, frameOf(unit, timestamp));
  }

  /** A track turned up late: the next segment has it. Gives true where that one can begin at once. */
  #breakFor(unit: TrackUnit): boolean {
    if (!this.#lineOf(unit)) return false;
    this.#isBroken = true;
    if (this.#segment?.hasVideo) return false;
    this.#close();
    return true;
  }

  /** Whether a frame begins a new segment: a key frame, or sound where no picture comes. */
  #isCut(unit: TrackUnit, timestamp: number): boolean {
    const segment = this.#segment;
    if (!segment) return false;
    const { segmentMs } = this.#context;
    if (!this.#isBroken && timestamp - segment.startMs < segmentMs) return false;
    if (unit.kind === "video") return unit.role === "key" && unit.key === "video 0";
    if (!segment.hasVideo) return true;
    return timestamp - (this.#lastVideoMs ?? timestamp) >= Math.max(segmentMs, videoSilenceMs);
  }

  /** The segment ends in front of this frame. */
  #cut(unit: TrackUnit, timestamp: number): void {
    if (this.#isBroken) {
      this.#close();
      return;
    }
    const line = this.#lines.get(unit.key);
    // Its last frame lasts until this one, which has yet to be kept in the next segment.
    if (line && this.#segment?.has(unit.key)) this.#segment.endWith(unit.key, line.endAt(timestamp));
    this.#finish();
  }

  #lineOf(unit: TrackUnit): SampleLine | undefined {
    const known = this.#lines.get(unit.key);
    if (known) return known;
    const track = this.#tracks.describe(unit);
    const { format } = this.#context;
    const codec = this.#tracks.codecOf(unit) ?? unit.codec;
    if (track && track.timescale > 0 && format.holds(track)) {
      const line = new SampleLine(track);
      this.#lines.set(unit.key, line);
      return line;
    }
    const what = codec ?? "an unknown codec";
    // One whose configuration has not come yet may still be recorded.
    if ((track || !codec) && this.#leftOut.get(unit.key) !== what) {
      this.#leftOut.set(unit.key, what);
      this.#context.log.warn(`a ${format.name} recording cannot hold ${what}, the track is left out`, {
        stream: this.#path,
        track: unit.key,
      });
    }
    return undefined;
  }

  #begin(timestamp: number): Segment {
    const session = this.#session ?? this.#openSession(timestamp);
    const segment = new Segment({
      muxer: session.muxer,
      number: session.segments,
      startMs: timestamp,
      originMs: session.originMs,
      dateOf: (timeMs) => session.dateOf(timeMs),
      fileAt: (dateMs) => {
        const facts = { path: this.#path, date: new Date(dateMs), segment: session.segments };
        const nameOf = (number: number): string => this.#context.nameFile(facts, number);
        return { stream: this.#path, nameOf };
      },
      context: this.#context,
    });
    session.segments++;
    this.#segment = segment;
    this.#isBroken = false;
    return segment;
  }

  #flushIfDue(segment: Segment, timestamp: number): void {
    const { partMs, maxPartBytes } = this.#context;
    const start = segment.partStartMs;
    if (start === undefined) return;
    if (timestamp - start < partMs && segment.partBytes < maxPartBytes) return;
    const isFirst = !segment.file;
    segment.flush();
    if (isFirst && segment.file) this.#began(segment, segment.file);
    if (this.#session?.isAdrift(timestamp, this.#context.clock.date())) this.#isBroken = true;
  }

  #began(segment: Segment, file: RecordedFile): void {
    const session = this.#session;
    if (session) session.originMs ??= segment.zeroMs;
    this.#unfinished.add(file.finished);
    void file.finished.then(() => this.#unfinished.delete(file.finished));
  }

  #finish(): void {
    const segment = this.#segment;
    if (!segment) return;
    const isFirst = !segment.file;
    const file = segment.finish();
    if (isFirst && file) this.#began(segment, file);
    if (file) this.#watch(file);
    this.#segment = undefined;
  }

  /** A file may fail when it is finished already. */
  #watch(file: RecordedFile): void {
    void file.finished.then(() => {
      if (file.hasFailed) this.#hasFailed = true;
      else this.#hasWritten = true;
    });
  }

  /** What follows does not continue what was. */
  #close(): void {
    this.#finish();
    this.#lines.clear();
    this.#session = undefined;
    this.#isBroken = false;
    this.#latestMs = undefined;
    this.#lastVideoMs = undefined;
  }
}

const frameOf = (unit: TrackUnit, timestamp: number): TimedFrame & { readonly timestamp: number } => ({
  timestamp,
  compositionTime: unit.compositionTime,
  data: unit.data,
  isKey: unit.kind === "audio" || unit.role === "key",
});
