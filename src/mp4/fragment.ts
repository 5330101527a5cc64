import { BoxWriter } from "./box-writer.ts";

/** A sample as far as a fragment's head tells of it; times are in the track's units. */
export interface FragmentSample {
  readonly compositionOffset: number;
  readonly duration: number;
  readonly isKey: boolean;
  readonly size: number;
}

/** A run of samples in a fragment. */
export interface FragmentRun {
  /** As in the header, from 1. */
  readonly id: number;
  /** Time of the first sample in the file, in the track's units; not negative. */
  readonly baseTime: number;
  readonly samples: readonly FragmentSample[];
}

/** A fragment but for its samples' data, which follow in the order of the runs. */
export interface Fragment {
  /** `moof`, and the head of `mdat`. */
  readonly head: Uint8Array;
  /** Bytes of the samples' data. */
  readonly dataBytes: number;
}

/** Flags of a sample. ISO/IEC 14496-12 8.8.3.1: depends on none, or on others and cannot be sought to. */
const sampleFlags = { key: 0x0200_0000, other: 0x0101_0000 } as const;

/** What a run says: offset of the data, and duration, size, flags and composition offset of each sample. */
const runFlags = 0x000001 | 0x000100 | 0x000200 | 0x000400 | 0x000800;

/** Data offsets count from the `moof`. */
const baseIsMoof = 0x020000;

const mdatHeadBytes = 8;

/** Lays out one fragment. `sequence` counts fragments from 1; runs without samples are left out by the caller. */
export const encodeFragment = (sequence: number, runs: readonly FragmentRun[]): Fragment => {
  const writer = new BoxWriter(256 + 16 * runs.reduce((sum, { samples }) => sum + samples.length, 0));
  const dataOffsets: { at: number; bytes: number }[] = [];
  writer.box("moof", () => {
    writer.fullBox("mfhd", {}, () => writer.u32(sequence));
    for (const run of runs)
      writer.box("traf", () => {
        writer.fullBox("tfhd", { flags: baseIsMoof }, () => writer.u32(run.id));
        writer.fullBox("tfdt", { version: 1 }, () => writer.u64(run.baseTime));
        writer.fullBox("trun", { version: 1, flags: runFlags }, () => {
          writer.u32(run.samples.length);
          dataOffsets.push({ at: writer.length, bytes: bytesOf(run.samples) });
          writer.i32(0);
          for (const sample of run.samples) writeSample(writer, sample);
        });
      });
  });
  let dataBytes = 0;
  for (const { at, bytes } of dataOffsets) {
    writer.patchU32(at, writer.length + mdatHeadBytes + dataBytes);
    dataBytes += bytes;
  }
  writer.u32(mdatHeadBytes + dataBytes).utf8("mdat");
  return { head: writer.take(), dataBytes };
};

const writeSample = (writer: BoxWriter, sample: FragmentSample): void => {
  writer.u32(sample.duration).u32(sample.size);
  writer.u32(sample.isKey ? sampleFlags.key : sampleFlags.other).i32(sample.compositionOffset);
};

/** Bytes of the data of samples. */
export const bytesOf = (samples: readonly FragmentSample[]): number => {
  let sum = 0;
  for (const { size } of samples) sum += size;
  return sum;
};
