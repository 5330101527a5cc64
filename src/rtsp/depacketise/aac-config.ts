import { WireError } from "../../base/errors.ts";
import { BitReader } from "../../media/bit-reader.ts";
import type { MediaFormat } from "../sdp.ts";

const sampleRates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

const lowComplexity = 2;

/** Bits of a StreamMuxConfig in front of the AudioSpecificConfig: no version, one program, one layer. ISO/IEC 14496-3 1.7.3.1. */
const muxConfigPrefix = 15;

const fromHexText = (text: string | undefined): Uint8Array | undefined =>
  text !== undefined && /^(?:[0-9a-f]{2}){2,64}$/i.test(text.trim())
    ? new Uint8Array(Buffer.from(text.trim(), "hex"))
    : undefined;

/**
 * The AudioSpecificConfig of an mpeg4-generic format: its `config`, or the LC one that rate and channels make.
 * @throws WireError SDP where the format says neither
 */
export const configOfAac = ({ parameters, clockRate, channels = 1 }: MediaFormat): Uint8Array => {
  const config = fromHexText(parameters.get("config"));
  if (config) return config;
  const rate = sampleRates.indexOf(clockRate);
  if (rate < 0 || channels < 1 || channels > 8 || channels === 7) {
    throw new WireError("SDP", `AAC without config, with ${channels} channels at ${clockRate} Hz`);
  }
  const layout = channels === 8 ? 7 : channels;
  return new Uint8Array([(lowComplexity << 3) | (rate >>> 1), ((rate & 1) << 7) | (layout << 3)]);
};

/**
 * The AudioSpecificConfig inside the StreamMuxConfig of an MP4A-LATM format, and the number of frames of each AudioMuxElement.
 * @throws WireError SDP where there is none, or one of several programs or layers
 */
export const configOfLatm = ({
  parameters,
}: MediaFormat): { readonly config: Uint8Array; readonly frames: number } => {
  const mux = fromHexText(parameters.get("config"));
  if (!mux || parameters.get("cpresent") === "1") throw new WireError("SDP", "MP4A-LATM without its config");
  const bits = new BitReader(mux);
  const version = bits.bit();
  bits.skip(1); // allStreamsSameTimeFraming
  const frames = bits.bits(6) + 1;
  if (version !== 0 || bits.bits(7) !== 0)
    throw new WireError("SDP", "MP4A-LATM of several programs or layers");
  const length = configBits(mux);
  const config = new Uint8Array(Math.ceil(length / 8));
  const source = new BitReader(mux);
  source.skip(muxConfigPrefix);
  for (let i = 0; i < length; i += 1)
    config[i >>> 3] = (config[i >>> 3] ?? 0) | (source.bit() << (7 - (i & 7)));
  return { config, frames };
};

/** Length of the AudioSpecificConfig of a general audio coder, so that what follows it in the StreamMuxConfig is left out. */
const configBits = (mux: Uint8Array): number => {
  const bits = new BitReader(mux);
  bits.skip(muxConfigPrefix);
  const before = bits.remaining;
  const skipRate = (): void => {
    if (bits.bits(4) === 15) bits.skip(24);
  };
  const type = bits.bits(5);
  skipRate();
  bits.skip(4); // channelConfiguration
  if (type === 5 || type === 29) {
    skipRate();
    bits.skip(5);
  }
  bits.skip(3); // frameLengthFlag, dependsOnCoreCoder, extensionFlag
  return before - bits.remaining;
};
