import { unreachable } from "../../base/errors.ts";
import type { AudioCodec, VideoCodec } from "../../media/codec.ts";
import type { AudioTrack, Track, VideoTrack } from "../../media/track.ts";
import type { TrackObject } from "./objects.ts";

type CodecProps = TrackObject["codecProps"];

/** A track as the control API shows it: the codec by MediaMTX's name, and what that tells of it. */
export const trackObject = (track: Track): TrackObject => {
  const codec = codecLabel(track.codec);
  return { codec, codecProps: track.kind === "video" ? videoProps(track) : audioProps(track) };
};

/** A codec by the name that MediaMTX has for it; by our own where it knows none. */
export const codecLabel = (codec: VideoCodec | AudioCodec): string => {
  switch (codec) {
    case "AAC":
      return "MPEG-4 Audio";
    case "MP3":
      return "MPEG-1/2 Audio";
    case "G711A":
    case "G711U":
      return "G711";
    case "PCM":
      return "LPCM";
    default:
      return codec;
  }
};

const videoProps = (track: VideoTrack): CodecProps => {
  const { codec, width = 0, height = 0 } = track;
  switch (codec) {
    case "H264":
      return { width, height, ...avcNames(track.codecString ?? "") };
    case "H265":
      return { width, height, profile: hevcProfile(track), level: track.level ?? "" };
    case "AV1":
      return { width, height, ...av1Numbers(track.codecString ?? "") };
    case "VP9":
      return { profile: Number(/^Profile (\d+)$/.exec(track.profile ?? "")?.[1] ?? 0) };
    case "H266":
    case "VP8":
    case "H263":
    case "VP6":
    case "Screen":
      return null;
    default:
      return unreachable(codec);
  }
};

/** Profiles of H.264 by their number alone; MediaMTX does not look at the flags that tell their variants apart. */
const avcProfiles: Readonly<Record<number, string>> = {
  66: "Baseline",
  77: "Main",
  88: "Extended",
  100: "High",
  110: "High 10",
  122: "High 4:2:2",
  244: "High 4:4:4 Predictive",
};

/** `avc1.640029`: profile, flags and level in hexadecimal. */
const avcNames = (codecString: string): { profile: string; level: string } => {
  const [, profile, level] = /^avc1\.([0-9A-F]{2})[0-9A-F]{2}([0-9A-F]{2})$/.exec(codecString) ?? [];
  if (profile === undefined || level === undefined) return { profile: "", level: "" };
  const number = Number.parseInt(profile, 16);
  return {
    profile: avcProfiles[number] ?? String(number),
    level: String(Number.parseInt(level, 16) / 10),
  };
};

/** MediaMTX knows no parts of the range extensions. */
const hevcProfile = ({ codecString = "", profile = "" }: VideoTrack): string =>
  /^hvc1\.[ABC]?4\./.test(codecString) ? "Range Extensions" : profile;

/** `av01.0.08M.08`: profile, level and tier. */
const av1Numbers = (codecString: string): { profile: number; level: number; tier: number } => {
  const [, profile = 0, level = 0, tier] = /^av01\.(\d)\.(\d\d)([MH])/.exec(codecString) ?? [];
  return { profile: Number(profile), level: Number(level), tier: tier === "H" ? 1 : 0 };
};

/** FLV carries A-law and µ-law at this rate alone. */
const g711SampleRate = 8_000;

const audioProps = ({ codec, sampleRate = 0, channels = 0 }: AudioTrack): CodecProps => {
  switch (codec) {
    case "AAC":
    case "AC3":
      return { sampleRate, channelCount: channels };
    case "Opus":
      return { channelCount: channels };
    case "G711A":
    case "G711U":
      return { muLaw: codec === "G711U", sampleRate: sampleRate || g711SampleRate, channelCount: channels };
    case "PCM":
    case "MP3":
    case "FLAC":
    case "EAC3":
    case "Speex":
    case "ADPCM":
    case "Nellymoser":
      return null;
    default:
      return unreachable(codec);
  }
};
