import { ByteReader } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { BitReader } from "./bit-reader.ts";
import { type PictureSize, pictureSize } from "./picture.ts";

/** A VPCodecConfigurationRecord (vpcC), of VP8 and VP9 alike. VP Codec ISO Media File Format Binding. */
export type VpConfig = {
  readonly profile: number;
  /** 10 times the level; 0 where the encoder does not say. */
  readonly level: number;
  readonly bitDepth: number;
};

/**
 * Decodes a vpcC with or without the 4 bytes of box version and flags in front, which FFmpeg sends too.
 * @throws WireError TRUNCATED, CODEC_CONFIG
 */
export const decodeVpConfig = (bytes: Uint8Array): VpConfig => {
  const reader = new ByteReader(bytes);
  if (bytes.length >= 12 && reader.u32() !== 0x01000000) return readVpConfig(new ByteReader(bytes));
  return readVpConfig(reader);
};

const readVpConfig = (reader: ByteReader): VpConfig => {
  const profile = reader.u8();
  const level = reader.u8();
  const bitDepth = reader.u8() >>> 4;
  reader.skip(5); // colour description, size of what follows: always none
  if (profile > 3 || (bitDepth !== 8 && bitDepth !== 10 && bitDepth !== 12)) {
    throw new WireError(
      "CODEC_CONFIG",
      `vpcC profile ${profile} with ${bitDepth} bits, expected 0 to 3, 8 to 12`,
    );
  }
  return { profile, level, bitDepth };
};

/** `Profile 0` to `Profile 3`. */
export const vpProfileName = ({ profile }: VpConfig): string => `Profile ${profile}`;

/** The level as people write it: `4`, `4.1`; undefined where the encoder does not say. */
export const vpLevelName = ({ level }: VpConfig): string | undefined =>
  level === 0 ? undefined : String(level / 10);

/** The codec string, such as `vp09.00.41.08`. */
export const vpCodecString = (fourCc: "vp08" | "vp09", { profile, level, bitDepth }: VpConfig): string =>
  [fourCc, ...[profile, level, bitDepth].map((field) => String(field).padStart(2, "0"))].join(".");

const syncCode = 0x498342;
const srgb = 7;

/**
 * The size of a VP9 key frame, from its uncompressed header: the one place that has it. VP9 spec 6.2.
 * @throws WireError TRUNCATED, CODEC_CONFIG when it is no key frame
 */
export const decodeVp9KeyFrame = (frame: Uint8Array): PictureSize => {
  const bits = new BitReader(frame);
  const marker = bits.bits(2);
  const profile = bits.bit() + 2 * bits.bit();
  if (profile === 3) bits.skip(1);
  const isRepeat = bits.flag(); // show_existing_frame
  const isInter = bits.flag(); // frame_type
  bits.skip(2); // show_frame, error_resilient_mode
  if (marker !== 2 || isRepeat || isInter || bits.bits(24) !== syncCode) {
    throw new WireError("CODEC_CONFIG", "VP9 frame, expected a key frame");
  }
  if (profile >= 2) bits.skip(1); // 10 or 12 bits
  const hasSubsampling = profile === 1 || profile === 3;
  if (bits.bits(3) !== srgb)
    bits.skip(hasSubsampling ? 4 : 1); // colour range, subsampling
  else if (hasSubsampling) bits.skip(1);
  return pictureSize(bits.bits(16) + 1, bits.bits(16) + 1);
};
