import { toHex } from "../base/bytes.ts";
import { decodeAacConfig } from "../media/aac.ts";
import { decodeAc3Frame } from "../media/ac3.ts";
import { decodeAv1Config } from "../media/av1.ts";
import { decodeAvcConfig } from "../media/avc.ts";
import type { Codec } from "../media/codec.ts";
import { decodeHevcConfig, hevcNalType } from "../media/hevc.ts";
import { decodeOpusConfig } from "../media/opus.ts";
import { tolerate } from "../media/tolerate.ts";
import { decodeVpConfig } from "../media/vp9.ts";
import type { MediaFormat } from "./sdp.ts";

/** A track that is to be described. */
export type TrackToDescribe = {
  readonly codec: Codec;
  /** Decoder configuration record; for MP3, AC-3 and E-AC-3 the first frame. Not every codec needs one. */
  readonly config?: Uint8Array | undefined;
  readonly payloadType: number;
  /** Of G.711, whose packets say it: 1 unless told. */
  readonly channels?: number | undefined;
};

/** The first payload type that is free to be given a meaning. */
const firstDynamicType = 96;

/** The payload type for the track of this index: a static one where RFC 3551 has it, else one of its own. */
export const payloadTypeOf = (
  codec: Codec,
  { index, channels = 1 }: { readonly index: number; readonly channels?: number },
): number => {
  if (codec === "MP3") return 14;
  if (codec === "G711U" && channels === 1) return 0;
  if (codec === "G711A" && channels === 1) return 8;
  return firstDynamicType + index;
};

const videoClock = 90000;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/**
 * How a track stands in a session description; undefined where RTP has no format for it, or where what would have to stand there is not
 * known. Names are written as FFmpeg, GStreamer and VLC expect them. `config` is borrowed.
 */
export const formatOfTrack = (track: TrackToDescribe): MediaFormat | undefined =>
  tolerate(() => {
    const { codec, config, payloadType, channels = 1 } = track;
    const format = (encoding: string, clockRate: number, more?: Partial<MediaFormat>): MediaFormat => ({
      payloadType,
      encoding,
      clockRate,
      channels: undefined,
      parameters: new Map(),
      ...more,
    });
    switch (codec) {
      case "H264":
        return format("H264", videoClock, { parameters: avcParameters(config) });
      case "H265":
        return format("H265", videoClock, { parameters: hevcParameters(config) });
      case "AV1":
        return format("AV1", videoClock, { parameters: av1Parameters(config) });
      case "VP9": {
        const profile = config && tolerate(() => decodeVpConfig(config).profile);
        return format("VP9", videoClock, { parameters: new Map([["profile-id", String(profile ?? 0)]]) });
      }
      case "AAC":
        return config && aacFormat(config, format);
      case "Opus":
        return format("opus", 48000, {
          channels: 2,
          parameters: new Map([["sprop-stereo", opusStereo(config)]]),
        });
      case "MP3":
        return format("MPA", videoClock);
      case "AC3":
      case "EAC3": {
        const frame = config && tolerate(() => decodeAc3Frame(config));
        return format(
          codec === "AC3" ? "AC3" : "EAC3",
          frame?.sampleRate ?? 48000,
          frame && { channels: frame.channels },
        );
      }
      case "G711A":
      case "G711U":
        return format(codec === "G711A" ? "PCMA" : "PCMU", 8000, { channels });
      default:
        return undefined;
    }
  });

/** RFC 7587: the format always has 2 channels, whatever is coded; whether there are two is said here. */
const opusStereo = (config: Uint8Array | undefined): string =>
  config && tolerate(() => decodeOpusConfig(config).channels) === 1 ? "0" : "1";

const avcParameters = (config: Uint8Array | undefined): Map<string, string> => {
  const parameters = new Map([["packetization-mode", "1"]]);
  const avc = config && tolerate(() => decodeAvcConfig(config));
  if (avc && avc.sps.length > 0) {
    const profile = Buffer.of(avc.profileIdc, avc.constraints, avc.levelIdc).toString("hex").toUpperCase();
    parameters.set("sprop-parameter-sets", [...avc.sps, ...avc.pps].map(base64).join(","));
    parameters.set("profile-level-id", profile);
  }
  return parameters;
};

const hevcParameters = (config: Uint8Array | undefined): Map<string, string> => {
  const units = (config && tolerate(() => decodeHevcConfig(config)))?.units ?? [];
  const parameters = new Map<string, string>();
  for (const name of ["vps", "sps", "pps"] as const) {
    const sets = units.filter(({ type }) => type === hevcNalType[name]);
    if (sets.length > 0) parameters.set(`sprop-${name}`, sets.map(({ nal }) => base64(nal)).join(","));
  }
  return parameters;
};

const av1Parameters = (config: Uint8Array | undefined): Map<string, string> => {
  const av1 = config && tolerate(() => decodeAv1Config(config));
  if (!av1) return new Map();
  return new Map([
    ["profile", String(av1.profile)],
    ["level-idx", String(av1.levelIndex)],
    ["tier", av1.isHighTier ? "1" : "0"],
  ]);
};

const aacFormat = (
  config: Uint8Array,
  format: (encoding: string, clockRate: number, more?: Partial<MediaFormat>) => MediaFormat,
): MediaFormat => {
  const { sampleRate, channels } = decodeAacConfig(config);
  return format("mpeg4-generic", sampleRate, {
    channels,
    parameters: new Map([
      ["streamtype", "5"],
      ["profile-level-id", "1"],
      ["mode", "AAC-hbr"],
      ["sizelength", "13"],
      ["indexlength", "3"],
      ["indexdeltalength", "3"],
      ["config", toHex(config)],
    ]),
  });
};

/** The codec that a format carries, and `LATM` for AAC in its transport of its own; undefined for what we do not read. */
export const codecOfFormat = ({ encoding }: MediaFormat): Codec | "LATM" | undefined => {
  switch (encoding.toUpperCase()) {
    case "H264":
      return "H264";
    case "H265":
    case "HEVC":
      return "H265";
    case "AV1":
    case "AV1X":
      return "AV1";
    case "VP9":
      return "VP9";
    case "MPEG4-GENERIC":
      return "AAC";
    case "MP4A-LATM":
      return "LATM";
    case "OPUS":
      return "Opus";
    case "MPA":
      return "MP3";
    case "AC3":
      return "AC3";
    case "EAC3":
      return "EAC3";
    case "PCMA":
      return "G711A";
    case "PCMU":
      return "G711U";
    default:
      return undefined;
  }
};
