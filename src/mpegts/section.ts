import { ByteWriter } from "../base/bytes.ts";
import type { SampleTrack } from "../media/sample.ts";
import { crc32 } from "./crc32.ts";
import { kindOf } from "./stream-kind.ts";

/** Where the parts of a stream are found. ISO/IEC 13818-1 2.4.3.3. */
export const pids = { pat: 0, pmt: 0x1000, firstTrack: 0x100 } as const;

const programNumber = 1;
const crcBytes = 4;

/** A section with its table id, extension and checksum. 2.4.4. */
const section = (tableId: number, extension: number, body: Uint8Array): Uint8Array => {
  const writer = new ByteWriter(12 + body.length);
  const length = 5 + body.length + crcBytes;
  // Syntax indicator, length; version 0, current; section 0 of 0.
  writer
    .u8(tableId)
    .u16(0xb000 | length)
    .u16(extension)
    .u8(0xc1)
    .u8(0)
    .u8(0)
    .bytes(body);
  const bytes = writer.take();
  return new ByteWriter(bytes.length + crcBytes).bytes(bytes).u32(crc32(bytes)).take();
};

/** The program association section: one program. 2.4.4.3. */
export const encodePat = (): Uint8Array =>
  section(
    0,
    1,
    new ByteWriter(4)
      .u16(programNumber)
      .u16(0xe000 | pids.pmt)
      .take(),
  );

/** The program map section: the tracks in their order. Their clock is that of the first video track, or the first. 2.4.4.8. */
export const encodePmt = (tracks: readonly SampleTrack[]): Uint8Array => {
  const writer = new ByteWriter(64);
  writer.u16(0xe000 | (pids.firstTrack + clockTrackOf(tracks))).u16(0xf000);
  for (const [index, track] of tracks.entries()) {
    const { type, descriptors } = kindOf(track);
    writer
      .u8(type)
      .u16(0xe000 | (pids.firstTrack + index))
      .u16(0xf000 | descriptors.length)
      .bytes(descriptors);
  }
  return section(2, programNumber, writer.take());
};

/** Which track the clock goes with. */
export const clockTrackOf = (tracks: readonly SampleTrack[]): number =>
  Math.max(
    0,
    tracks.findIndex(({ description }) => description.kind === "video"),
  );
