import { WireError } from "../base/errors.ts";
import { BitReader } from "./bit-reader.ts";

/** An MPEG audio frame header. ISO/IEC 11172-3 2.4.1.3, ISO/IEC 13818-3 2.4.1.3. */
export type Mp3Frame = {
  /** 2.5 is the unofficial extension to the lowest rates. */
  readonly version: 1 | 2 | 2.5;
  readonly layer: 1 | 2 | 3;
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** Samples per channel. */
  readonly samples: number;
};

const versions = [2.5, undefined, 2, 1] as const;
const layers = [undefined, 3, 2, 1] as const;
const sampleRates = [44100, 48000, 32000] as const;
const badBitrate = 15;
const singleChannel = 3;

/** Decodes the header at the start of a frame. @throws WireError TRUNCATED, CODEC_CONFIG */
export const decodeMp3Frame = (frame: Uint8Array): Mp3Frame => {
  const bits = new BitReader(frame);
  const sync = bits.bits(11);
  const version = versions[bits.bits(2)];
  const layer = layers[bits.bits(2)];
  bits.skip(1); // protection
  const bitrate = bits.bits(4);
  const sampleRate = sampleRates[bits.bits(2)];
  bits.skip(2); // padding, private
  const channels = bits.bits(2) === singleChannel ? 1 : 2;
  if (sync !== 0x7ff || !version || !layer || !sampleRate || bitrate === badBitrate) {
    throw new WireError("CODEC_CONFIG", "not the header of an MPEG audio frame");
  }
  const divisor = version === 1 ? 1 : version === 2 ? 2 : 4;
  const samples = layer === 1 ? 384 : layer === 3 && version !== 1 ? 576 : 1152;
  return { version, layer, sampleRate: sampleRate / divisor, channels, samples };
};

/** The codec string of RFC 6381: MPEG-1 audio, or its extension to low rates. */
export const mp3CodecString = ({ version }: Mp3Frame): string => (version === 1 ? "mp4a.6B" : "mp4a.69");
