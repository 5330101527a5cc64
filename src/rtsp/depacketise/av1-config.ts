import { ByteWriter } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import { BitReader } from "../../media/bit-reader.ts";
import { encodeLeb128, type Obu } from "../obu.ts";

/** What an av1C says of a sequence. */
type Facts = {
  profile: number;
  level: number;
  tier: number;
  isHighBitDepth: boolean;
  isTwelveBit: boolean;
  isMonochrome: boolean /** Subsampling x, y, and position, in the lowest 4 bits. */;
  chroma: number;
};

/**
 * An av1C made of a sequence header. AV1 in ISOBMFF 2.3.
 * @throws WireError TRUNCATED, CODEC_CONFIG for a sequence header that cannot be read
 */
export const encodeAv1Config = (header: Obu): Uint8Array => {
  const facts = readFacts(new BitReader(header.payload));
  const writer = new ByteWriter(32);
  writer.u8(0x81).u8((facts.profile << 5) | facts.level);
  writer.u8(
    (facts.tier << 7) |
      (facts.isHighBitDepth ? 0x40 : 0) |
      (facts.isTwelveBit ? 0x20 : 0) |
      (facts.isMonochrome ? 0x10 : 0) |
      facts.chroma,
  );
  writer.u8(0);
  writer.u8((header.header[0] ?? 0) | 0x02).bytes(header.header.subarray(1));
  writer.bytes(encodeLeb128(header.payload.length)).bytes(header.payload);
  return writer.take();
};

/** AV1 spec 5.5.1. */
const readFacts = (bits: BitReader): Facts => {
  const profile = bits.bits(3);
  if (profile > 2) throw new WireError("CODEC_CONFIG", `AV1 profile ${profile}, expected 0 to 2`);
  bits.skip(1); // still_picture
  const isReduced = bits.flag();
  const { level, tier } = isReduced ? { level: bits.bits(5), tier: 0 } : readOperatingPoints(bits);
  const sideBits = bits.bits(4) + bits.bits(4) + 2;
  bits.skip(sideBits); // largest width and height
  if (!isReduced && bits.flag()) bits.skip(7); // lengths of frame ids
  bits.skip(3); // superblocks, filter intra, intra edge filter
  if (!isReduced) skipTools(bits);
  bits.skip(3); // superres, cdef, restoration
  return { profile, level, tier, ...readColour(bits, profile) };
};

const readOperatingPoints = (bits: BitReader): { level: number; tier: number } => {
  let delayBits: number | undefined;
  if (bits.flag()) {
    bits.skip(64); // units in a tick, time scale
    if (bits.flag()) bits.ue(); // ticks of a picture
    if (bits.flag()) {
      delayBits = bits.bits(5) + 1;
      bits.skip(42);
    }
  }
  const hasDisplayDelay = bits.flag();
  const points = bits.bits(5) + 1;
  let first: { level: number; tier: number } | undefined;
  for (let point = 0; point < points; point += 1) {
    bits.skip(12); // operating_point_idc
    const level = bits.bits(5);
    const tier = level > 7 ? bits.bit() : 0;
    if (delayBits !== undefined && bits.flag()) bits.skip(2 * delayBits + 1);
    if (hasDisplayDelay && bits.flag()) bits.skip(4);
    first ??= { level, tier };
  }
  return first ?? { level: 0, tier: 0 };
};

const skipTools = (bits: BitReader): void => {
  bits.skip(4); // interintra, masked compound, warped motion, dual filter
  const hasOrderHint = bits.flag();
  if (hasOrderHint) bits.skip(2); // joint compound, reference motion vectors
  const isScreenContentChosen = bits.flag();
  const screenContent = isScreenContentChosen ? 2 : bits.bit();
  if (screenContent > 0 && !bits.flag()) bits.skip(1); // integer motion vectors, unless chosen per frame
  if (hasOrderHint) bits.skip(3);
};

const srgbColour = { primaries: 1, transfer: 13, matrix: 0 };

/** AV1 spec 5.5.2. */
const readColour = (bits: BitReader, profile: number): Omit<Facts, "profile" | "level" | "tier"> => {
  const isHighBitDepth = bits.flag();
  const isTwelveBit = profile === 2 && isHighBitDepth && bits.flag();
  const isMonochrome = profile !== 1 && bits.flag();
  const depth = { isHighBitDepth, isTwelveBit, isMonochrome };
  let isSrgb = false;
  if (bits.flag()) {
    const [primaries, transfer, matrix] = [bits.bits(8), bits.bits(8), bits.bits(8)];
    isSrgb =
      primaries === srgbColour.primaries && transfer === srgbColour.transfer && matrix === srgbColour.matrix;
  }
  if (isMonochrome) return { ...depth, chroma: 0x0c };
  if (isSrgb) return { ...depth, chroma: 0 };
  bits.skip(1); // color_range
  const [x, y] = subsamplingOf(bits, profile, isTwelveBit);
  const position = x === 1 && y === 1 ? bits.bits(2) : 0;
  return { ...depth, chroma: (x << 3) | (y << 2) | position };
};

const subsamplingOf = (bits: BitReader, profile: number, isTwelveBit: boolean): readonly [number, number] => {
  if (profile === 0) return [1, 1];
  if (profile === 1) return [0, 0];
  if (!isTwelveBit) return [1, 0];
  const x = bits.bit();
  return [x, x === 1 ? bits.bit() : 0];
};
