import { WireError } from "../base/errors.ts";
import { BitReader } from "./bit-reader.ts";
import { tolerate } from "./tolerate.ts";

/** An AudioSpecificConfig. ISO/IEC 14496-3 1.6.2.1. */
export type AacConfig = {
  /** Of the core coder, such as 2 for LC; 5 and 29 never stand here, they show in `hasSbr` and `hasPs`. */
  readonly objectType: number;
  /** Samples per second of what a decoder puts out, doubled by SBR. */
  readonly sampleRate: number;
  /** Channels of what a decoder puts out; 2 for a mono core with parametric stereo. */
  readonly channels: number;
  /** Spectral band replication: HE-AAC. */
  readonly hasSbr: boolean;
  /** Parametric stereo: HE-AACv2. */
  readonly hasPs: boolean;
};

const sampleRates = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
] as const;

/** Channels by `channelConfiguration`; 0 stands for a program config element. */
const channelCounts = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8] as const;

const objectTypes = { sbr: 5, erBsac: 22, ps: 29, escape: 31, eld: 39, usac: 42 } as const;

/** Object types whose config is a GASpecificConfig. */
const generalAudio = new Set([1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23]);

/**
 * Decodes an AudioSpecificConfig of any length, with SBR and PS signalled in front of the core's config or behind it.
 * @throws WireError TRUNCATED, CODEC_CONFIG
 */
export const decodeAacConfig = (bytes: Uint8Array): AacConfig => {
  const bits = new BitReader(bytes);
  let objectType = readObjectType(bits);
  let sampleRate = readSampleRate(bits);
  const channelConfiguration = bits.bits(4);
  const hasPs = objectType === objectTypes.ps;
  const hasSbr = hasPs || objectType === objectTypes.sbr;
  if (hasSbr) {
    sampleRate = readSampleRate(bits);
    objectType = readObjectType(bits);
    if (objectType === objectTypes.erBsac) bits.skip(4); // extensionChannelConfiguration
  }
  checkObjectType(objectType);
  const channels = readChannels(bits, objectType, channelConfiguration);
  const extension = hasSbr ? undefined : tolerate(() => readExtension(bits));
  const isStereoFromMono = (hasPs || extension?.hasPs === true) && channels === 1;
  return {
    objectType,
    sampleRate: extension?.sampleRate ?? sampleRate,
    channels: isStereoFromMono ? 2 : channels,
    hasSbr: hasSbr || extension !== undefined,
    hasPs: hasPs || extension?.hasPs === true,
  };
};

const readObjectType = (bits: BitReader): number => {
  const type = bits.bits(5);
  return type === objectTypes.escape ? 32 + bits.bits(6) : type;
};

/** The other types (speech, synthesis, lossless) are no AAC: whoever names one sent us something else. */
const checkObjectType = (type: number): void => {
  if (!generalAudio.has(type) && type !== objectTypes.eld && type !== objectTypes.usac) {
    throw new WireError("CODEC_CONFIG", `audio object type ${type}, expected one of AAC`);
  }
};

const explicitRate = 15;

const readSampleRate = (bits: BitReader): number => {
  const index = bits.bits(4);
  const rate = index === explicitRate ? bits.bits(24) : sampleRates[index];
  if (!rate)
    throw new WireError("CODEC_CONFIG", `AAC sample rate index ${index}, expected 0 to 12 or a rate`);
  return rate;
};

/** The channels, and the cursor behind the core's own config. ISO/IEC 14496-3 4.4.1. */
const readChannels = (bits: BitReader, objectType: number, configuration: number): number => {
  let channels: number | undefined = channelCounts[configuration];
  if (generalAudio.has(objectType)) {
    bits.skip(1); // frameLengthFlag
    if (bits.flag()) bits.skip(14); // coreCoderDelay
    const hasExtension = bits.flag();
    if (configuration === 0) channels = readProgramConfig(bits);
    if (objectType === 6 || objectType === 20) bits.skip(3); // layerNr
    if (hasExtension) skipErrorResilience(bits, objectType);
  }
  if (!channels) {
    throw new WireError("CODEC_CONFIG", `AAC channel configuration ${configuration}, expected a known one`);
  }
  return channels;
};

const skipErrorResilience = (bits: BitReader, objectType: number): void => {
  if (objectType === objectTypes.erBsac) bits.skip(16);
  if (objectType === 17 || objectType === 19 || objectType === 20 || objectType === 23) bits.skip(3);
  bits.skip(1); // extensionFlag3
};

/** A list of the channels where no configuration number fits. ISO/IEC 14496-3 4.4.1.1. */
const readProgramConfig = (bits: BitReader): number => {
  bits.skip(10); // tag, object type, rate
  const pairable = bits.bits(4) + bits.bits(4) + bits.bits(4); // front, side, back
  const lowFrequency = bits.bits(2);
  const associated = bits.bits(3);
  const coupling = bits.bits(4);
  if (bits.flag()) bits.skip(4); // mono mixdown
  if (bits.flag()) bits.skip(4); // stereo mixdown
  if (bits.flag()) bits.skip(3); // matrix mixdown
  let channels = lowFrequency;
  for (let element = 0; element < pairable; element += 1) {
    channels += bits.flag() ? 2 : 1;
    bits.skip(4);
  }
  bits.skip(4 * lowFrequency + 4 * associated + 5 * coupling);
  bits.align();
  bits.skip(8 * bits.bits(8)); // comment
  return channels;
};

const sbrSync = 0x2b7;
const psSync = 0x548;

type Extension = { readonly sampleRate: number; readonly hasPs: boolean };

/** SBR told behind the core's config, where a decoder that knows only LC does not look. ISO/IEC 14496-3 1.6.5.3. */
const readExtension = (bits: BitReader): Extension | undefined => {
  if (bits.remaining < 16 || bits.bits(11) !== sbrSync) return undefined;
  if (readObjectType(bits) !== objectTypes.sbr || !bits.flag()) return undefined;
  const sampleRate = readSampleRate(bits);
  const hasPs = bits.remaining >= 12 && bits.bits(11) === psSync && bits.flag();
  return { sampleRate, hasPs };
};

const profileNames: { readonly [objectType: number]: string } = {
  1: "Main",
  2: "LC",
  3: "SSR",
  4: "LTP",
  23: "LD",
  39: "ELD",
  42: "xHE-AAC",
};

/** The profile as people write it: `LC`, `HE-AAC`, `HE-AACv2`; undefined where it has no name. */
export const aacProfileName = ({ objectType, hasSbr, hasPs }: AacConfig): string | undefined => {
  if (hasPs) return "HE-AACv2";
  return hasSbr ? "HE-AAC" : profileNames[objectType];
};

/** The codec string of RFC 6381, such as `mp4a.40.2`. */
export const aacCodecString = ({ objectType, hasSbr, hasPs }: AacConfig): string =>
  `mp4a.40.${hasPs ? objectTypes.ps : hasSbr ? objectTypes.sbr : objectType}`;
