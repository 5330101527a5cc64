import type { KnotValues } from "./index-statements.ts";

/** A time during which something was recorded without a gap. Times are Unix milliseconds, with fractions. */
export interface Timespan {
  readonly startMs: number;
  readonly durationMs: number;
}

/** Where a segment is: by the wall clock, and on the line of times that it stands on. */
interface Place {
  readonly startMs: number;
  readonly lineMs: number;
  readonly durationMs: number;
}

/**
 * The timespans of a path, by the segments that do not simply go on with the one in front of them (the first among them), each with that one,
 * and the last of all. What lies between two of them stands on one line of times.
 */
export const timespansOf = (knots: readonly KnotValues[], last: Place): readonly Timespan[] => {
  const spans: Timespan[] = [];
  let startMs = 0;
  let durationMs = 0;
  /** Where the latest knot lies in its span, and on its line. */
  let offset = 0;
  let zeroMs = 0;
  const reach = ({ lineMs, durationMs: own }: Place): number => {
    const end = offset + lineMs - zeroMs;
    durationMs = Math.max(durationMs, end + own);
    return end;
  };
  for (const [index, [start, line, link, beforeStart, beforeLine, beforeDuration]] of knots.entries()) {
    const before =
      beforeStart === null
        ? undefined
        : { startMs: beforeStart / 1_000, lineMs: beforeLine ?? 0, durationMs: beforeDuration ?? 0 };
    const end = index > 0 && before ? reach(before) : 0;
    if (link === "clock" && before) offset = end + start / 1_000 - before.startMs;
    else {
      if (index > 0) spans.push({ startMs, durationMs });
      startMs = start / 1_000;
      durationMs = 0;
      offset = 0;
    }
    zeroMs = line;
  }
  if (knots.length === 0) return [];
  reach(last);
  spans.push({ startMs, durationMs });
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
