import { WireError } from "../base/errors.ts";
import { BitReader, removeEmulationPrevention } from "./bit-reader.ts";
import { type ChromaFormat, chromaFormatOf, frameRateOf, type PictureSize, pictureSize } from "./picture.ts";
import { tolerate } from "./tolerate.ts";

/** What an H.264 sequence parameter set says about the pictures. */
export type AvcSps = PictureSize & {
  readonly chroma: ChromaFormat["name"];
  readonly bitDepth: number;
  /** True when the pictures may be coded as two fields. */
  readonly isInterlaced: boolean;
  /** Frames (not fields) per second; undefined where the encoder does not say or cannot mean it. */
  readonly frameRate: number | undefined;
};

/** Profiles whose SPS carries the chroma format and what goes with it. H.264 spec 7.3.2.1.1. */
const profilesWithChroma = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/**
 * Decodes a sequence parameter set, NAL header included. H.264 spec 7.3.2.1.1 and E.1.1.
 * @throws WireError TRUNCATED, CODEC_CONFIG
 */
export const decodeAvcSps = (nal: Uint8Array): AvcSps => {
  const bits = new BitReader(removeEmulationPrevention(nal));
  const nalType = bits.bits(8) & 0x1f;
  if (nalType !== 7) throw new WireError("CODEC_CONFIG", `NAL unit of type ${nalType}, expected 7 (SPS)`);
  const profileIdc = bits.bits(8);
  bits.skip(16); // constraints, level
  bits.ue(); // seq_parameter_set_id
  const { chroma, bitDepth, isSeparate } = readSampleFormat(bits, profileIdc);
  bits.ue(); // log2_max_frame_num_minus4
  skipPictureOrder(bits);
  bits.ue(); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  const size = readSize(bits, isSeparate ? chromaFormatOf(0) : chroma);
  const frameRate = tolerate(() => readFrameRate(bits));
  return { ...size, chroma: chroma.name, bitDepth, frameRate };
};

type SampleFormat = {
  readonly chroma: ChromaFormat;
  readonly bitDepth: number;
  readonly isSeparate: boolean;
};

const readSampleFormat = (bits: BitReader, profileIdc: number): SampleFormat => {
  if (!profilesWithChroma.has(profileIdc)) {
    return { chroma: chromaFormatOf(1), bitDepth: 8, isSeparate: false };
  }
  const idc = bits.ue();
  const chroma = chromaFormatOf(idc);
  const isSeparate = idc === 3 && bits.flag(); // separate_colour_plane_flag
  const bitDepth = 8 + bits.count(6);
  bits.count(6); // bit_depth_chroma_minus8
  bits.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) skipScalingMatrix(bits, idc === 3 ? 12 : 8);
  return { chroma, bitDepth, isSeparate };
};

const skipScalingMatrix = (bits: BitReader, lists: number): void => {
  for (let list = 0; list < lists; list += 1) {
    if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
};

/** A list breaks off where the next scale becomes 0. H.264 spec 7.3.2.1.1.1. */
const skipScalingList = (bits: BitReader, size: number): void => {
  let scale = 8;
  for (let i = 0; i < size; i += 1) {
    scale = (scale + bits.se()) & 0xff;
    if (scale === 0) return;
  }
};

/** Gives pic_order_cnt_type. */
const skipPictureOrder = (bits: BitReader): number => {
  const type = bits.count(2);
  if (type === 0) bits.ue(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return type;
  bits.skip(1); // delta_pic_order_always_zero_flag
  bits.ue(); // offset_for_non_ref_pic
  bits.ue(); // offset_for_top_to_bottom_field
  for (let frames = bits.count(255); frames > 0; frames -= 1) bits.ue(); // offset_for_ref_frame
  return type;
};

/** Macroblocks less the cropping, both counted in units that depend on chroma and on frames against fields. */
const readSize = (
  bits: BitReader,
  chroma: ChromaFormat,
): PictureSize & { readonly isInterlaced: boolean } => {
  const widthInMacroblocks = bits.ue() + 1;
  const heightInMapUnits = bits.ue() + 1;
  const isInterlaced = !bits.flag(); // frame_mbs_only_flag
  if (isInterlaced) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const fields = isInterlaced ? 2 : 1;
  let width = 16 * widthInMacroblocks;
  let height = 16 * heightInMapUnits * fields;
  if (bits.flag()) {
    width -= (bits.ue() + bits.ue()) * chroma.subWidth;
    height -= (bits.ue() + bits.ue()) * chroma.subHeight * fields;
  }
  return { ...pictureSize(width, height), isInterlaced };
};

/** Extended_SAR: the aspect ratio follows as two numbers. */
const extendedAspectRatio = 255;

const readFrameRate = (bits: BitReader): number | undefined => {
  if (!bits.flag()) return undefined; // vui_parameters_present_flag
  skipAppearance(bits);
  if (!bits.flag()) return undefined; // timing_info_present_flag
  const unitsInTick = bits.bits(32);
  const timeScale = bits.bits(32);
  return frameRateOf(timeScale, 2 * unitsInTick); // a tick is a field, in progressive video too
};

const skipAppearance = (bits: BitReader): void => {
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
};

const baseline = 66;

/**
 * How many pictures may come before one that is shown earlier (max_num_reorder_frames): 0 where decoding order is order of display;
 * undefined where the SPS, NAL header included, does not say. H.264 spec E.2.1.
 * @throws WireError TRUNCATED, CODEC_CONFIG
 */
export const avcReorderDepth = (nal: Uint8Array): number | undefined => {
  const bits = new BitReader(removeEmulationPrevention(nal));
  bits.skip(8);
  const profileIdc = bits.bits(8);
  bits.skip(16); // constraints, level
  bits.ue(); // seq_parameter_set_id
  const { isSeparate, chroma } = readSampleFormat(bits, profileIdc);
  bits.ue(); // log2_max_frame_num_minus4
  const orderType = skipPictureOrder(bits);
  if (orderType === 2 || profileIdc === baseline) return 0;
  bits.ue(); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  readSize(bits, isSeparate ? chromaFormatOf(0) : chroma);
  if (!bits.flag()) return undefined; // vui_parameters_present_flag
  skipAppearance(bits);
  if (bits.flag()) bits.skip(65); // timing
  const hasNalHrd = bits.flag();
  if (hasNalHrd) skipHrd(bits);
  const hasVclHrd = bits.flag();
  if (hasVclHrd) skipHrd(bits);
  if (hasNalHrd || hasVclHrd) bits.skip(1); // low_delay_hrd_flag
  bits.skip(1); // pic_struct_present_flag
  if (!bits.flag()) return undefined; // bitstream_restriction_flag
  bits.skip(1); // motion_vectors_over_pic_boundaries_flag
  for (let i = 0; i < 4; i += 1) bits.ue(); // bytes and bits of a picture, lengths of motion vectors
  return bits.count(16);
};

/** H.264 spec E.1.2. */
const skipHrd = (bits: BitReader): void => {
  const buffers = bits.count(31) + 1;
  bits.skip(8); // scales
  for (let i = 0; i < buffers; i += 1) {
    bits.ue();
    bits.ue();
    bits.skip(1); // cbr_flag
  }
  bits.skip(20); // lengths of delays and offset
};
