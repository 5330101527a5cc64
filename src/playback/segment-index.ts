import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Recordings, Segment } from "../record/recordings.ts";
import { type FileFacts, lookInto } from "./facts.ts";
import type { PlayableSegment } from "./timespan.ts";

/** What the index needs of the house around it. */
export interface SegmentIndexContext {
  readonly recordings: Recordings;
  readonly log: Logger;
}

/** Files that are looked into at the same time. */
const maxLooks = 16;

/** One path's segments, as they were found. */
interface Shelf {
  readonly segments: readonly Segment[];
  readonly playable: readonly PlayableSegment[];
  /** Files that may still change. */
  readonly unsettled: readonly Segment[];
}

/**
 * Knows what recordings of a path can be played, and how long each is. Files are looked into once: those that are over do not change.
 * One that cannot be read is named in the log once, and left out.
 */
export class SegmentIndex {
  readonly #context: SegmentIndexContext;
  readonly #facts = new Map<string, FileFacts>();
  /** Why files cannot be played. */
  readonly #faults = new Map<string, string>();
  readonly #shelves = new Map<string, Shelf>();

  constructor(context: SegmentIndexContext) {
    this.#context = context;
  }

  /** The segments of a path that can be played, the oldest first. @throws RefusedError, TransportError as `Recordings.segments` */
  async segments(name: string): Promise<readonly PlayableSegment[]> {
    const segments = await this.#context.recordings.segments(name);
    const known = this.#shelves.get(name);
    const isSame = known?.segments === segments;
    await this.#lookInto(
      isSame ? known.unsettled : segments.filter(({ file }) => !this.#facts.get(file)?.isFinal),
    );
    if (isSame && known.unsettled.length === 0) return known.playable;
    const playable = segments.flatMap((segment) => this.#playable(segment));
    const unsettled = segments.filter(({ file }) => !this.#facts.get(file)?.isFinal);
    if (known && !isSame) this.#forget(known.segments, segments);
    this.#shelves.set(name, { segments, playable, unsettled });
    return playable;
  }

  #playable({ file, start }: Segment): PlayableSegment[] {
    const facts = this.#facts.get(file);
    // The first part of what is being written may not be there yet.
    if (!facts || facts.durationMs <= 0) return [];
    return [{ file, startMs: start / 1_000, durationMs: facts.durationMs, join: facts.join }];
  }

  async #lookInto(segments: readonly Segment[]): Promise<void> {
    const waiting = segments.values();
    const work = async (): Promise<void> => {
      for (const { file } of waiting) await this.#look(file);
    };
    await Promise.all(Array.from({ length: Math.min(maxLooks, segments.length) }, work));
  }

  async #look(file: string): Promise<void> {
    const before = this.#facts.get(file);
    try {
      this.#facts.set(file, await lookInto(file, before));
      this.#faults.delete(file);
    } catch (error) {
      this.#facts.delete(file);
      // What is being written may have nothing in it yet.
      if (this.#context.recordings.isOpen(file)) return;
      const fault = messageOf(error);
      if (this.#faults.get(file) === fault) return;
      this.#faults.set(file, fault);
      this.#context.log.warn("recording cannot be played, it is left out", { file, error: fault });
    }
  }

  #forget(before: readonly Segment[], now: readonly Segment[]): void {
    const kept = new Set(now.map(({ file }) => file));
    for (const { file } of before) {
      if (kept.has(file)) continue;
      this.#facts.delete(file);
      this.#faults.delete(file);
    }
  }
}
