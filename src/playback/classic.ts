import { BoxWriter } from "../mp4/box-writer.ts";
import { writeFileType, writeMovieHeader, writeTrack } from "../mp4/header.ts";
import type { CutRun } from "./cut.ts";
import { type Piece, pieceOf } from "./piece.ts";
import type { SourceTrack } from "./source.ts";

/** No picture is shown in front of one that was decoded so many before it. */
const maxReorder = 32;

interface Chunk {
  readonly at: number;
  readonly samples: number;
}

/** What is known of one track: its samples as columns. */
interface Columns {
  readonly track: SourceTrack;
  readonly times: number[];
  readonly sizes: number[];
  readonly compositionOffsets: number[];
  readonly keys: number[];
  readonly chunks: Chunk[];
  lastDuration: number;
}

/** Lays out what is played as a classic MP4 file, its index in front. Frames in front of the beginning are hidden by an edit list. */
export class ClassicLayout {
  readonly #columns: readonly Columns[];
  readonly #pieces: Piece[] = [];
  #dataBytes = 0;

  constructor(tracks: readonly SourceTrack[]) {
    this.#columns = tracks.map((track) => ({
      track,
      times: [],
      sizes: [],
      compositionOffsets: [],
      keys: [],
      chunks: [],
      lastDuration: 0,
    }));
  }

  /** Takes the next frames. */
  add(runs: readonly CutRun[]): void {
    for (const { track, samples, load } of runs) {
      const columns = this.#columns[track];
      if (!columns || samples.length === 0) continue;
      columns.chunks.push({ at: this.#dataBytes, samples: samples.length });
      let bytes = 0;
      for (const sample of samples) {
        columns.times.push(sample.time);
        columns.sizes.push(sample.size);
        columns.compositionOffsets.push(sample.compositionOffset);
        if (sample.isKey) columns.keys.push(columns.times.length);
        columns.lastDuration = sample.duration;
        bytes += sample.size;
      }
      this.#dataBytes += bytes;
      this.#pieces.push({ size: bytes, load });
    }
  }

  /** What the body is made of. */
  pieces(): readonly Piece[] {
    // Offsets have the same size whatever they are: once laid out, it is known where the data begin.
    const { length } = this.#head(0);
    return [pieceOf(this.#head(length)), ...this.#pieces];
  }

  #head(dataOffset: number): Uint8Array {
    const writer = new BoxWriter(64 * 1024);
    writeFileType(writer, ["isom", "isom", "iso2", "mp41", "mp42"]);
    const used = this.#columns.filter(({ times }) => times.length > 0);
    writer.box("moov", () => {
      const durationMs = Math.max(0, ...used.map(shownMs));
      writeMovieHeader(writer, { durationMs: Math.round(durationMs), nextTrackId: used.length + 1 });
      for (const [index, columns] of used.entries())
        writeColumns(writer, { columns, id: index + 1, dataOffset });
    });
    // The size in eight bytes: it may be large.
    writer
      .u32(1)
      .utf8("mdat")
      .u64(16 + this.#dataBytes);
    return writer.take();
  }
}

/** Time of the first sample: negative where it is hidden. */
const startOf = ({ times: [first = 0] }: Columns): number => first;

/** When the first picture is shown, from the time of the first sample on: pictures are not shown in the order of decoding. */
const firstShown = ({ times, compositionOffsets }: Columns): number => {
  const start = times[0] ?? 0;
  let first = Number.POSITIVE_INFINITY;
  for (let i = 0; i < Math.min(times.length, maxReorder); i++)
    first = Math.min(first, (times[i] ?? 0) - start + (compositionOffsets[i] ?? 0));
  return Math.max(0, first);
};

const endOf = ({ times, lastDuration }: Columns): number => (times.at(-1) ?? 0) + lastDuration;

const shownMs = (columns: Columns): number => (endOf(columns) * 1_000) / columns.track.timescale;

const writeColumns = (
  writer: BoxWriter,
  { columns, id, dataOffset }: { columns: Columns; id: number; dataOffset: number },
): void => {
  writeTrack(writer, {
    track: columns.track,
    id,
    parts: {
      durationMs: Math.max(0, Math.round(shownMs(columns))),
      duration: endOf(columns) - startOf(columns),
      writeEdits: (to) => writeEdits(to, columns),
      writeTables: (to) => writeTables(to, columns, dataOffset),
    },
  });
};

/** ISO/IEC 14496-12 8.6.6: a pause in front of what begins late, or where to begin in what is hidden at first. */
const writeEdits = (writer: BoxWriter, columns: Columns): void => {
  const start = startOf(columns);
  const { timescale } = columns.track;
  const mediaTime = Math.max(firstShown(columns), -start);
  const pauseMs = Math.max(0, Math.round(((start + mediaTime) * 1_000) / timescale));
  const lengthMs = Math.max(0, Math.round(shownMs(columns)) - pauseMs);
  writer.box("edts", () => {
    writer.fullBox("elst", {}, () => {
      writer.u32(pauseMs > 0 ? 2 : 1);
      if (pauseMs > 0) writer.u32(pauseMs).i32(-1).u32(0x0001_0000);
      writer.u32(lengthMs).i32(mediaTime).u32(0x0001_0000);
    });
  });
};

const writeTables = (writer: BoxWriter, columns: Columns, dataOffset: number): void => {
  const { times, sizes, compositionOffsets, keys, chunks, track } = columns;
  const durations = times.map((time, i) =>
    i + 1 < times.length ? (times[i + 1] ?? 0) - time : columns.lastDuration,
  );
  writer.fullBox("stts", {}, () => writeRunLengths(writer, durations));
  if (compositionOffsets.some((offset) => offset !== 0))
    writer.fullBox("ctts", { version: 1 }, () => writeRunLengths(writer, compositionOffsets));
  if (track.kind === "video")
    writer.fullBox("stss", {}, () => {
      writer.u32(keys.length);
      for (const number of keys) writer.u32(number);
    });
  writer.fullBox("stsc", {}, () => {
    writer.u32(chunks.length);
    for (const [i, { samples }] of chunks.entries())
      writer
        .u32(i + 1)
        .u32(samples)
        .u32(1);
  });
  writer.fullBox("stsz", {}, () => {
    writer.u32(0).u32(sizes.length);
    for (const size of sizes) writer.u32(size);
  });
  writer.fullBox("co64", {}, () => {
    writer.u32(chunks.length);
    for (const { at } of chunks) writer.u64(dataOffset + at);
  });
};

/** How often each value comes in a row, and the value. */
const writeRunLengths = (writer: BoxWriter, values: readonly number[]): void => {
  const runs: { value: number; count: number }[] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last?.value === value) last.count++;
    else runs.push({ value, count: 1 });
  }
  writer.u32(runs.length);
  for (const { value, count } of runs) writer.u32(count).i32(value);
};
