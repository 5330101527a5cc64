import type { SampleTrack } from "../media/sample.ts";
import { BoxWriter } from "./box-writer.ts";
import { type SegmentOrigin, writeOrigin } from "./origin.ts";
import { writeSampleEntry } from "./sample-entry.ts";

/** Units of a movie's own time: milliseconds. */
export const movieTimescale = 1_000;

/** A track as its `trak` needs to know it. */
export interface Mp4Track {
  readonly kind: "video" | "audio";
  readonly timescale: number;
  /** The whole `stsd` box. */
  readonly description: Uint8Array;
  /** In pixels; 0 where it is not known, and for sound. */
  readonly width: number;
  readonly height: number;
}

/** A track that `mp4Keeps`. */
export const mp4TrackOf = (track: SampleTrack): Mp4Track => {
  const { description, timescale } = track;
  const { width = 0, height = 0 } = description.kind === "video" ? description : {};
  const writer = new BoxWriter();
  writer.fullBox("stsd", {}, () => {
    writer.u32(1);
    writeSampleEntry(writer, track);
  });
  return { kind: description.kind, timescale, description: writer.take(), width, height };
};

/** What a file begins with. */
export interface Mp4Header {
  readonly bytes: Uint8Array;
  /** Where the duration stands, in milliseconds as u32: 0 until it is known. */
  readonly durationOffset: number;
}

const matrix = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000];

/** Writes the identity matrix. */
export const writeMatrix = (writer: BoxWriter): void => {
  for (const value of matrix) writer.u32(value);
};

/** Writes an `ftyp` with its brands, the main one first. */
export const writeFileType = (writer: BoxWriter, brands: readonly string[]): void => {
  const [main = ""] = brands;
  writer.box("ftyp", () => {
    writer.utf8(main).u32(1);
    for (const brand of brands.slice(1)) writer.utf8(brand);
  });
};

/** Writes an `mvhd` of version 0; gives where its duration stands. */
export const writeMovieHeader = (
  writer: BoxWriter,
  { durationMs, nextTrackId }: { durationMs: number; nextTrackId: number },
): number => {
  let durationOffset = 0;
  writer.fullBox("mvhd", {}, () => {
    writer.u32(0).u32(0).u32(movieTimescale);
    durationOffset = writer.length;
    writer.u32(durationMs).u32(0x0001_0000).u16(0x0100).zeros(10);
    writeMatrix(writer);
    writer.zeros(24).u32(nextTrackId);
  });
  return durationOffset;
};

/** Tables of samples: empty in a file of fragments. */
const writeEmptyTables = (writer: BoxWriter): void => {
  writer.fullBox("stts", {}, () => writer.u32(0));
  writer.fullBox("stsc", {}, () => writer.u32(0));
  writer.fullBox("stsz", {}, () => writer.u32(0).u32(0));
  writer.fullBox("stco", {}, () => writer.u32(0));
};

/** What is different in the `trak` of a classic file. */
export interface TrackParts {
  readonly durationMs: number;
  /** In the track's own units. */
  readonly duration: number;
  readonly writeEdits: (writer: BoxWriter) => void;
  readonly writeTables: (writer: BoxWriter) => void;
}

const fragmented: TrackParts = {
  durationMs: 0,
  duration: 0,
  writeEdits: () => undefined,
  writeTables: writeEmptyTables,
};

/** Letters of ISO 639 for a language nobody told: `und`. */
const undetermined = 0x55c4;

/** Writes the `trak` of a track. `id` counts from 1. */
export const writeTrack = (
  writer: BoxWriter,
  { track, id, parts = fragmented }: { track: Mp4Track; id: number; parts?: TrackParts },
): void => {
  const { description, timescale, width, height } = track;
  const isVideo = track.kind === "video";
  writer.box("trak", () => {
    writer.fullBox("tkhd", { flags: 3 }, () => {
      writer.u32(0).u32(0).u32(id).u32(0).u32(parts.durationMs).zeros(8);
      writer
        .u16(0)
        .u16(0)
        .u16(isVideo ? 0 : 0x0100)
        .u16(0);
      writeMatrix(writer);
      writer.u16(width).u16(0).u16(height).u16(0);
    });
    parts.writeEdits(writer);
    writer.box("mdia", () => {
      const isLong = parts.duration >= 2 ** 32;
      writer.fullBox("mdhd", { version: isLong ? 1 : 0 }, () => {
        if (isLong) writer.u64(0).u64(0).u32(timescale).u64(parts.duration);
        else writer.u32(0).u32(0).u32(timescale).u32(parts.duration);
        writer.u16(undetermined).u16(0);
      });
      writer.fullBox("hdlr", {}, () => {
        writer
          .u32(0)
          .utf8(isVideo ? "vide" : "soun")
          .zeros(12);
        writer.utf8(isVideo ? "VideoHandler" : "SoundHandler").u8(0);
      });
      writer.box("minf", () => {
        if (isVideo) writer.fullBox("vmhd", { flags: 1 }, () => writer.zeros(8));
        else writer.fullBox("smhd", {}, () => writer.zeros(4));
        writer.box("dinf", () => {
          writer.fullBox("dref", {}, () => writer.u32(1).fullBox("url ", { flags: 1 }, () => undefined));
        });
        writer.box("stbl", () => {
          writer.bytes(description);
          parts.writeTables(writer);
        });
      });
    });
  });
};

/**
 * The beginning of a file of fragments: `ftyp` and `moov`, with what the segment belongs to where it is one. Track ids count from 1 in
 * the order given.
 */
export const encodeHeader = (tracks: readonly Mp4Track[], origin?: SegmentOrigin): Mp4Header => {
  const writer = new BoxWriter();
  writeFileType(writer, ["mp42", "mp41", "mp42", "isom", "hlsf"]);
  let durationOffset = 0;
  writer.box("moov", () => {
    durationOffset = writeMovieHeader(writer, { durationMs: 0, nextTrackId: tracks.length + 1 });
    for (const [index, track] of tracks.entries()) writeTrack(writer, { track, id: index + 1 });
    writer.box("mvex", () => {
      for (const index of tracks.keys())
        writer.fullBox("trex", {}, () =>
          writer
            .u32(index + 1)
            .u32(1)
            .u32(0)
            .u32(0)
            .u32(0),
        );
    });
    if (origin) writer.box("udta", () => writeOrigin(writer, origin));
  });
  return { bytes: writer.take(), durationOffset };
};
