import { ByteReader } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { frameRateOf } from "./picture.ts";
import { tolerate } from "./tolerate.ts";

/** NAL unit types of parameter sets. H.265 spec table 7-1. */
export const hevcNalType = { vps: 32, sps: 33, pps: 34, prefixSei: 39, suffixSei: 40 } as const;

/** A NAL unit of an hvcC. */
export type HevcUnit = {
  /** As the record's array says, see {@link hevcNalType}. */
  readonly type: number;
  /** Two-byte NAL header included; a borrowed view. */
  readonly nal: Uint8Array;
};

/** An HEVCDecoderConfigurationRecord (hvcC). ISO/IEC 14496-15 8.3.3. */
export type HevcConfig = {
  readonly profileSpace: number;
  readonly isHighTier: boolean;
  readonly profileIdc: number;
  /** One flag per profile, that of profile 0 in the highest of 32 bits. */
  readonly compatibility: number;
  /** 6 bytes; a borrowed view. */
  readonly constraints: Uint8Array;
  /** 30 times the level. */
  readonly levelIdc: number;
  readonly bitDepth: number;
  /** Frames per second; undefined where the record leaves it open, as most do. */
  readonly averageFrameRate: number | undefined;
  /** Bytes of the length in front of each NAL unit: 1, 2 or 4. */
  readonly nalLengthSize: number;
  /** Parameter sets and SEI in the order of the record. */
  readonly units: readonly HevcUnit[];
};

/** Decodes an hvcC. Some encoders write version 0. @throws WireError TRUNCATED, CODEC_CONFIG */
export const decodeHevcConfig = (bytes: Uint8Array): HevcConfig => {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version > 1) throw new WireError("CODEC_CONFIG", `hvcC version ${version}, expected 0 or 1`);
  const profile = reader.u8();
  const compatibility = reader.u32();
  const constraints = reader.bytes(6);
  const levelIdc = reader.u8();
  reader.skip(4); // min_spatial_segmentation, parallelism, chroma format
  const bitDepth = 8 + (reader.u8() & 7);
  reader.skip(1); // chroma bit depth
  const averageFrameRate = frameRateOf(reader.u16(), 256);
  const nalLengthSize = (reader.u8() & 3) + 1;
  if (nalLengthSize === 3) throw new WireError("CODEC_CONFIG", "NAL length of 3 bytes, expected 1, 2 or 4");
  return {
    profileSpace: profile >>> 6,
    isHighTier: (profile & 0x20) !== 0,
    profileIdc: profile & 0x1f,
    compatibility,
    constraints,
    levelIdc,
    bitDepth,
    averageFrameRate,
    nalLengthSize,
    units: readUnits(reader),
  };
};

/** More than the 16 VPS, 16 SPS and 64 PPS that can exist at once, with SEI beside them. */
const maxUnits = 256;

/** The arrays of NAL units; a record without any leaves the parameter sets to the stream. */
const readUnits = (reader: ByteReader): HevcUnit[] => {
  const units: HevcUnit[] = [];
  let arrays = reader.remaining > 0 ? reader.u8() : 0;
  for (; arrays > 0; arrays -= 1) {
    const type = reader.u8() & 0x3f;
    for (let count = reader.u16(); count > 0; count -= 1) {
      if (units.length === maxUnits) {
        throw new WireError("CODEC_CONFIG", `hvcC of more than ${maxUnits} NAL units`);
      }
      units.push({ type, nal: reader.bytes(reader.u16()) });
    }
  }
  return units;
};

/**
 * True when `config` is an hvcC, whatever codec the tag around it names: old versions of OBS send H.265 as
 * FLV codec 7 (AVC). An avcC never passes, because every unit's own header has to agree with the type its array gives.
 */
export const looksLikeHevcConfig = (config: Uint8Array): boolean => {
  const units = tolerate(() => decodeHevcConfig(config).units) ?? [];
  const known: readonly number[] = Object.values(hevcNalType);
  return (
    units.some((unit) => unit.type === hevcNalType.sps) &&
    units.every(({ type, nal }) => known.includes(type) && nal.length > 2 && (nal[0] ?? 0) >>> 1 === type)
  );
};

/** What names profile and level. */
type HevcProfile = Pick<
  HevcConfig,
  "profileSpace" | "isHighTier" | "profileIdc" | "compatibility" | "constraints" | "levelIdc"
>;

const rangeExtensions = 4;

const profileNames: { readonly [idc: number]: string } = {
  1: "Main",
  2: "Main 10",
  3: "Main Still Picture",
  5: "High Throughput",
  6: "Multiview Main",
  7: "Scalable Main",
  8: "3D Main",
  9: "Screen-Extended",
  10: "Scalable Range Extensions",
  11: "High Throughput Screen-Extended",
};

/** The profile as people write it, such as `Main 10` or `Main 4:2:2 10`; its number where it has no name. H.265 spec A.3. */
export const hevcProfileName = ({ profileIdc, constraints }: HevcProfile): string =>
  profileIdc === rangeExtensions
    ? rangeExtensionsName(constraints)
    : (profileNames[profileIdc] ?? String(profileIdc));

/** Which of the range extension profiles it is stands in the constraint flags. H.265 spec table A.2. */
const rangeExtensionsName = (constraints: Uint8Array): string => {
  const [first = 0, second = 0] = constraints;
  if (!(first & 0x0f) && !(second & 0xe0)) return "Range Extensions"; // encoders that leave the flags empty
  const [max12, max10, max8, max422] = [first & 8, first & 4, first & 2, first & 1];
  const [max420, monochrome, intra] = [second & 0x80, second & 0x40, second & 0x20];
  const depth = !max12 ? " 16" : !max10 ? " 12" : !max8 ? " 10" : "";
  const chroma = !max422 ? " 4:4:4" : !max420 ? " 4:2:2" : "";
  return `${monochrome ? "Monochrome" : "Main"}${chroma}${depth}${intra ? " Intra" : ""}`;
};

/** The level as people write it: `4`, `4.1`. H.265 spec A.4. */
export const hevcLevelName = ({ levelIdc }: HevcProfile): string => String(Math.round(levelIdc / 3) / 10);

/** The codec string, such as `hvc1.1.6.L93.B0`. ISO/IEC 14496-15 E.3. */
export const hevcCodecString = (profile: HevcProfile): string => {
  const space = ["", "A", "B", "C"][profile.profileSpace];
  const compatibility = reverseBits(profile.compatibility).toString(16).toUpperCase();
  const tier = profile.isHighTier ? "H" : "L";
  const constraints = [...profile.constraints].map((byte) => byte.toString(16).toUpperCase());
  while (constraints.at(-1) === "0") constraints.pop();
  const parts = [
    `${space}${profile.profileIdc}`,
    compatibility,
    `${tier}${profile.levelIdc}`,
    ...constraints,
  ];
  return `hvc1.${parts.join(".")}`;
};

const reverseBits = (value: number): number => {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit += 1) reversed = reversed * 2 + ((value >>> bit) & 1);
  return reversed;
};
