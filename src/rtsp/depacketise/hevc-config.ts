import { ByteWriter } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import { removeEmulationPrevention } from "../../media/bit-reader.ts";
import { hevcNalType } from "../../media/hevc.ts";
import { decodeHevcSps } from "../../media/hevc-sps.ts";

/** The parameter sets of a stream, with their NAL headers. */
export type HevcSets = {
  readonly vps: readonly Uint8Array[];
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
};

const chromaFormats = ["4:0:0", "4:2:0", "4:2:2", "4:4:4"];

/** Bytes of general profile, tier, compatibility, constraints and level, the same in an SPS and in an hvcC. */
const profileBytes = 12;

/** NAL header, then VPS id, sub-layers and nesting flag in front of them. */
const profileOffset = 3;

/**
 * An hvcC with NAL lengths of 4 bytes. ISO/IEC 14496-15 8.3.3.
 * @throws WireError TRUNCATED, CODEC_CONFIG for an SPS that cannot be read
 */
export const encodeHevcConfig = ({ vps, sps, pps }: HevcSets): Uint8Array => {
  const [first] = sps;
  if (!first) throw new WireError("CODEC_CONFIG", "no SPS");
  const facts = decodeHevcSps(first);
  const head = removeEmulationPrevention(first.subarray(0, 64));
  const layers = ((head[2] ?? 0) >>> 1) & 7;
  const isNested = (head[2] ?? 0) & 1;
  const writer = new ByteWriter(128);
  writer.u8(1).bytes(head.subarray(profileOffset, profileOffset + profileBytes));
  writer.u16(0xf000).u8(0xfc); // no segmentation, no hint for parallel decoding
  writer.u8(0xfc | chromaFormats.indexOf(facts.chroma));
  writer.u8(0xf8 | (facts.bitDepth - 8)).u8(0xf8 | (facts.bitDepth - 8));
  writer.u16(0); // frame rate left open
  writer.u8(((layers + 1) << 3) | (isNested << 2) | 3);
  const arrays = [
    { type: hevcNalType.vps, nals: vps },
    { type: hevcNalType.sps, nals: sps },
    { type: hevcNalType.pps, nals: pps },
  ].filter(({ nals }) => nals.length > 0);
  writer.u8(arrays.length);
  for (const { type, nals } of arrays) {
    writer.u8(0x80 | type).u16(nals.length);
    for (const nal of nals) writer.u16(nal.length).bytes(nal);
  }
  return writer.take();
};
