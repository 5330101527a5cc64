import { decodeAacConfig } from "./aac.ts";
import { decodeAc3Frame } from "./ac3.ts";
import type { AudioCodec } from "./codec.ts";
import { decodeMp3Frame } from "./mp3.ts";
import { opusSampleRate } from "./opus.ts";
import { tolerate } from "./tolerate.ts";

/** Milliseconds of an Opus frame in tenths, by the configuration in its first byte. RFC 6716 3.1. */
const opusTenths = (config: number): number => {
  if (config < 12) return [100, 200, 400, 600][config % 4] ?? 0;
  if (config < 16) return [100, 200][config % 2] ?? 0;
  return [25, 50, 100, 200][config % 4] ?? 0;
};

const opusSamples = (packet: Uint8Array): number | undefined => {
  const toc = packet[0];
  if (toc === undefined) return undefined;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f;
  const samples = (frames * opusTenths(toc >> 3) * opusSampleRate) / 10_000;
  return samples > 0 ? samples : undefined;
};

/** Low-delay AAC has half as many samples in a frame. */
const lowDelayTypes = new Set([23, 39]);
const usac = 42;

const aacSamples = (config: Uint8Array): number | undefined => {
  const { objectType, hasSbr } = decodeAacConfig(config);
  if (objectType === usac) return undefined;
  return (lowDelayTypes.has(objectType) ? 512 : 1024) * (hasSbr ? 2 : 1);
};

/**
 * Gives a function that tells how long a frame of a track is, in samples per channel at the rate that decoders put out; undefined where
 * nothing tells. `config` is the track's decoder configuration. The function never throws; what it gets is borrowed.
 */
export const frameSamplesOf = (
  codec: AudioCodec,
  config: Uint8Array,
): ((frame: Uint8Array) => number | undefined) => {
  switch (codec) {
    case "AAC": {
      const samples = tolerate(() => aacSamples(config));
      return () => samples;
    }
    case "Opus":
      return opusSamples;
    case "MP3":
      return (frame) => tolerate(() => decodeMp3Frame(frame).samples);
    case "AC3":
    case "EAC3":
      return (frame) => tolerate(() => decodeAc3Frame(frame).samples);
    case "G711A":
    case "G711U":
    case "PCM": {
      const [sampleBytes = 0] = config;
      return ({ length }) => (sampleBytes > 0 ? Math.floor(length / sampleBytes) : undefined);
    }
    default:
      return () => undefined;
  }
};
