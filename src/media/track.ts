import { unreachable } from "../base/errors.ts";
import { aacCodecString, aacProfileName, decodeAacConfig } from "./aac.ts";
import { decodeAc3Frame } from "./ac3.ts";
import {
  av1CodecString,
  av1LevelName,
  av1ProfileName,
  decodeAv1Config,
  decodeAv1SequenceHeader,
} from "./av1.ts";
import { type AvcConfig, avcCodecString, avcLevelName, avcProfileName, decodeAvcConfig } from "./avc.ts";
import { type AvcSps, decodeAvcSps } from "./avc-sps.ts";
import type { AudioCodec, Codec, VideoCodec } from "./codec.ts";
import { decodeFlacConfig } from "./flac.ts";
import { decodeHevcConfig, hevcCodecString, hevcLevelName, hevcNalType, hevcProfileName } from "./hevc.ts";
import { decodeHevcSps } from "./hevc-sps.ts";
import { decodeMp3Frame, mp3CodecString } from "./mp3.ts";
import { decodeOpusConfig, opusSampleRate } from "./opus.ts";
import { tolerate } from "./tolerate.ts";
import { decodeVpConfig, vpCodecString, vpLevelName, vpProfileName } from "./vp9.ts";

/** What is known of a video track. A property is missing where the codec's config does not say. */
export type VideoTrack = {
  readonly kind: "video";
  readonly codec: VideoCodec;
  /** As in the `codecs` parameter of RFC 6381. */
  readonly codecString?: string;
  /** As people write it, such as `High` or `Main 10`. */
  readonly profile?: string;
  /** As people write it, such as `4.1`. */
  readonly level?: string;
  /** Pixels, as shown. */
  readonly width?: number;
  readonly height?: number;
  /** Frames per second as the encoder declares them. */
  readonly frameRate?: number;
  readonly bitDepth?: number;
};

/** What is known of an audio track. A property is missing where the codec's config does not say. */
export type AudioTrack = {
  readonly kind: "audio";
  readonly codec: AudioCodec;
  /** As in the `codecs` parameter of RFC 6381. */
  readonly codecString?: string;
  /** As people write it, such as `LC` or `HE-AAC`. */
  readonly profile?: string;
  /** Samples per second of what a decoder puts out. */
  readonly sampleRate?: number;
  readonly channels?: number;
};

/** A track of either kind. */
export type Track = VideoTrack | AudioTrack;

/** What a config adds to a track; undefined where it does not say. */
type Details<T> = { [K in keyof Omit<T, "kind" | "codec">]: T[K] | undefined };

/** True for the audio codecs. */
export const isAudioCodec = (codec: Codec): codec is AudioCodec => {
  switch (codec) {
    case "AAC":
    case "MP3":
    case "Opus":
    case "FLAC":
    case "AC3":
    case "EAC3":
    case "Speex":
    case "G711A":
    case "G711U":
    case "PCM":
    case "ADPCM":
    case "Nellymoser":
      return true;
    case "H264":
    case "H265":
    case "H266":
    case "AV1":
    case "VP8":
    case "VP9":
    case "H263":
    case "VP6":
    case "Screen":
      return false;
    default:
      return unreachable(codec);
  }
};

/**
 * Describes a track by its decoder configuration record: avcC, hvcC, av1C, vpcC, AudioSpecificConfig, OpusHead,
 * STREAMINFO; for MP3, AC-3 and E-AC-3, which have none, by the first frame. `config` is borrowed.
 * Never throws: a config that cannot be read gives kind and codec alone, and one that can be read in part
 * gives that part.
 */
export const describeTrack = (codec: Codec, config: Uint8Array): Track =>
  isAudioCodec(codec)
    ? { kind: "audio", codec, ...known(tolerate(() => audioDetails(codec, config))) }
    : { kind: "video", codec, ...known(tolerate(() => videoDetails(codec, config))) };

/** The details that have a value. */
const known = <T extends object>(details: T | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(details ?? {}).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

const videoDetails = (codec: VideoCodec, config: Uint8Array): Partial<Details<VideoTrack>> => {
  switch (codec) {
    case "H264":
      return avcDetails(decodeAvcConfig(config));
    case "H265":
      return hevcDetails(config);
    case "AV1":
      return av1Details(config);
    case "VP8":
      return { codecString: "vp8", bitDepth: decodeVpConfig(config).bitDepth };
    case "VP9":
      return vp9Details(config);
    case "H266":
    case "H263":
    case "VP6":
    case "Screen":
      return {};
    default:
      return unreachable(codec);
  }
};

const avcDetails = (config: AvcConfig): Partial<Details<VideoTrack>> => {
  const sps = firstReadableSps(config.sps);
  return {
    codecString: avcCodecString(config),
    profile: avcProfileName(config),
    level: avcLevelName(config),
    width: sps?.width,
    height: sps?.height,
    frameRate: sps?.frameRate,
    bitDepth: sps?.bitDepth,
  };
};

const firstReadableSps = (units: readonly Uint8Array[]): AvcSps | undefined => {
  for (const unit of units) {
    const sps = tolerate(() => decodeAvcSps(unit));
    if (sps) return sps;
  }
  return undefined;
};

const hevcDetails = (bytes: Uint8Array): Partial<Details<VideoTrack>> => {
  const config = decodeHevcConfig(bytes);
  const unit = config.units.find(({ type }) => type === hevcNalType.sps);
  const sps = unit && tolerate(() => decodeHevcSps(unit.nal));
  return {
    codecString: hevcCodecString(config),
    profile: hevcProfileName(config),
    level: hevcLevelName(config),
    width: sps?.width,
    height: sps?.height,
    frameRate: sps?.frameRate ?? config.averageFrameRate,
    bitDepth: config.bitDepth,
  };
};

const av1Details = (bytes: Uint8Array): Partial<Details<VideoTrack>> => {
  const config = decodeAv1Config(bytes);
  const sequence = tolerate(() => decodeAv1SequenceHeader(config.obus));
  return {
    codecString: av1CodecString(config),
    profile: av1ProfileName(config),
    level: av1LevelName(config),
    width: sequence?.width,
    height: sequence?.height,
    frameRate: sequence?.frameRate,
    bitDepth: config.bitDepth,
  };
};

const vp9Details = (bytes: Uint8Array): Partial<Details<VideoTrack>> => {
  const config = decodeVpConfig(bytes);
  return {
    codecString: vpCodecString("vp09", config),
    profile: vpProfileName(config),
    level: vpLevelName(config),
    bitDepth: config.bitDepth,
  };
};

const audioDetails = (codec: AudioCodec, config: Uint8Array): Partial<Details<AudioTrack>> => {
  switch (codec) {
    case "AAC": {
      const aac = decodeAacConfig(config);
      const { sampleRate, channels } = aac;
      return { codecString: aacCodecString(aac), profile: aacProfileName(aac), sampleRate, channels };
    }
    case "Opus":
      return { codecString: "opus", sampleRate: opusSampleRate, channels: decodeOpusConfig(config).channels };
    case "MP3": {
      const frame = decodeMp3Frame(config);
      return { codecString: mp3CodecString(frame), sampleRate: frame.sampleRate, channels: frame.channels };
    }
    case "AC3":
    case "EAC3": {
      const { sampleRate, channels } = decodeAc3Frame(config);
      return { codecString: codec === "AC3" ? "ac-3" : "ec-3", sampleRate, channels };
    }
    case "FLAC": {
      const { sampleRate, channels } = decodeFlacConfig(config);
      return { codecString: "flac", sampleRate, channels };
    }
    case "Speex":
    case "G711A":
    case "G711U":
    case "PCM":
    case "ADPCM":
    case "Nellymoser":
      return {};
    default:
      return unreachable(codec);
  }
};
