import { decodeAc3Frame } from "../../media/ac3.ts";
import { decodeMp3Frame } from "../../media/mp3.ts";
import { tolerate } from "../../media/tolerate.ts";

/** A frame of sound at the start of some bytes. */
export type SizedFrame = {
  /** Header included. */
  readonly bytes: number;
  /** Samples per channel, and how many of them make a second. */
  readonly samples: number;
  readonly sampleRate: number;
};

/** Bitrates in kbit/s by their index, from 1 on. ISO/IEC 11172-3 2.4.2.3, ISO/IEC 13818-3 2.4.2.3. */
const mpeg1Rates = {
  1: [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  2: [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  3: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
} as const;
const mpeg2Rates = {
  1: [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  3: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;

/** The MPEG audio frame at the start of `bytes`; undefined where there is none, or one of a free bitrate. */
export const mp3FrameAt = (bytes: Uint8Array): SizedFrame | undefined => {
  const frame = tolerate(() => decodeMp3Frame(bytes));
  const header = bytes[2] ?? 0;
  const rates = frame?.version === 1 ? mpeg1Rates : mpeg2Rates;
  const rate = frame && rates[frame.layer][(header >>> 4) - 1];
  if (!frame || !rate) return undefined;
  const { samples, sampleRate, layer } = frame;
  const padding = (header >>> 1) & 1;
  const size =
    layer === 1
      ? (Math.floor((12_000 * rate) / sampleRate) + padding) * 4
      : Math.floor((samples / 8) * ((1000 * rate) / sampleRate)) + padding;
  return { bytes: size, samples, sampleRate };
};

/** Bitrates of AC-3 in kbit/s by half of frmsizecod. ETSI TS 102 366 table 4.13. */
const ac3Rates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

const lastAc3Version = 10;

/** The AC-3 or E-AC-3 frame at the start of `bytes`; undefined where there is none. */
export const ac3FrameAt = (bytes: Uint8Array): SizedFrame | undefined => {
  const frame = tolerate(() => decodeAc3Frame(bytes));
  if (!frame) return undefined;
  const { samples, sampleRate } = frame;
  if ((bytes[5] ?? 0) >>> 3 > lastAc3Version) {
    const words = ((((bytes[2] ?? 0) & 7) << 8) | (bytes[3] ?? 0)) + 1;
    return { bytes: 2 * words, samples, sampleRate };
  }
  const code = bytes[4] ?? 0;
  const rate = ac3Rates[(code & 0x3f) >>> 1];
  if (rate === undefined) return undefined;
  const rateCode = code >>> 6;
  const words =
    rateCode === 0 ? 2 * rate : rateCode === 2 ? 3 * rate : Math.floor((320 * rate) / 147) + (code & 1);
  return { bytes: 2 * words, samples, sampleRate };
};
