import type { Packet } from "../media/packet.ts";
import type { SampleTrack } from "../media/sample.ts";
import { SampleLine } from "../samples/sample-line.ts";
import { SampleTracks, type TrackUnit, unitsOf } from "../samples/sample-tracks.ts";
import type { Container } from "./container.ts";
import { mainTracks, Sequence, type WrittenPart } from "./sequence.ts";

/** A stretch of a segment. Times are in milliseconds of the stream. */
export interface Part extends WrittenPart {
  readonly startMs: number;
  readonly durationMs: number;
}

/** What takes segments, as they come to be. */
export interface SegmentSink {
  /** No segment and no part may be longer than promised; undefined while nothing is. In milliseconds. */
  readonly targetMs: number | undefined;
  readonly partTargetMs: number | undefined;
  /** What follows does not continue what was: other tracks, or other times. Called in front of its first part. */
  begin(tracks: readonly SampleTrack[], init: Uint8Array<ArrayBuffer> | undefined): void;
  /** A part of the segment that is under way. */
  part(part: Part): void;
  /** The segment that is under way is over. */
  segment(durationMs: number): void;
  /** A track of this codec cannot be held. */
  leftOut(key: string, what: string): void;
}

/** How segments are cut. */
export interface SegmenterOptions {
  readonly container: Container;
  readonly segmentMs: number;
  /** Infinite where segments have one part. */
  readonly partMs: number;
  readonly maxSegmentBytes: number;
  readonly sink: SegmentSink;
}

/** Times come in whole milliseconds: what is so much shorter counts as long enough. */
const roundingShare = 0.03;

/** A first segment without another key frame ends after so long, in milliseconds. */
const longestFirstMs = 10_000;

/** A segment of the promised length may be so much longer, in milliseconds: what counts is rounded to seconds. */
const excessMs = 499;

/** Where a segment has to end without a key frame, it does so with the first picture or sound after so much more than promised. */
const forcedExcessMs = { video: 400, audio: 450 } as const;

/** A track that brings nothing for so long is left out, in milliseconds: players wait for sound that is promised. */
const silenceMs = 10_000;

/**
 * Cuts the packets of a stream into segments that begin with a key frame, and these into parts. Where a segment would become longer than
 * was promised it is cut elsewhere; where what follows does not continue what was, another {@link Sequence} begins.
 */
export class Segmenter {
  readonly #options: SegmenterOptions;
  readonly #tracks = new SampleTracks();
  #sequence: Sequence | undefined;
  #segmentStartMs = 0;
  #partStartMs = 0;
  #startsWithKey = true;
  /** Distance of the latest frames of the track that cuts. */
  #stepMs = 0;
  /** The next key frame begins another sequence. */
  #isBroken = false;
  /** Tracks whose configuration is no longer that of the sequence. */
  readonly #stale = new Set<string>();
  /** Tracks that bring nothing, although they were announced. */
  readonly #silent = new Set<string>();
  readonly #leftOut = new Map<string, string>();
  #waitsSinceMs: number | undefined;

  constructor(options: SegmenterOptions) {
    this.#options = options;
  }

  /** Whether frames came, and of none of them segments can be made. */
  get isBarren(): boolean {
    return this.#sequence === undefined && this.#leftOut.size > 0 && !this.#mayBegin;
  }

  /** Takes the stream's next packet. */
  take(packet: Packet): void {
    switch (packet.role) {
      case "config":
        for (const unit of unitsOf(packet)) if (unit.role === "config") this.#configure(unit);
        break;
      case "key":
      case "frame":
      case "disposable":
        for (const unit of unitsOf(packet)) this.#takeFrame(unit, packet.timestamp);
        break;
      default:
        break;
    }
  }

  /** Ends what is under way: nothing follows, or nothing that continues it. */
  close(): void {
    this.#break();
    this.#tracks.clear();
    this.#silent.clear();
    this.#waitsSinceMs = undefined;
  }

  #configure(unit: TrackUnit): void {
    if (!this.#tracks.configure(unit)) return;
    this.#leftOut.delete(unit.key);
    if (!this.#sequence?.has(unit.key)) return;
    this.#isBroken = true;
    this.#stale.add(unit.key);
  }

  #takeFrame(unit: TrackUnit, ms: number): void {
    if (unit.key !== mainTracks[unit.kind]) {
      this.#noteLeftOut(unit.key, "a second track");
      return;
    }
    this.#silent.delete(unit.key);
    this.#cut(unit, ms);
    const sequence = this.#sequence ?? this.#begin(unit, ms);
    if (!sequence || !this.#mayEnter(sequence, unit, ms)) return;
    if (unit.key === this.#leadOf(sequence))
      this.#stepMs = Math.max(0, ms - (sequence.lastOf(unit.key) ?? ms));
    sequence.push(unit.key, {
      timestamp: ms,
      compositionTime: unit.compositionTime,
      data: unit.data,
      isKey: unit.kind === "audio" || unit.role === "key",
    });
  }

  /** Ends in front of this frame what has to. */
  #cut(unit: TrackUnit, ms: number): void {
    const sequence = this.#sequence;
    if (!sequence) return;
    if (this.#isEnd(sequence, unit, ms)) this.#break();
    else if (this.#isSegmentEnd(sequence, unit, ms)) this.#endSegment(sequence, unit, ms);
    else if (this.#isPartEnd(sequence, unit, ms)) this.#endPart(sequence, unit, ms);
  }

  /** Whether the sequence ends in front of this frame. */
  #isEnd(sequence: Sequence, unit: TrackUnit, ms: number): boolean {
    const elapsed = ms - this.#segmentStartMs;
    const { targetMs = longestFirstMs } = this.#options.sink;
    // Nothing came for a while, or times fell back.
    if (elapsed > targetMs + excessMs || elapsed < -silenceMs) return true;
    const isPlace = isPlaceToCut(sequence, unit);
    if (this.#isBroken) return isPlace;
    const isNewPicture = isMainKey(unit) && sequence.isSettled && !sequence.has(unit.key);
    if (isNewPicture) return this.#lineOf(unit) !== undefined;
    const isPictureGone = !isPlace && ms - (sequence.lastOf(mainTracks.video) ?? ms) > silenceMs;
    if (!isPlace && !isPictureGone) return false;
    const silent = sequence.silent(ms, silenceMs).filter((key) => key !== unit.key);
    for (const key of silent) this.#silent.add(key);
    return silent.length > 0;
  }

  #isSegmentEnd(sequence: Sequence, unit: TrackUnit, ms: number): boolean {
    const { segmentMs, maxSegmentBytes, sink } = this.#options;
    const elapsed = ms - this.#segmentStartMs;
    if (elapsed <= 0) return false;
    if (isPlaceToCut(sequence, unit) && (elapsed >= segmentMs * (1 - roundingShare) || !this.#startsWithKey))
      return true;
    const { targetMs = longestFirstMs } = sink;
    if (elapsed >= targetMs + forcedExcessMs[unit.kind]) return true;
    if (unit.key !== this.#leadOf(sequence)) return false;
    return elapsed + this.#stepMs > targetMs + excessMs || sequence.segmentBytes >= maxSegmentBytes;
  }

  #isPartEnd(sequence: Sequence, unit: TrackUnit, ms: number): boolean {
    const { partMs, sink } = this.#options;
    const { partTargetMs } = sink;
    const elapsed = ms - this.#partStartMs;
    const lead = this.#leadOf(sequence);
    const isLead = unit.key === lead;
    // Sound goes on while a picture stands still.
    const isStandIn = !isLead && ms - (sequence.lastOf(lead) ?? ms) > (partTargetMs ?? 2 * partMs);
    if (elapsed <= 0 || !(isLead || isStandIn)) return false;
    const stepMs = isLead ? this.#stepMs : ms - (sequence.lastOf(unit.key) ?? ms);
    if (partTargetMs !== undefined && elapsed + stepMs > partTargetMs) return true;
    return elapsed >= partMs * (1 - roundingShare);
  }

  #endSegment(sequence: Sequence, unit: TrackUnit, ms: number): void {
    this.#endPart(sequence, unit, Math.max(ms, this.#partStartMs + 1));
    this.#options.sink.segment(ms - this.#segmentStartMs);
    sequence.nextSegment();
    this.#segmentStartMs = ms;
    this.#partStartMs = ms;
    this.#startsWithKey = isPlaceToCut(sequence, unit);
  }

  #endPart(sequence: Sequence, unit: TrackUnit, ms: number): void {
    if (unit.key === this.#leadOf(sequence)) sequence.endAt(unit.key, ms);
    if (this.#write(sequence, ms)) this.#partStartMs = ms;
  }

  /** Ends the sequence with what it has. */
  #break(): void {
    const sequence = this.#sequence;
    this.#sequence = undefined;
    this.#isBroken = false;
    this.#stale.clear();
    if (!sequence) return;
    const { targetMs = longestFirstMs } = this.#options.sink;
    const ends = sequence.end();
    const leadEndMs = Math.round(ends.get(this.#leadOf(sequence)) ?? 0);
    // Where pictures stopped and sound went on, that says how long it is.
    const lastMs = leadEndMs > this.#partStartMs ? leadEndMs : Math.round(Math.max(...ends.values()));
    const longest = this.#segmentStartMs + targetMs + excessMs;
    const endMs = Math.min(longest, Math.max(lastMs, this.#partStartMs + 1));
    this.#write(sequence, endMs);
    this.#options.sink.segment(endMs - this.#segmentStartMs);
  }

  #write(sequence: Sequence, ms: number): boolean {
    const { sink } = this.#options;
    const wasSettled = sequence.isSettled;
    if (!wasSettled) this.#addAnnounced(sequence);
    const written = sequence.write();
    if (!written) return false;
    if (!wasSettled) sink.begin(sequence.tracks, sequence.init);
    sink.part({ ...written, startMs: this.#partStartMs, durationMs: ms - this.#partStartMs });
    return true;
  }

  /** Tracks that are announced have a place from the beginning: their first frame may come later. */
  #addAnnounced(sequence: Sequence): void {
    for (const unit of this.#tracks.configured()) {
      if (unit.key !== mainTracks[unit.kind] || sequence.has(unit.key) || this.#silent.has(unit.key))
        continue;
      const line = this.#lineOf(unit);
      if (line) sequence.add(unit.key, line, this.#segmentStartMs);
    }
  }

  /** A sequence begins with a key frame, or with sound where no picture is announced. */
  #begin(unit: TrackUnit, ms: number): Sequence | undefined {
    if (!isMainKey(unit) && (unit.kind === "video" || this.#awaitsPicture(ms))) return undefined;
    const line = this.#lineOf(unit);
    if (!line) return undefined;
    const sequence = new Sequence(this.#options.container);
    sequence.add(unit.key, line, ms);
    this.#sequence = sequence;
    this.#segmentStartMs = ms;
    this.#partStartMs = ms;
    this.#startsWithKey = true;
    this.#stepMs = 0;
    this.#waitsSinceMs = undefined;
    return sequence;
  }

  /** Whether a track is announced that can be held. */
  get #mayBegin(): boolean {
    return [...this.#tracks.configured()].some(({ key }) => !this.#leftOut.has(key));
  }

  #awaitsPicture(ms: number): boolean {
    const isAnnounced = [...this.#tracks.configured()].some(
      (unit) => unit.key === mainTracks.video && !this.#silent.has(unit.key) && this.#lineOf(unit),
    );
    if (!isAnnounced) return false;
    this.#waitsSinceMs ??= ms;
    if (ms - this.#waitsSinceMs <= silenceMs) return true;
    this.#silent.add(mainTracks.video);
    return false;
  }

  /** Whether the sequence takes this frame. A track that it lacks is in the next one. */
  #mayEnter(sequence: Sequence, unit: TrackUnit, ms: number): boolean {
    if (this.#stale.has(unit.key)) return false;
    if (sequence.has(unit.key)) return true;
    if (unit.kind === "video" && unit.role !== "key") return false;
    const line = this.#lineOf(unit);
    if (!line) return false;
    if (sequence.isSettled) {
      this.#isBroken = true;
      return false;
    }
    sequence.add(unit.key, line, ms);
    return true;
  }

  #lineOf(unit: TrackUnit): SampleLine | undefined {
    const track = this.#tracks.describe(unit);
    if (track && track.timescale > 0 && this.#options.container.holds(track)) return new SampleLine(track);
    const codec = this.#tracks.codecOf(unit) ?? unit.codec;
    // One whose configuration has not come yet may still be served.
    if (track || !codec) this.#noteLeftOut(unit.key, codec ?? "an unknown codec");
    return undefined;
  }

  /** Said once. */
  #noteLeftOut(key: string, what: string): void {
    if (this.#leftOut.get(key) === what) return;
    this.#leftOut.set(key, what);
    this.#options.sink.leftOut(key, what);
  }

  /** The track whose frames are boundaries: that of pictures, where there is one. */
  #leadOf(sequence: Sequence): string {
    return sequence.hasVideo ? mainTracks.video : mainTracks.audio;
  }
}

const isMainKey = ({ key, role }: TrackUnit): boolean => key === mainTracks.video && role === "key";

/** Whether a segment may begin with this frame: any sound will do where there is no picture. */
const isPlaceToCut = (sequence: Sequence, unit: TrackUnit): boolean =>
  sequence.hasVideo ? isMainKey(unit) : unit.kind === "audio";
