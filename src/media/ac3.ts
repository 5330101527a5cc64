import { WireError } from "../base/errors.ts";
import { BitReader } from "./bit-reader.ts";

/** The header of an AC-3 or E-AC-3 frame. ETSI TS 102 366 4.3 and E.1.2. */
export type Ac3Frame = {
  readonly sampleRate: number;
  /** All channels, the low-frequency one included; of a stream in several substreams, those of the first. */
  readonly channels: number;
  /** Samples per channel. */
  readonly samples: number;
};

const syncWord = 0x0b77;
const sampleRates = [48000, 44100, 32000] as const;

/** Full-band channels by `acmod`. */
const channelCounts = [2, 1, 2, 3, 3, 4, 4, 5] as const;

/** Audio blocks by `numblkscod`, 256 samples each. */
const blockCounts = [1, 2, 3, 6] as const;
const blockSamples = 256;

/** The last bit stream version of AC-3, and that of E-AC-3. */
const lastAc3Version = 10;
const eac3Version = 16;

/**
 * Decodes the header of an AC-3 or E-AC-3 frame; the version tells them apart.
 * @throws WireError TRUNCATED, CODEC_CONFIG
 */
export const decodeAc3Frame = (frame: Uint8Array): Ac3Frame => {
  const bits = new BitReader(frame);
  if (bits.bits(16) !== syncWord) throw new WireError("CODEC_CONFIG", "not the header of an AC-3 frame");
  const version = (frame[5] ?? 0) >>> 3;
  if (version > eac3Version) {
    throw new WireError("CODEC_CONFIG", `AC-3 version ${version}, expected at most ${eac3Version}`);
  }
  return version <= lastAc3Version ? readAc3(bits) : readEac3(bits);
};

const readAc3 = (bits: BitReader): Ac3Frame => {
  bits.skip(16); // crc1
  const sampleRate = rateOf(bits.bits(2));
  bits.skip(6); // frmsizecod
  const halvings = Math.max(0, bits.bits(5) - 8); // versions 9 and 10 halve the rate once and twice
  bits.skip(3); // bsmod
  const mode = bits.bits(3);
  if (mode & 1 && mode !== 1) bits.skip(2); // cmixlev
  if (mode & 4) bits.skip(2); // surmixlev
  if (mode === 2) bits.skip(2); // dsurmod
  return {
    sampleRate: sampleRate >>> halvings,
    channels: channelsOf(mode, bits.bit()),
    samples: 6 * blockSamples,
  };
};

const readEac3 = (bits: BitReader): Ac3Frame => {
  bits.skip(16); // strmtyp, substreamid, frmsiz
  const rateCode = bits.bits(2);
  const isHalved = rateCode === 3;
  const rate = rateOf(isHalved ? bits.bits(2) : rateCode);
  const blocks = isHalved ? 6 : (blockCounts[bits.bits(2)] ?? 6);
  const mode = bits.bits(3);
  return {
    sampleRate: isHalved ? rate / 2 : rate,
    channels: channelsOf(mode, bits.bit()),
    samples: blocks * blockSamples,
  };
};

/** The parts of an E-AC-3 header that a file's `dec3` repeats, as they are coded. */
export interface Eac3Header {
  /** 0: independent, 1: belongs to the substream before it, 2: independent, from AC-3. */
  readonly streamType: number;
  readonly frameBytes: number;
  /** `fscod`, 3 for half a rate. */
  readonly rateCode: number;
  /** `bsid` */
  readonly version: number;
  /** `acmod` */
  readonly mode: number;
  /** `lfeon` */
  readonly lowFrequency: number;
}

/**
 * Decodes the header of an E-AC-3 frame.
 * @throws WireError TRUNCATED, CODEC_CONFIG for what is none, AC-3 too
 */
export const decodeEac3Header = (frame: Uint8Array): Eac3Header => {
  const bits = new BitReader(frame);
  if (bits.bits(16) !== syncWord) throw new WireError("CODEC_CONFIG", "not the header of an E-AC-3 frame");
  const streamType = bits.bits(2);
  bits.skip(3); // substreamid
  const frameBytes = 2 * (bits.bits(11) + 1);
  const rateCode = bits.bits(2);
  bits.skip(2); // fscod2 or numblkscod
  const mode = bits.bits(3);
  const lowFrequency = bits.bit();
  const version = bits.bits(5);
  if (version <= lastAc3Version || version > eac3Version)
    throw new WireError("CODEC_CONFIG", `E-AC-3 version ${version}, expected 11 to ${eac3Version}`);
  return { streamType, frameBytes, rateCode, version, mode, lowFrequency };
};

const rateOf = (code: number): number => {
  const rate = sampleRates[code];
  if (!rate) throw new WireError("CODEC_CONFIG", `AC-3 sample rate code ${code}, expected 0 to 2`);
  return rate;
};

const channelsOf = (mode: number, lowFrequency: number): number => (channelCounts[mode] ?? 0) + lowFrequency;
