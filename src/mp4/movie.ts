import { ByteReader, copyBytes } from "../base/bytes.ts";
import { type Box, boxesIn, findBox, findDeep } from "./box-reader.ts";
import { readOrigin, type SegmentOrigin } from "./origin.ts";

/** A track of a file, as far as it has to be known to read its fragments and to write them again. */
export interface MovieTrack {
  readonly id: number;
  readonly kind: "video" | "audio";
  readonly timescale: number;
  /** Four letters of its sample entry. */
  readonly format: string;
  /** The whole `stsd` box, a copy. */
  readonly description: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** What holds for samples where a fragment does not say. */
  readonly defaults: SampleDefaults;
}

/** What holds for samples that say nothing of themselves. */
export interface SampleDefaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

/** What a `moov` says. */
export interface Movie {
  /** 0 where nobody wrote it. */
  readonly durationMs: number;
  /** Where the duration stands, from the start of the bytes; undefined where it has eight bytes. */
  readonly durationOffset: number | undefined;
  /** Units of the movie's time in a second. */
  readonly timescale: number;
  readonly origin: SegmentOrigin | undefined;
  readonly tracks: readonly MovieTrack[];
}

/**
 * Reads a `moov` box, which lies whole in `bytes`. Tracks that are neither video nor audio are left out.
 * @throws WireError TRUNCATED where boxes are shorter than they have to be
 */
export const readMovie = (bytes: Uint8Array, moov: Box): Movie => {
  const header = findBox(bytes, "mvhd", moov);
  const { durationMs, durationOffset, timescale } = readHeader(bytes, header);
  const mtxi = findDeep(bytes, ["udta", "mtxi"], moov);
  const defaults = readDefaults(bytes, findBox(bytes, "mvex", moov));
  const tracks: MovieTrack[] = [];
  for (const box of boxesIn(bytes, moov.body, moov.end)) {
    const track = box.type === "trak" ? readTrack(bytes, box, defaults) : undefined;
    if (track) tracks.push(track);
  }
  return {
    durationMs,
    durationOffset,
    timescale,
    origin: mtxi && readOrigin(copyBytes(bytes.subarray(mtxi.body + 4, mtxi.end))),
    tracks,
  };
};

const noHeader = { durationMs: 0, durationOffset: undefined, timescale: 1_000 };

const readHeader = (
  bytes: Uint8Array,
  box: Box | undefined,
): Pick<Movie, "durationMs" | "durationOffset" | "timescale"> => {
  if (!box) return noHeader;
  const reader = readerOf(bytes, box);
  const version = reader.u32() >>> 24;
  reader.skip(version === 1 ? 16 : 8);
  const timescale = reader.u32();
  const durationOffset = version === 1 ? undefined : box.body + reader.position;
  const duration = version === 1 ? reader.u32() * 2 ** 32 + reader.u32() : reader.u32();
  return { durationMs: timescale === 0 ? 0 : (duration * 1_000) / timescale, durationOffset, timescale };
};

const readDefaults = (bytes: Uint8Array, mvex: Box | undefined): ReadonlyMap<number, SampleDefaults> => {
  const defaults = new Map<number, SampleDefaults>();
  if (!mvex) return defaults;
  for (const box of boxesIn(bytes, mvex.body, mvex.end)) {
    if (box.type !== "trex") continue;
    const reader = readerOf(bytes, box);
    reader.skip(4);
    const id = reader.u32();
    reader.skip(4);
    defaults.set(id, { duration: reader.u32(), size: reader.u32(), flags: reader.u32() });
  }
  return defaults;
};

const noDefaults: SampleDefaults = { duration: 0, size: 0, flags: 0 };

const kinds: Readonly<Record<string, MovieTrack["kind"]>> = { vide: "video", soun: "audio" };

const readTrack = (
  bytes: Uint8Array,
  trak: Box,
  defaults: ReadonlyMap<number, SampleDefaults>,
): MovieTrack | undefined => {
  const head = findBox(bytes, "tkhd", trak);
  const media = findBox(bytes, "mdia", trak);
  const time = media && findBox(bytes, "mdhd", media);
  const handler = media && findBox(bytes, "hdlr", media);
  const table = media && findDeep(bytes, ["minf", "stbl", "stsd"], media);
  if (!head || !time || !handler || !table) return undefined;
  const kind = kinds[letters(bytes, handler.body + 8)];
  if (!kind) return undefined;
  const headReader = readerOf(bytes, head);
  const isLong = headReader.u32() >>> 24 === 1;
  headReader.skip(isLong ? 16 : 8);
  const id = headReader.u32();
  // Width and height stand at the end, with a fraction.
  const sizes = new ByteReader(bytes.subarray(head.end - 8, head.end));
  const timeReader = readerOf(bytes, time);
  timeReader.skip(timeReader.u32() >>> 24 === 1 ? 16 : 8);
  return {
    id,
    kind,
    timescale: timeReader.u32() || 1,
    format: letters(bytes, table.body + 12),
    description: copyBytes(bytes.subarray(table.start, table.end)),
    width: sizes.u32() >>> 16,
    height: sizes.u32() >>> 16,
    defaults: defaults.get(id) ?? noDefaults,
  };
};

const readerOf = (bytes: Uint8Array, { body, end }: Box): ByteReader =>
  new ByteReader(bytes.subarray(body, end));

const letters = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
