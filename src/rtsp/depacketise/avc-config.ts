import { ByteWriter } from "../../base/bytes.ts";
import { decodeAvcSps } from "../../media/avc-sps.ts";
import { tolerate } from "../../media/tolerate.ts";

/** Profiles whose record ends with chroma format and bit depths. ISO/IEC 14496-15 5.3.3.1.2. */
const profilesWithChroma = new Set([100, 110, 122, 144, 244]);

const chromaFormats = ["4:0:0", "4:2:0", "4:2:2", "4:4:4"];

/** An avcC with NAL lengths of 4 bytes. `sps` and `pps` have their NAL headers; there is at least one SPS. */
export const encodeAvcConfig = (sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Uint8Array => {
  const first = sps[0] ?? new Uint8Array();
  const profileIdc = first[1] ?? 0;
  const writer = new ByteWriter(64);
  writer
    .u8(1)
    .u8(profileIdc)
    .u8(first[2] ?? 0)
    .u8(first[3] ?? 0)
    .u8(0xff);
  writer.u8(0xe0 | Math.min(sps.length, 31));
  for (const nal of sps.slice(0, 31)) writer.u16(nal.length).bytes(nal);
  writer.u8(pps.length);
  for (const nal of pps) writer.u16(nal.length).bytes(nal);
  const facts = profilesWithChroma.has(profileIdc) ? tolerate(() => decodeAvcSps(first)) : undefined;
  if (facts) {
    // Nobody codes luma and chroma with different depths.
    writer.u8(0xfc | chromaFormats.indexOf(facts.chroma)).u8(0xf8 | (facts.bitDepth - 8));
    writer.u8(0xf8 | (facts.bitDepth - 8)).u8(0);
  }
  return writer.take();
};
