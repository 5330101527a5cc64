import type { KnotValues } from "./index-statements.ts";

/** A time during which something was recorded without a gap. Times are Unix milliseconds, with fractions. */
export interface Timespan {
  readonly startMs: number;
  readonly durationMs: number;
}

/** Where a segment is: by the wall clock, and on the line of times that it stands on. */
export interface Place {
  readonly startMs: number;
  readonly lineMs: number;
  readonly durationMs: number;
}

/**
 * Makes timespans of the segments that do not simply go on with the one in front of them, each with that one, in order, and of the last of all. What lies
 * between two of them stands on one line of times.
 */
export class SpanMaker {
  #span: { startMs: number; durationMs: number } | undefined;
  /** Where the latest knot lies in its span, and on its line. */
  #offset = 0;
  #zeroMs = 0;

  /** Takes the next segment; gives the span that is over with it, if one is. */
  take([start, line, link, beforeStart, beforeLine, beforeDuration]: KnotValues): Timespan | undefined {
    const over = this.#span;
    const before =
      beforeStart === null
        ? undefined
        : { startMs: beforeStart / 1_000, lineMs: beforeLine ?? 0, durationMs: beforeDuration ?? 0 };
    const end = before ? this.#reach(before) : 0;
    const isJoined = link === "clock" && over !== undefined && before !== undefined;
    this.#offset = isJoined ? end + start / 1_000 - before.startMs : 0;
    this.#zeroMs = line;
    if (isJoined) return undefined;
    this.#span = { startMs: start / 1_000, durationMs: 0 };
    return over;
  }

  /** Nothing follows: gives the span that the last segment is in. */
  end(last: Place): Timespan | undefined {
    this.#reach(last);
    return this.#span;
  }

  #reach({ lineMs, durationMs }: Place): number {
    const end = this.#offset + lineMs - this.#zeroMs;
    if (this.#span) this.#span.durationMs = Math.max(this.#span.durationMs, end + durationMs);
    return end;
  }
}

/** The part of a timespan that lies between two times; undefined where none does. */
export const cutTimespan = (
  { startMs, durationMs }: Timespan,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Timespan | undefined => {
  const start = Math.max(startMs, fromMs);
  const end = Math.min(startMs + durationMs, toMs);
  return end > start ? { startMs: start, durationMs: end - start } : undefined;
};
