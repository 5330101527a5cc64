import { ByteReader } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { BitReader } from "./bit-reader.ts";
import { frameRateOf, type PictureSize, pictureSize } from "./picture.ts";

/** An AV1CodecConfigurationRecord (av1C). AV1 in ISOBMFF 2.3. */
export type Av1Config = {
  /** 0 to 2. */
  readonly profile: number;
  /** `seq_level_idx_0`: 4 steps to a level, from 2.0; 31 means no limit. */
  readonly levelIndex: number;
  readonly isHighTier: boolean;
  readonly bitDepth: number;
  /** OBUs that precede the stream, the sequence header first; a borrowed view, often empty. */
  readonly obus: Uint8Array;
};

/** Decodes an av1C. @throws WireError TRUNCATED, CODEC_CONFIG */
export const decodeAv1Config = (bytes: Uint8Array): Av1Config => {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== 0x81) throw new WireError("CODEC_CONFIG", `av1C begins with ${version}, expected 129`);
  const profileAndLevel = reader.u8();
  const flags = reader.u8();
  reader.skip(1); // initial presentation delay
  const profile = profileAndLevel >>> 5;
  const isTwelveBit = profile === 2 && (flags & 0x20) !== 0;
  return {
    profile,
    levelIndex: profileAndLevel & 0x1f,
    isHighTier: (flags & 0x80) !== 0,
    bitDepth: (flags & 0x40) === 0 ? 8 : isTwelveBit ? 12 : 10,
    obus: reader.rest(),
  };
};

/** `Main`, `High` or `Professional`; the number where it has no name. AV1 spec A.2. */
export const av1ProfileName = ({ profile }: Av1Config): string =>
  ["Main", "High", "Professional"][profile] ?? String(profile);

const unlimitedLevel = 31;

/** The level as people write it: `4`, `4.1`, or `max` where there is no limit. AV1 spec A.3. */
export const av1LevelName = ({ levelIndex }: Av1Config): string =>
  levelIndex === unlimitedLevel ? "max" : String(2 + (levelIndex >>> 2) + (levelIndex & 3) / 10);

/** The codec string, such as `av01.0.08M.08`. AV1 in ISOBMFF 5. */
export const av1CodecString = ({ profile, levelIndex, isHighTier, bitDepth }: Av1Config): string =>
  `av01.${profile}.${twoDigits(levelIndex)}${isHighTier ? "H" : "M"}.${twoDigits(bitDepth)}`;

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** What an AV1 sequence header says about the pictures. */
export type Av1SequenceHeader = PictureSize & {
  /** Frames per second; undefined unless the stream says that all pictures are equally far apart. */
  readonly frameRate: number | undefined;
};

const sequenceHeaderType = 1;

/** OBUs to look through: the sequence header comes first, or right behind a temporal delimiter. */
const maxObus = 16;

/**
 * Finds and decodes the sequence header among the first OBUs, such as those of an av1C or of a key frame;
 * undefined where there is none. AV1 spec 5.3.
 * @throws WireError TRUNCATED, CODEC_CONFIG
 */
export const decodeAv1SequenceHeader = (bytes: Uint8Array): Av1SequenceHeader | undefined => {
  const reader = new ByteReader(bytes);
  for (let obus = 0; obus < maxObus && reader.remaining > 0; obus += 1) {
    const header = reader.u8();
    if (header & 0x04) reader.skip(1); // temporal and spatial layer
    const hasSize = (header & 0x02) !== 0;
    const payload = reader.bytes(hasSize ? readLeb128(reader) : reader.remaining);
    if (((header >>> 3) & 0x0f) === sequenceHeaderType) return readSequenceHeader(new BitReader(payload));
  }
  return undefined;
};

/** 7 bits per byte, lowest first; the top bit says that more follow. AV1 spec 4.10.5. */
const readLeb128 = (reader: ByteReader): number => {
  let value = 0;
  for (let i = 0; i < 8; i += 1) {
    const byte = reader.u8();
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  throw new WireError("CODEC_CONFIG", "OBU size of more than 8 bytes");
};

/** AV1 spec 5.5.1. */
const readSequenceHeader = (bits: BitReader): Av1SequenceHeader => {
  bits.skip(4); // seq_profile, still_picture
  const isReduced = bits.flag();
  let frameRate: number | undefined;
  if (isReduced) {
    bits.skip(5); // seq_level_idx_0
  } else {
    const timing = readTiming(bits);
    frameRate = timing.frameRate;
    skipOperatingPoints(bits, timing.delayBits);
  }
  const widthBits = bits.bits(4) + 1;
  const heightBits = bits.bits(4) + 1;
  const width = bits.bits(widthBits) + 1;
  const height = bits.bits(heightBits) + 1;
  return { ...pictureSize(width, height), frameRate };
};

type Timing = {
  readonly frameRate: number | undefined;
  /** Bits of each decoder buffer delay; undefined without a decoder model. */
  readonly delayBits: number | undefined;
};

/** AV1 spec 5.5.3 and 5.5.4. */
const readTiming = (bits: BitReader): Timing => {
  if (!bits.flag()) return { frameRate: undefined, delayBits: undefined };
  const unitsInTick = bits.bits(32);
  const timeScale = bits.bits(32);
  const isEqual = bits.flag(); // equal_picture_interval
  const frameRate = isEqual ? frameRateOf(timeScale, unitsInTick * (bits.ue() + 1)) : undefined;
  if (!bits.flag()) return { frameRate, delayBits: undefined };
  const delayBits = bits.bits(5) + 1;
  bits.skip(42); // num_units_in_decoding_tick, removal and presentation time lengths
  return { frameRate, delayBits };
};

const skipOperatingPoints = (bits: BitReader, delayBits: number | undefined): void => {
  const hasDisplayDelay = bits.flag();
  const points = bits.bits(5) + 1;
  for (let point = 0; point < points; point += 1) {
    bits.skip(12); // operating_point_idc
    if (bits.bits(5) > 7) bits.skip(1); // a tier only from level 4.0 on
    if (delayBits !== undefined && bits.flag()) bits.skip(2 * delayBits + 1);
    if (hasDisplayDelay && bits.flag()) bits.skip(4);
  }
};
