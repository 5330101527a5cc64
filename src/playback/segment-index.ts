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

/** Files that are remembered by their names. */
const maxKnown = 500_000;

/** A file that was looked into. */
interface Known {
  readonly facts: FileFacts;
  /** Undefined while there is nothing in it. */
  readonly playable: PlayableSegment | undefined;
}

/** What was found of a list of segments. */
interface Shelf {
  /** Those that may still change. */
  readonly unsettled: readonly Segment[];
  readonly playable: readonly PlayableSegment[];
}

/**
 * Knows what recordings of a path can be played, and how long each is. Files are looked into once: those that are over do not change.
 * One that cannot be read is named in the log once, and left out.
 */
export class SegmentIndex {
  readonly #context: SegmentIndexContext;
  readonly #known = new Map<string, Known>();
  /** Why files cannot be played. */
  readonly #faults = new Map<string, string>();
  /** The same by what they were listed as: found faster than by their names. */
  readonly #listed = new WeakMap<Segment, Known>();
  readonly #shelves = new WeakMap<readonly Segment[], Shelf>();

  constructor(context: SegmentIndexContext) {
    this.#context = context;
  }

  /** Looks into all recordings that there are, so that nobody has to wait for it later. Never rejects. */
  async warm(): Promise<void> {
    try {
      for (const { segments } of await this.#context.recordings.all()) await this.#settle(segments);
    } catch (error) {
      this.#context.log.warn("recordings could not be looked through", { error: messageOf(error) });
    }
  }

  /** The segments of a path that can be played, the oldest first. @throws RefusedError, TransportError as `Recordings.segments` */
  async segments(name: string): Promise<readonly PlayableSegment[]> {
    return await this.#settle(await this.#context.recordings.segments(name));
  }

  /** Looks into the files of a list that may have changed, and gives what can be played of it. */
  async #settle(segments: readonly Segment[]): Promise<readonly PlayableSegment[]> {
    const shelf = this.#shelves.get(segments);
    if (shelf?.unsettled.length === 0) return shelf.playable;
    const waiting = (shelf?.unsettled ?? segments).filter(
      (segment) => !this.#knownOf(segment)?.facts.isFinal,
    );
    const work = async (next: Iterator<Segment>): Promise<void> => {
      for (let each = next.next(); !each.done; each = next.next()) await this.#look(each.value);
    };
    const queue = waiting.values();
    await Promise.all(Array.from({ length: Math.min(maxLooks, waiting.length) }, () => work(queue)));
    const playable: PlayableSegment[] = [];
    for (const segment of segments) {
      const found = this.#listed.get(segment)?.playable;
      if (found) playable.push(found);
    }
    const unsettled = waiting.filter((segment) => !this.#listed.get(segment)?.facts.isFinal);
    this.#shelves.set(segments, { unsettled, playable });
    return playable;
  }

  #knownOf(segment: Segment): Known | undefined {
    const listed = this.#listed.get(segment);
    if (listed) return listed;
    const known = this.#known.get(segment.file);
    if (known) this.#listed.set(segment, known);
    return known;
  }

  #keep(segment: Segment, known: Known): void {
    // Files that are gone would stay for ever; those that are listed are remembered by that.
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(segment.file, known);
    this.#listed.set(segment, known);
  }

  async #look(segment: Segment): Promise<void> {
    const { file, start } = segment;
    try {
      const facts = await lookInto(file, this.#known.get(file)?.facts);
      const { durationMs, join } = facts;
      // The first part of what is being written may not be there yet.
      const playable = durationMs > 0 ? { file, startMs: start / 1_000, durationMs, join } : undefined;
      this.#keep(segment, { facts, playable });
      this.#faults.delete(file);
    } catch (error) {
      this.#known.delete(file);
      this.#listed.delete(segment);
      // What is being written may have nothing in it yet.
      if (this.#context.recordings.isOpen(file)) return;
      const fault = messageOf(error);
      if (this.#faults.get(file) === fault) return;
      this.#faults.set(file, fault);
      this.#context.log.warn("recording cannot be played, it is left out", { file, error: fault });
    }
  }
}
