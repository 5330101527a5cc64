import { ByteReader } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";

/** An AVCDecoderConfigurationRecord (avcC). ISO/IEC 14496-15 5.3.3. */
export type AvcConfig = {
  readonly profileIdc: number;
  readonly constraints: number;
  readonly levelIdc: number;
  /** Bytes of the length in front of each NAL unit: 1, 2 or 4. */
  readonly nalLengthSize: number;
  /** Sequence parameter sets, NAL header included; borrowed views. None when they come in-band. */
  readonly sps: readonly Uint8Array[];
  /** Picture parameter sets, NAL header included; borrowed views. */
  readonly pps: readonly Uint8Array[];
};

/**
 * Decodes an avcC. What follows the parameter sets (chroma format, bit depths) is not needed: the SPS says the
 * same, and encoders leave it out.
 * @throws WireError TRUNCATED, CODEC_CONFIG
 */
export const decodeAvcConfig = (bytes: Uint8Array): AvcConfig => {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== 1) throw new WireError("CODEC_CONFIG", `avcC version ${version}, expected 1`);
  const profileIdc = reader.u8();
  const constraints = reader.u8();
  const levelIdc = reader.u8();
  const nalLengthSize = (reader.u8() & 3) + 1;
  if (nalLengthSize === 3) throw new WireError("CODEC_CONFIG", "NAL length of 3 bytes, expected 1, 2 or 4");
  const sps = readUnits(reader, reader.u8() & 0x1f);
  const pps = reader.remaining > 0 ? readUnits(reader, reader.u8()) : [];
  return { profileIdc, constraints, levelIdc, nalLengthSize, sps, pps };
};

const readUnits = (reader: ByteReader, count: number): Uint8Array[] => {
  const units: Uint8Array[] = [];
  while (units.length < count) units.push(reader.bytes(reader.u16()));
  return units;
};

/** What names profile and level, in an avcC and in an SPS alike. */
type AvcProfile = Pick<AvcConfig, "profileIdc" | "constraints" | "levelIdc">;

/** Bits of the constraint byte, `constraint_set0_flag` highest. */
const constraintSet1 = 0x40;
const constraintSet3 = 0x10;

const profileNames: { readonly [idc: number]: string } = {
  44: "CAVLC 4:4:4 Intra",
  66: "Baseline",
  77: "Main",
  88: "Extended",
  100: "High",
  110: "High 10",
  118: "Multiview High",
  122: "High 4:2:2",
  128: "Stereo High",
  244: "High 4:4:4 Predictive",
};

/** The profile as people write it, such as `High` or `High 4:2:2 Intra`; its number where it has no name. H.264 spec A.2. */
export const avcProfileName = ({ profileIdc, constraints }: AvcProfile): string => {
  const name = profileNames[profileIdc] ?? String(profileIdc);
  if (profileIdc === 66 && constraints & constraintSet1) return `Constrained ${name}`;
  const hasIntraVariant = profileIdc === 110 || profileIdc === 122 || profileIdc === 244;
  return hasIntraVariant && constraints & constraintSet3 ? `${name} Intra` : name;
};

/** The level as people write it: `4`, `4.1`, `1b`. H.264 spec A.3. */
export const avcLevelName = ({ profileIdc, constraints, levelIdc }: AvcProfile): string => {
  const hasFlag1b = profileIdc === 66 || profileIdc === 77 || profileIdc === 88;
  if (levelIdc === 9 || (levelIdc === 11 && hasFlag1b && constraints & constraintSet3)) return "1b";
  return String(levelIdc / 10);
};

/** The codec string of RFC 6381, such as `avc1.640029`. */
export const avcCodecString = ({ profileIdc, constraints, levelIdc }: AvcProfile): string =>
  `avc1.${Buffer.of(profileIdc, constraints, levelIdc).toString("hex").toUpperCase()}`;
