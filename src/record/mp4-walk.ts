import { readBoxHead } from "../mp4/box-reader.ts";
import { type FoundRun, readFragment } from "../mp4/fragment-reader.ts";
import { type Movie, type MovieTrack, readMovie } from "../mp4/movie.ts";

/** Reads up to `length` bytes of a file at `offset`, fewer at its end, into a buffer that later calls leave alone. */
export type ReadFile = (offset: number, length: number) => Promise<Uint8Array>;

/** A `moov` larger than this is none of a file of fragments, in bytes. */
const maxMovieBytes = 4 * 1024 * 1024;

/** A `moof` larger than this is none, in bytes. */
const maxFragmentBytes = 32 * 1024 * 1024;

/** Read at once where a box begins: most heads are shorter. */
const glanceBytes = 4 * 1024;

/** Boxes that are looked at in front of the `moov`. */
const maxBoxes = 16;

/** What a file begins with. */
export interface FoundMovie {
  readonly movie: Movie;
  /** Where the duration stands in the file; undefined where it has eight bytes. */
  readonly durationOffset: number | undefined;
  /** Where the first fragment begins. */
  readonly end: number;
}

/** Reads a file up to its `moov`; undefined where there is none that can be read. @throws what `read` rejects with; WireError TRUNCATED */
export const readMovieOf = async (read: ReadFile): Promise<FoundMovie | undefined> => {
  let at = 0;
  for (let boxes = 0; boxes < maxBoxes; boxes++) {
    let bytes = await read(at, glanceBytes);
    const box = readBoxHead(bytes, 0);
    if (!box || box.end === Number.POSITIVE_INFINITY) return undefined;
    if (box.type !== "moov") {
      at += box.end;
      continue;
    }
    if (box.end > maxMovieBytes) return undefined;
    if (bytes.length < box.end) bytes = await read(at, box.end);
    if (bytes.length < box.end) return undefined;
    const movie = readMovie(bytes, box);
    const { durationOffset } = movie;
    return {
      movie,
      durationOffset: durationOffset === undefined ? undefined : at + durationOffset,
      end: at + box.end,
    };
  }
  return undefined;
};

/** A fragment of a file with its data. */
export interface FoundFragment {
  /** Where its `moof` begins. */
  readonly start: number;
  /** Where its `mdat` ends. */
  readonly end: number;
  readonly runs: readonly FoundRun[];
}

/** Where to look for fragments. */
export interface FragmentSearch {
  readonly from: number;
  /** The size of the file. */
  readonly size: number;
  readonly tracks: readonly MovieTrack[];
}

/** The fragments that lie whole in a file, up to the first that does not. @throws what `read` rejects with; WireError TRUNCATED */
export async function* fragmentsOf(
  read: ReadFile,
  { from, size, tracks }: FragmentSearch,
): AsyncGenerator<FoundFragment> {
  for (let at = from; at < size; ) {
    let bytes = await read(at, glanceBytes);
    const box = readBoxHead(bytes, 0);
    if (!box || at + box.end > size) return;
    if (box.type !== "moof") {
      at += box.end;
      continue;
    }
    if (box.end > maxFragmentBytes) return;
    if (bytes.length < box.end + 16) bytes = await read(at, box.end + 16);
    const data = readBoxHead(bytes, box.end);
    if (data?.type !== "mdat" || at + data.end > size) return;
    yield { start: at, end: at + data.end, runs: readFragment(bytes, box, tracks) };
    at += data.end;
  }
}

/** Where the samples of fragments end, in milliseconds. */
export const endOf = (runs: readonly FoundRun[], tracks: readonly MovieTrack[]): number => {
  let end = 0;
  for (const { trackId, samples } of runs) {
    const last = samples.at(-1);
    const timescale = tracks.find(({ id }) => id === trackId)?.timescale ?? 1;
    if (last) end = Math.max(end, ((last.time + last.duration) * 1_000) / timescale);
  }
  return end;
};
