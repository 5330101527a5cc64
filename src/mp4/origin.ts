import type { BoxWriter } from "./box-writer.ts";

/** Which recording a segment belongs to, and where in it: what its `mtxi` box says. */
export interface SegmentOrigin {
  /** 16 bytes that all segments of one recording without a gap share. */
  readonly streamId: Uint8Array;
  /** From 0. */
  readonly number: number;
  /** Where the segment begins on the recording's own line of time, in nanoseconds. */
  readonly startNs: bigint;
  /** When it began, in Unix nanoseconds. */
  readonly dateNs: bigint;
}

/** Bytes behind version and flags. */
const originBytes = 16 + 8 + 8 + 8;

/** Writes an `mtxi` box. */
export const writeOrigin = (writer: BoxWriter, origin: SegmentOrigin): void => {
  writer.fullBox("mtxi", {}, () => {
    writer.bytes(origin.streamId).u64(origin.number).i64(origin.startNs).i64(origin.dateNs);
  });
};

/** Reads what stands behind version and flags of an `mtxi` box; undefined for one that is too short. */
export const readOrigin = (bytes: Uint8Array): SegmentOrigin | undefined => {
  if (bytes.length < originBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    streamId: bytes.subarray(0, 16),
    number: Number(view.getBigUint64(16)),
    startNs: view.getBigInt64(24),
    dateNs: view.getBigInt64(32),
  };
};
