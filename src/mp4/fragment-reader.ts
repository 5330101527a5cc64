import { ByteReader } from "../base/bytes.ts";
import { type Box, boxesIn, findBox } from "./box-reader.ts";
import type { MovieTrack, SampleDefaults } from "./movie.ts";

/** A sample of a fragment; times are in units of its track. */
export interface FoundSample {
  readonly time: number;
  readonly compositionOffset: number;
  readonly duration: number;
  readonly isKey: boolean;
  /** Where its data stand, from the start of the `moof`. */
  readonly offset: number;
  readonly size: number;
}

/** What a fragment has of one track. */
export interface FoundRun {
  readonly trackId: number;
  readonly samples: readonly FoundSample[];
}

/** A fragment has no more samples than these in a run: whoever says so is not to be believed. */
const maxSamples = 1_000_000;

const tfhdFlags = { base: 1, description: 2, duration: 8, size: 16, flags: 32 } as const;
const trunFlags = {
  offset: 1,
  first: 4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  composition: 0x800,
} as const;
const isNotSync = 0x0001_0000;

/**
 * Reads a `moof` box, which lies whole in `bytes`. Data offsets have to count from the `moof`, as files of fragments have them.
 * Tracks that are not among `tracks` are left out.
 * @throws WireError TRUNCATED
 */
export const readFragment = (
  bytes: Uint8Array,
  moof: Box,
  tracks: readonly MovieTrack[],
): readonly FoundRun[] => {
  const runs: FoundRun[] = [];
  for (const traf of boxesIn(bytes, moof.body, moof.end)) {
    if (traf.type !== "traf") continue;
    const head = findBox(bytes, "tfhd", traf);
    const reader = head && new ByteReader(bytes.subarray(head.body, head.end));
    if (!reader) continue;
    const flags = reader.u32() & 0xff_ffff;
    const trackId = reader.u32();
    const track = tracks.find(({ id }) => id === trackId);
    if (!track) continue;
    if (flags & tfhdFlags.base) reader.skip(8);
    if (flags & tfhdFlags.description) reader.skip(4);
    const defaults: SampleDefaults = {
      duration: flags & tfhdFlags.duration ? reader.u32() : track.defaults.duration,
      size: flags & tfhdFlags.size ? reader.u32() : track.defaults.size,
      flags: flags & tfhdFlags.flags ? reader.u32() : track.defaults.flags,
    };
    const samples: FoundSample[] = [];
    let time = readBaseTime(bytes, findBox(bytes, "tfdt", traf));
    for (const box of boxesIn(bytes, traf.body, traf.end))
      if (box.type === "trun") time = readRun(bytes, box, { time, defaults, samples });
    runs.push({ trackId, samples });
  }
  return runs;
};

const readBaseTime = (bytes: Uint8Array, box: Box | undefined): number => {
  if (!box) return 0;
  const reader = new ByteReader(bytes.subarray(box.body, box.end));
  return reader.u32() >>> 24 === 1 ? reader.u32() * 2 ** 32 + reader.u32() : reader.u32();
};

/** Appends the samples of a run, and gives the time behind them. */
const readRun = (
  bytes: Uint8Array,
  box: Box,
  { time, defaults, samples }: { time: number; defaults: SampleDefaults; samples: FoundSample[] },
): number => {
  const reader = new ByteReader(bytes.subarray(box.body, box.end));
  const versionAndFlags = reader.u32();
  const flags = versionAndFlags & 0xff_ffff;
  const isSigned = versionAndFlags >>> 24 > 0;
  const count = reader.u32();
  const last = samples.at(-1);
  let offset = flags & trunFlags.offset ? reader.u32() | 0 : last ? last.offset + last.size : 0;
  let firstFlags = flags & trunFlags.first ? reader.u32() : undefined;
  let at = time;
  if (count > maxSamples) return at;
  for (let i = 0; i < count; i++) {
    const duration = flags & trunFlags.duration ? reader.u32() : defaults.duration;
    const size = flags & trunFlags.size ? reader.u32() : defaults.size;
    const own = flags & trunFlags.flags ? reader.u32() : defaults.flags;
    const composition = flags & trunFlags.composition ? reader.u32() : 0;
    const compositionOffset = isSigned ? composition | 0 : composition;
    const isKey = ((firstFlags ?? own) & isNotSync) === 0;
    firstFlags = undefined;
    samples.push({ time: at, compositionOffset, duration, isKey, offset, size });
    at += duration;
    offset += size;
  }
  return at;
};
