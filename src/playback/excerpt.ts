import { continues, exactStep } from "../archive/joins.ts";
import { mediumOf } from "../archive/medium.ts";
import type { ObjectStore } from "../archive/object-store.ts";
import type { PlayableSegment } from "../archive/playable.ts";
import type { Recordings } from "../archive/recordings.ts";
import { equalBytes } from "../base/bytes.ts";
import { RefusedError } from "../base/errors.ts";
import { ClassicLayout } from "./classic.ts";
import { cutLink, type Link } from "./cut.ts";
import { FragmentedLayout } from "./fragmented.ts";
import { openSource } from "./open-source.ts";
import type { Piece } from "./piece.ts";
import type { Source, SourceTrack } from "./source.ts";

/** What is to be played of a path's recordings. Times are Unix milliseconds. */
export interface Wanted {
  readonly startMs: number;
  readonly durationMs: number;
  readonly format: "fmp4" | "mp4";
  /** Whether playing stops at a gap, or goes on behind it at once. */
  readonly gaps: "stop" | "skip";
}

/** A body that is laid out. */
export interface Excerpt {
  readonly pieces: readonly Piece[];
  /** Lets go of the files. Calling it twice does no harm. */
  release(): void;
}

/** No such thing was recorded. */
const nothing = (): RefusedError => new RefusedError("SEGMENT_NOT_FOUND", "no recording segments found");

/** The segments that a wish is about, the first one holding its beginning if anything does. @throws RefusedError SEGMENT_NOT_FOUND */
export const segmentsFor = (
  segments: readonly PlayableSegment[],
  { startMs, durationMs, gaps }: Wanted,
): readonly PlayableSegment[] => {
  const first = segments.findIndex((segment) => segment.startMs + segment.durationMs > startMs);
  const wanted =
    first < 0 ? [] : segments.slice(first).filter((segment) => segment.startMs < startMs + durationMs);
  const [head] = wanted;
  if (!head) throw nothing();
  const before = segments[first - 1];
  const isInGap = head.startMs > startMs && before !== undefined && !continues(before, head);
  if (isInGap && gaps === "stop") throw nothing();
  return wanted;
};

/**
 * Lays out what was recorded in a time. The tracks are those of the first segment; it ends in front of one whose tracks are others.
 * @throws RefusedError SEGMENT_NOT_FOUND where no frame lies in it; TransportError DISK
 */
export const layOut = async (
  segments: readonly PlayableSegment[],
  wanted: Wanted,
  { recordings, store }: { readonly recordings: Recordings; readonly store: ObjectStore },
): Promise<Excerpt> => {
  const chosen = segmentsFor(segments, wanted);
  const releases = chosen.map(({ file }) => recordings.hold(file));
  const release = (): void => {
    for (const each of releases) each();
  };
  try {
    const pieces = await piecesOf(chosen, wanted, store);
    if (!pieces) throw nothing();
    return { pieces, release };
  } catch (error) {
    release();
    throw error;
  }
};

const piecesOf = async (
  segments: readonly PlayableSegment[],
  wanted: Wanted,
  store: ObjectStore,
): Promise<readonly Piece[] | undefined> => {
  const { startMs, durationMs, format, gaps } = wanted;
  let tracks: readonly SourceTrack[] | undefined;
  let layout: FragmentedLayout | ClassicLayout | undefined;
  let before: PlayableSegment | undefined;
  let baseMs = 0;
  /** How much of the time asked for was left out so far. */
  let skippedMs = 0;
  let endMs = 0;
  let pictureEndMs = 0;
  let hasFrames = false;
  for (const segment of segments) {
    const step = before && exactStep(before, segment);
    if (before && continues(before, segment))
      // A picture lasts until the next one: that is where the next file begins, if nothing tells.
      baseMs = step !== undefined ? baseMs + step : layout ? pictureEndMs : baseMs + before.durationMs;
    else if (before && gaps === "stop") break;
    else {
      baseMs =
        before || gaps === "skip" ? Math.min(segment.startMs - startMs, endMs) : segment.startMs - startMs;
      skippedMs = Math.max(0, segment.startMs - startMs - Math.max(0, baseMs));
    }
    before = segment;
    const source = await openSource(await mediumOf(segment, store));
    tracks ??= source.tracks;
    layout ??= format === "fmp4" ? new FragmentedLayout(tracks) : new ClassicLayout(tracks);
    const link = linkOf(source, { tracks, baseMs, endMs: durationMs - skippedMs });
    if (!link) break;
    for await (const runs of cutLink(link, tracks)) {
      layout.add(runs);
      hasFrames = true;
      for (const { track, samples } of runs) {
        const last = samples.at(-1);
        const { timescale = 1, kind } = tracks[track] ?? {};
        const end = last ? ((last.time + last.duration) * 1_000) / timescale : 0;
        endMs = Math.max(endMs, end);
        if (kind === "video" || tracks.length === 1) pictureEndMs = end;
      }
    }
  }
  return hasFrames ? layout?.pieces() : undefined;
};

/** Finds the output track of each of a source's; undefined where one of them is another than those that began. */
const linkOf = (
  source: Source,
  { tracks, baseMs, endMs }: { tracks: readonly SourceTrack[]; baseMs: number; endMs: number },
): Link | undefined => {
  const taken = new Set<number>();
  const trackMap: number[] = [];
  for (const track of source.tracks) {
    const index = tracks.findIndex((each, i) => !taken.has(i) && isSame(each, track));
    if (index < 0) return undefined;
    taken.add(index);
    trackMap.push(index);
  }
  return { parts: () => source.parts(), trackMap, baseMs, endMs };
};

const isSame = (a: SourceTrack, b: SourceTrack): boolean =>
  a.kind === b.kind && a.timescale === b.timescale && equalBytes(a.description, b.description);
