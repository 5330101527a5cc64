import type { SourceRun, SourceSample, SourceTrack } from "./source.ts";

/** A segment with its place in what is played. */
export interface Link {
  /** The frames of its file, in order. */
  readonly parts: () => AsyncIterable<readonly SourceRun[]>;
  /** Which output track each of its tracks is. */
  readonly trackMap: readonly number[];
  /** Where the zero of its file lies in what is played, in milliseconds; negative for one that began before. */
  readonly baseMs: number;
  /** Frames from here on in what is played are left out, in milliseconds. */
  readonly endMs: number;
}

/** A frame that is played. Times are in units of its track, and count from where playing begins. */
export interface CutSample extends SourceSample {
  /** It comes before the beginning, and is there because others refer to it. */
  readonly isLead: boolean;
}

/** Some frames of one track that are played. */
export interface CutRun {
  readonly track: number;
  readonly samples: readonly CutSample[];
  /** Reads the data of all of them, in one run. */
  readonly load: () => Promise<Uint8Array>;
}

/**
 * The frames of a segment that are played, part by part: from the key frame in front of the beginning up to the end. Sound in front of the
 * beginning is left out.
 */
export async function* cutLink(
  { parts, trackMap, baseMs, endMs }: Link,
  tracks: readonly SourceTrack[],
): AsyncGenerator<readonly CutRun[]> {
  /** By output track: what comes before the beginning, from the latest key frame on. */
  const leads = new Map<number, CutRun[]>();
  for await (const part of parts()) {
    const cuts: CutRun[] = [];
    let isBehindEnd = part.length > 0;
    for (const run of part) {
      const index = trackMap[run.track];
      const track = index === undefined ? undefined : tracks[index];
      if (index === undefined || !track) continue;
      const shift = Math.round((baseMs * track.timescale) / 1_000);
      const end = (endMs * track.timescale) / 1_000;
      const { lead, main, isOver } = divide(run, { shift, end });
      if (!isOver) isBehindEnd = false;
      if (track.kind === "video") keepLead(leads, index, { run, ...lead, shift });
      if (main.from === main.to) continue;
      cuts.push(...(leads.get(index) ?? []), cutOf(index, { run, ...main, shift, isLead: false }));
      leads.delete(index);
    }
    if (cuts.length > 0) yield cuts;
    if (isBehindEnd) return;
  }
}

interface Part {
  readonly from: number;
  readonly to: number;
}

/** Cuts a run into what comes before the beginning, what is played, and what comes behind the end. */
const divide = (
  { samples }: SourceRun,
  { shift, end }: { shift: number; end: number },
): { lead: Part; main: Part; isOver: boolean } => {
  let from = samples.findIndex(({ time, duration }) => time + shift + duration > 0);
  if (from < 0) from = samples.length;
  let to = samples.findIndex(({ time }) => time + shift >= end);
  if (to < 0) to = samples.length;
  return { lead: { from: 0, to: from }, main: { from: Math.min(from, to), to }, isOver: to === 0 };
};

type Selection = Part & { readonly run: SourceRun; readonly shift: number };

const keepLead = (leads: Map<number, CutRun[]>, index: number, { run, from, to, shift }: Selection): void => {
  // The first frame that is played may be a key frame itself: then it needs none before.
  const next = run.samples[to];
  const isFresh = next?.isKey === true;
  let key = to - 1;
  while (key >= from && !run.samples[key]?.isKey) key--;
  if (isFresh) leads.set(index, []);
  else if (key >= from) leads.set(index, [cutOf(index, { run, from: key, to, shift, isLead: true })]);
  else if (to > from && leads.has(index))
    leads.get(index)?.push(cutOf(index, { run, from, to, shift, isLead: true }));
};

const cutOf = (
  track: number,
  { run, from, to, shift, isLead }: Selection & { readonly isLead: boolean },
): CutRun => ({
  track,
  samples: run.samples.slice(from, to).map(({ time, compositionOffset, duration, isKey, size }) => ({
    time: time + shift,
    compositionOffset,
    duration,
    isKey,
    size,
    isLead,
  })),
  load: () => run.read(from, to),
});
