import { WireError } from "../base/errors.ts";
import { BitReader, removeEmulationPrevention } from "./bit-reader.ts";
import { hevcNalType } from "./hevc.ts";
import { type ChromaFormat, chromaFormatOf, frameRateOf, type PictureSize, pictureSize } from "./picture.ts";
import { tolerate } from "./tolerate.ts";

/** What an H.265 sequence parameter set says about the pictures. */
export type HevcSps = PictureSize & {
  readonly chroma: ChromaFormat["name"];
  readonly bitDepth: number;
  /** Pictures per second (fields, when fields are coded); undefined where the encoder does not say or cannot mean it. */
  readonly frameRate: number | undefined;
};

/**
 * Decodes a sequence parameter set, NAL header included. H.265 spec 7.3.2.2 and E.2.1.
 * @throws WireError TRUNCATED, CODEC_CONFIG
 */
export const decodeHevcSps = (nal: Uint8Array): HevcSps => {
  const bits = new BitReader(removeEmulationPrevention(nal));
  const nalType = (bits.bits(16) >>> 9) & 0x3f;
  if (nalType !== hevcNalType.sps) {
    throw new WireError("CODEC_CONFIG", `NAL unit of type ${nalType}, expected 33 (SPS)`);
  }
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.bits(3);
  bits.skip(1); // sps_temporal_id_nesting_flag
  skipProfileTierLevel(bits, subLayers);
  bits.ue(); // sps_seq_parameter_set_id
  const chromaIdc = bits.ue();
  const chroma = chromaFormatOf(chromaIdc);
  const isSeparate = chromaIdc === 3 && bits.flag(); // separate_colour_plane_flag
  const size = readSize(bits, isSeparate ? chromaFormatOf(0) : chroma);
  const bitDepth = 8 + bits.count(8);
  const frameRate = tolerate(() => readFrameRate(bits, subLayers));
  return { ...size, chroma: chroma.name, bitDepth, frameRate };
};

/**
 * How many pictures may come before one that is shown earlier (sps_max_num_reorder_pics of the highest sub-layer), of an SPS with its
 * NAL header. H.265 spec 7.4.3.2.1.
 * @throws WireError TRUNCATED, CODEC_CONFIG
 */
export const hevcReorderDepth = (nal: Uint8Array): number => {
  const bits = new BitReader(removeEmulationPrevention(nal));
  bits.skip(20); // NAL header, sps_video_parameter_set_id
  const subLayers = bits.bits(3);
  bits.skip(1); // sps_temporal_id_nesting_flag
  skipProfileTierLevel(bits, subLayers);
  bits.ue(); // sps_seq_parameter_set_id
  if (bits.ue() === 3) bits.skip(1); // separate_colour_plane_flag
  bits.ue(); // width
  bits.ue(); // height
  if (bits.flag()) for (let side = 0; side < 4; side += 1) bits.ue(); // conformance window
  for (let i = 0; i < 3; i += 1) bits.ue(); // bit depths, length of picture order counts
  const layers = bits.flag() ? subLayers + 1 : 1;
  let depth = 0;
  for (let layer = 0; layer < layers; layer += 1) {
    bits.ue(); // sps_max_dec_pic_buffering_minus1
    depth = bits.count(16);
    bits.ue(); // sps_max_latency_increase_plus1
  }
  return depth;
};

const skipProfileTierLevel = (bits: BitReader, subLayers: number): void => {
  bits.skip(96);
  let present = 0;
  for (let i = 0; i < subLayers; i += 1) {
    if (bits.flag()) present += 88; // sub_layer_profile_present_flag
    if (bits.flag()) present += 8; // sub_layer_level_present_flag
  }
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  bits.skip(present);
};

const readSize = (bits: BitReader, chroma: ChromaFormat): PictureSize => {
  let width = bits.ue();
  let height = bits.ue();
  if (bits.flag()) {
    width -= (bits.ue() + bits.ue()) * chroma.subWidth; // conformance window
    height -= (bits.ue() + bits.ue()) * chroma.subHeight;
  }
  return pictureSize(width, height);
};

/** The rate stands near the end, behind the coding tools: the reader comes here right after the luma bit depth. */
const readFrameRate = (bits: BitReader, subLayers: number): number | undefined => {
  bits.ue(); // bit_depth_chroma_minus8
  const orderBits = 4 + bits.count(12);
  const ordered = bits.flag() ? subLayers + 1 : 1;
  for (let i = 0; i < 3 * ordered; i += 1) bits.ue(); // buffering, reordering, latency of each sub-layer
  for (let i = 0; i < 6; i += 1) bits.ue(); // block sizes and depths
  if (bits.flag() && bits.flag()) skipScalingLists(bits);
  bits.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (bits.flag()) {
    bits.skip(8); // PCM bit depths
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  skipReferencePictureSets(bits);
  if (bits.flag()) {
    for (let count = bits.count(32); count > 0; count -= 1) bits.skip(orderBits + 1); // long-term references
  }
  bits.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  return bits.flag() ? readVuiFrameRate(bits) : undefined;
};

/** H.265 spec 7.3.4. */
const skipScalingLists = (bits: BitReader): void => {
  for (let size = 0; size < 4; size += 1) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.ue(); // copied from another matrix
        continue;
      }
      const coefficients = Math.min(64, 16 << (2 * size)) + (size > 1 ? 1 : 0);
      for (let i = 0; i < coefficients; i += 1) bits.ue();
    }
  }
};

/** Short-term sets, each either listed or told as a change to the set before it. H.265 spec 7.3.7. */
const skipReferencePictureSets = (bits: BitReader): void => {
  let pictures = 0;
  const sets = bits.count(64);
  for (let set = 0; set < sets; set += 1) {
    const isPredicted = set > 0 && bits.flag();
    pictures = isPredicted ? skipPredictedSet(bits, pictures) : skipListedSet(bits);
  }
};

/** Gives the number of pictures in the set; it is bounded, because every one takes a bit or more. */
const skipPredictedSet = (bits: BitReader, before: number): number => {
  bits.skip(1); // delta_rps_sign
  bits.ue(); // abs_delta_rps_minus1
  let pictures = 0;
  for (let i = 0; i <= before; i += 1) {
    const isUsed = bits.flag();
    if (isUsed || bits.flag()) pictures += 1; // used_by_curr_pic_flag, else use_delta_flag
  }
  return pictures;
};

const skipListedSet = (bits: BitReader): number => {
  const pictures = bits.count(16) + bits.count(16);
  for (let i = 0; i < pictures; i += 1) {
    bits.ue(); // delta_poc
    bits.skip(1); // used_by_curr_pic_flag
  }
  return pictures;
};

const extendedAspectRatio = 255;

const readVuiFrameRate = (bits: BitReader): number | undefined => {
  if (bits.flag() && bits.bits(8) === extendedAspectRatio) bits.skip(32);
  if (bits.flag()) bits.skip(1); // overscan
  if (bits.flag()) {
    bits.skip(4); // video_format, video_full_range_flag
    if (bits.flag()) bits.skip(24); // colour description
  }
  if (bits.flag()) {
    bits.ue(); // chroma_sample_loc_type_top_field
    bits.ue(); // chroma_sample_loc_type_bottom_field
  }
  bits.skip(3); // neutral chroma, field_seq_flag, frame_field_info_present_flag
  if (bits.flag()) {
    for (let side = 0; side < 4; side += 1) bits.ue(); // default display window
  }
  if (!bits.flag()) return undefined; // vui_timing_info_present_flag
  const unitsInTick = bits.bits(32);
  const timeScale = bits.bits(32);
  return frameRateOf(timeScale, unitsInTick);
};
