import type { Medium } from "../archive/medium.ts";
import { TransportError } from "../base/errors.ts";
import type { FoundRun, FoundSample } from "../mp4/fragment-reader.ts";
import type { MovieTrack } from "../mp4/movie.ts";
import { fragmentsOf, readMovieOf } from "../record/mp4-walk.ts";
import type { Source, SourceRun } from "./source.ts";

/** Opens a recording in fragmented MP4. @throws TransportError DISK for a file that is none; an error of the operating system */
export const openMp4Source = async (medium: Medium): Promise<Source> => {
  const file = await medium.open();
  try {
    const found = await readMovieOf(file.read);
    if (!found || found.movie.tracks.length === 0)
      throw new TransportError("DISK", "the file has no header that can be read");
    const { tracks } = found.movie;
    return { tracks, parts: () => partsOf(medium, { from: found.end, tracks }) };
  } finally {
    await file.close();
  }
};

async function* partsOf(
  medium: Medium,
  { from, tracks }: { from: number; tracks: readonly MovieTrack[] },
): AsyncGenerator<readonly SourceRun[]> {
  const file = await medium.open();
  try {
    for await (const { start, runs } of fragmentsOf(file.read, { from, size: file.size, tracks }))
      yield runs.flatMap((run) => runOf(medium, start, { run, tracks }));
  } finally {
    await file.close();
  }
}

const runOf = (
  medium: Medium,
  start: number,
  { run, tracks }: { run: FoundRun; tracks: readonly MovieTrack[] },
): SourceRun[] => {
  const track = tracks.findIndex(({ id }) => id === run.trackId);
  const { samples } = run;
  if (track < 0 || samples.length === 0) return [];
  return [{ track, samples, read: (from, to) => readSamples(medium, start, samples.slice(from, to)) }];
};

/** Samples mostly lie side by side: then it is one read. */
const readSamples = async (
  medium: Medium,
  start: number,
  samples: readonly FoundSample[],
): Promise<Uint8Array> => {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last) return new Uint8Array(0);
  const bytes = samples.reduce((sum, { size }) => sum + size, 0);
  if (last.offset + last.size - first.offset === bytes)
    return medium.readRange(start + first.offset, start + first.offset + bytes);
  const pieces = await Promise.all(
    samples.map(({ offset, size }) => medium.readRange(start + offset, start + offset + size)),
  );
  return Buffer.concat(pieces);
};
