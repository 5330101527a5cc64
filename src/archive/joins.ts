/** What tells whether a segment continues another. */
export type JoinFacts =
  /** It says so itself. */
  | { readonly kind: "origin"; readonly streamId: string; readonly number: number; readonly startMs: number }
  /** Its frames have times on a line that goes on from file to file, perhaps. */
  | { readonly kind: "clock"; readonly startMs: number }
  /** It does not: tracks that are alike, and times that fit, have to do. */
  | { readonly kind: "tracks"; readonly signature: string };

/** When a segment was, and what its file tells of its neighbours. Times are Unix milliseconds, with fractions. */
export interface JoinableSegment {
  readonly startMs: number;
  readonly durationMs: number;
  readonly join: JoinFacts;
}

/** Segments without a word about it are joined where one ends and the next begins, give or take this, in milliseconds. */
const toleranceMs = 1_000;

/** Whether a segment continues the one before it without a gap. */
export const continues = (before: JoinableSegment, next: JoinableSegment): boolean => {
  if (before.join.kind === "origin")
    return (
      next.join.kind === "origin" &&
      next.join.streamId === before.join.streamId &&
      next.join.number === before.join.number + 1
    );
  if (before.join.kind === "tracks")
    return next.join.kind === "tracks" && next.join.signature === before.join.signature && fits(before, next);
  return next.join.kind === "clock" && (isOnOneClock(before, next) || fits(before, next));
};

/** Whether one begins where the other ends, by the wall clock. */
const fits = (before: JoinableSegment, next: JoinableSegment): boolean =>
  Math.abs(next.startMs - (before.startMs + before.durationMs)) <= toleranceMs;

const isOnOneClock = (before: JoinableSegment, next: JoinableSegment): boolean =>
  before.join.kind === "clock" &&
  next.join.kind === "clock" &&
  Math.abs(next.join.startMs - (before.join.startMs + before.durationMs)) <= toleranceMs;

/** Milliseconds from the zero of a segment to that of one that continues it, exactly; undefined where nothing says so. */
export const exactStep = (before: JoinableSegment, next: JoinableSegment): number | undefined => {
  const isExact = before.join.kind === "origin" || isOnOneClock(before, next);
  return isExact && before.join.kind !== "tracks" && next.join.kind !== "tracks"
    ? next.join.startMs - before.join.startMs
    : undefined;
};

/**
 * How a segment is joined to the one before it: it begins a span; it continues it on a line of times that both stand on; or it continues it
 * by the wall clock.
 */
export type Join = "begins" | "line" | "clock";

/** How a segment is joined to the one before it. */
export const joinOf = (before: JoinableSegment | undefined, next: JoinableSegment): Join => {
  if (!before || !continues(before, next)) return "begins";
  return next.join.kind === "tracks" || exactStep(before, next) !== undefined ? "line" : "clock";
};

/** Where a segment begins on the line of times that it stands on, in milliseconds: for those of tracks it is the wall clock's. */
export const lineOf = ({ startMs, join }: JoinableSegment): number =>
  join.kind === "tracks" ? startMs : join.startMs;
