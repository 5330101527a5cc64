import type { Microseconds } from "../record/segment-time.ts";
import type { PlayableSegment } from "./playable.ts";
import type { OldSegment, SweepRules } from "./retention-plan.ts";

/** A path of an archive: what one template names. */
export interface ArchivePath {
  readonly template: string;
  readonly name: string;
}

/** A path between two times in Unix milliseconds, which need not be finite. */
export interface PathRange extends ArchivePath {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A file that this process writes, or wrote. */
export interface OwnFile extends ArchivePath {
  readonly file: string;
}

/** A segment, wherever it is. */
export interface StoredSegment {
  readonly start: Microseconds;
  /** Where it is, or was, on this machine. */
  readonly file: string;
  readonly isLocal: boolean;
  /** Where it is in a store, `s3://BUCKET/KEY`. */
  readonly remote: string | undefined;
}

/** A page of the objects of an archive. */
export interface StorePage {
  readonly template: string;
  /** Where the archive lies in the store: objects elsewhere are not what this is about. */
  readonly url: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly objects: readonly StoredObject[];
}

/** An object, by the path that its file would have below the root. */
export interface StoredObject {
  readonly way: string;
  readonly remote: string;
  readonly size: number;
}

/**
 * An index of what was recorded. Archives are named by their templates; the index knows nothing of the configuration. Everything but `began`
 * and `ended` may reject with TransportError DISK.
 */
export interface IndexPort {
  /** These archives are kept in line with the disk from now on, whether anybody asks or not. */
  watch(templates: readonly string[]): void;
  /** A file is being written from now on. */
  began(own: OwnFile): void;
  /** A file is not written any more. */
  ended(own: OwnFile): void;
  /** Paths that have segments, in order. */
  names(template: string): Promise<readonly string[]>;
  /** When the segments of a path began, in order, in microseconds. */
  starts(path: ArchivePath): Promise<Float64Array>;
  /** The segments of a path that began at a moment. */
  at(path: ArchivePath & { readonly start: Microseconds }): Promise<readonly StoredSegment[]>;
  /**
   * When something was recorded of a path without a gap, cut to a range: pairs of a start and a duration, in milliseconds. What others have just changed in large
   * folders may not be in it yet.
   */
  timespans(range: PathRange): Promise<Float64Array>;
  /** What can be played of a path between two times in Unix milliseconds, and the two segments in front of it. */
  playable(range: PathRange): Promise<readonly PlayableSegment[]>;
  /** What is to be deleted by the rules. */
  plan(rules: SweepRules): Promise<readonly OldSegment[]>;
  /** Files were deleted from this machine. */
  deleted(files: { readonly template: string; readonly files: readonly string[] }): Promise<void>;
  /** A file is in a store, too, as `s3://BUCKET/KEY`; undefined where it is not any more. */
  stored(stored: OwnFile & { readonly remote: string | undefined }): Promise<void>;
  /**
   * A page of what a store has of an archive. With the last page of a list that began with the first, what the store has not is forgotten.
   */
  listed(page: StorePage): Promise<void>;
}
