/* What a media playlist lists. Durations are in milliseconds, as all times. */

/** A part of a segment, as it is listed. */
export interface ListedPart {
  readonly name: string;
  readonly durationMs: number;
  readonly isIndependent: boolean;
}

/** A segment, or as much as there is of one. */
export interface ListedSegment {
  /** When it began, in Unix milliseconds. */
  readonly dateMs: number;
  /** It does not continue the one before it. */
  readonly isDiscontinuous: boolean;
  /** The file to read first; undefined where there is none. */
  readonly init: string | undefined;
  readonly parts: readonly ListedPart[];
}

/** A segment that is whole. */
export interface WholeSegment extends ListedSegment {
  readonly name: string;
  readonly durationMs: number;
}

/** A media playlist before it is text. */
export interface Listing {
  readonly version: number;
  readonly targetMs: number;
  /** Undefined where there are no parts. */
  readonly partTargetMs: number | undefined;
  /** Number of the first segment. */
  readonly mediaSequence: number;
  /** Discontinuities in front of it, its own not counted. */
  readonly discontinuitySequence: number;
  readonly segments: readonly WholeSegment[];
  /** The segment under way, while it has parts. */
  readonly open: ListedSegment | undefined;
  /** What the next part will be called; undefined where there will be none. */
  readonly nextPart: string | undefined;
  readonly isEnded: boolean;
}
