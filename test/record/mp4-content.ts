import { toHex } from "../../src/base/bytes.ts";
import type { MovieTrack } from "../../src/mp4/movie.ts";
import type { SegmentOrigin } from "../../src/mp4/origin.ts";
import { fragmentsOf, readMovieOf } from "../../src/record/mp4-walk.ts";
import { RandomFile } from "../../src/record/random-file.ts";

/** A sample with the time that it has in its file, in milliseconds. */
export interface ReadSample {
  readonly time: number;
  readonly duration: number;
  readonly isKey: boolean;
  readonly data: string;
}

/** All that is in a file of fragments. */
export interface Mp4Content {
  readonly durationMs: number;
  readonly origin: SegmentOrigin | undefined;
  readonly formats: readonly string[];
  readonly parts: number;
  /** By track, in the order of the header. */
  readonly samples: readonly (readonly ReadSample[])[];
  /** Where the last whole fragment ends, and the size of the file. */
  readonly end: number;
  readonly size: number;
}

/** Reads a file of fragments. */
export const readMp4 = async (path: string): Promise<Mp4Content> => {
  const file = await RandomFile.open(path);
  try {
    const found = await readMovieOf(file.read);
    if (!found) throw new Error(`${path} has no header`);
    const { tracks, durationMs, origin } = found.movie;
    const samples: ReadSample[][] = tracks.map(() => []);
    let parts = 0;
    let end = found.end;
    for await (const fragment of fragmentsOf(file.read, { from: found.end, size: file.size, tracks })) {
      parts++;
      end = fragment.end;
      for (const { trackId, samples: list } of fragment.runs)
        for (const each of list) {
          const index = tracks.findIndex(({ id }) => id === trackId);
          const { timescale } = tracks[index] as MovieTrack;
          samples[index]!.push({
            time: (each.time * 1_000) / timescale,
            duration: (each.duration * 1_000) / timescale,
            isKey: each.isKey,
            data: toHex(await file.read(fragment.start + each.offset, each.size)),
          });
        }
    }
    const formats = tracks.map(({ format }) => format);
    return { durationMs, origin, formats, parts, samples, end, size: file.size };
  } finally {
    await file.close();
  }
};
