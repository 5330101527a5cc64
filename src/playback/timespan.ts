/** What tells whether a segment continues another. */
export type JoinFacts =
  /** It says so itself. */
  | { readonly kind: "origin"; readonly streamId: string; readonly number: number; readonly startMs: number }
  /** Its frames have times on a line that goes on from file to file, perhaps. */
  | { readonly kind: "clock"; readonly startMs: number }
  /** It does not: tracks that are alike, and times that fit, have to do. */
  | { readonly kind: "tracks"; readonly signature: string };

/** A segment with what its file tells. Times are Unix milliseconds, with fractions. */
export interface PlayableSegment {
  readonly file: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly join: JoinFacts;
}

/** Segments without a word about it are joined where one ends and the next begins, give or take this, in milliseconds. */
const toleranceMs = 1_000;

/** Whether a segment continues the one before it without a gap. */
export const continues = (before: PlayableSegment, next: PlayableSegment): boolean => {
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
const fits = (before: PlayableSegment, next: PlayableSegment): boolean =>
  Math.abs(next.startMs - (before.startMs + before.durationMs)) <= toleranceMs;

const isOnOneClock = (before: PlayableSegment, next: PlayableSegment): boolean =>
  before.join.kind === "clock" &&
  next.join.kind === "clock" &&
  Math.abs(next.join.startMs - (before.join.startMs + before.durationMs)) <= toleranceMs;

/** Milliseconds from the zero of a segment to that of one that continues it, exactly; undefined where nothing says so. */
export const exactStep = (before: PlayableSegment, next: PlayableSegment): number | undefined => {
  const isExact = before.join.kind === "origin" || isOnOneClock(before, next);
  return isExact && before.join.kind !== "tracks" && next.join.kind !== "tracks"
    ? next.join.startMs - before.join.startMs
    : undefined;
};

/** A time during which something was recorded without a gap. */
export interface Timespan {
  readonly startMs: number;
  readonly durationMs: number;
}

/** Joins segments, the oldest first, to timespans. */
export const timespansOf = (segments: readonly PlayableSegment[]): Timespan[] => {
  const spans: { startMs: number; durationMs: number }[] = [];
  let before: PlayableSegment | undefined;
  /** Where the latest segment begins in its span. */
  let offset = 0;
  for (const segment of segments) {
    const span = spans.at(-1);
    if (before && span && continues(before, segment)) {
      offset += exactStep(before, segment) ?? segment.startMs - before.startMs;
      span.durationMs = Math.max(span.durationMs, offset + segment.durationMs);
    } else {
      offset = 0;
      spans.push({ startMs: segment.startMs, durationMs: segment.durationMs });
    }
    before = segment;
  }
  return spans;
};

/** The parts of timespans that lie between two times; what lies outside is cut off, or left out. */
export const cutTimespans = (
  spans: readonly Timespan[],
  {
    fromMs = Number.NEGATIVE_INFINITY,
    toMs = Number.POSITIVE_INFINITY,
  }: { fromMs?: number | undefined; toMs?: number | undefined },
): Timespan[] =>
  spans.flatMap(({ startMs, durationMs }) => {
    const start = Math.max(startMs, fromMs);
    const end = Math.min(startMs + durationMs, toMs);
    return end > start ? [{ startMs: start, durationMs: end - start }] : [];
  });
