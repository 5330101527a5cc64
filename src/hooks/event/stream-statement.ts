import { amfNumber, amfProperty, amfString } from "../../amf/value.ts";
import { unreachable } from "../../base/errors.ts";
import { readMetadata } from "../../flv/metadata.ts";
import { naming, type Of, type Statement, wholeSeconds } from "./statement.ts";

/** What a publisher says of the bit rates of its tracks, in bits per second. */
export interface Bitrates {
  readonly video?: number | undefined;
  readonly audio?: number | undefined;
}

/** The bit rates in the metadata of a publisher. */
export const bitratesOf = (payload: Uint8Array): Bitrates => {
  const { video_bitrate: video, audio_bitrate: audio } = metadataData(payload);
  return { video, audio };
};

/** What is said of a stream and what is in it. `bitrates` are those that the publisher has given. */
export const streamStatement = (
  event: Of<
    | "streamCreated"
    | "streamDeleted"
    | "trackDetected"
    | "metadataReceived"
    | "mediaStarted"
    | "mediaStopped"
    | "subscriberCount"
  >,
  bitrates: Bitrates = {},
): Statement => {
  const { path } = event;
  switch (event.kind) {
    case "streamCreated":
      return { type: "stream_create", path, data: naming(path) };
    case "streamDeleted": {
      const lifetime_seconds = wholeSeconds(event.lifetimeMs);
      return { type: "stream_delete", path, data: { ...naming(path), lifetime_seconds, reason: "unused" } };
    }
    case "trackDetected":
      return { type: "codec_detected", path, data: codecData(event, bitrates) };
    case "metadataReceived":
      return { type: "stream_metadata", path, data: metadataData(event.payload) };
    case "mediaStarted":
    case "mediaStopped": {
      const type = event.kind === "mediaStarted" ? "media_start" : "media_stop";
      return { type, path, data: { media_type: event.flow, gap_ms: Math.round(event.gapMs) } };
    }
    case "subscriberCount":
      return { type: "subscriber_count", path, data: { count: event.count, previous: event.previous } };
    default:
      return unreachable(event);
  }
};

const codecData = ({ track, isChange }: Of<"trackDetected">, bitrates: Bitrates): Statement["data"] => {
  const common = {
    media_type: track.kind,
    codec_name: track.codec,
    codec_profile: track.profile,
    bitrate: bitrates[track.kind] || undefined,
    changed: isChange || undefined,
  };
  if (track.kind === "audio") return { ...common, sample_rate: track.sampleRate, channels: track.channels };
  const resolution = track.width && track.height ? `${track.width}x${track.height}` : undefined;
  return { ...common, codec_level: track.level, resolution, framerate: track.frameRate };
};

/** The longest text taken over from metadata, in characters. */
const maxTextLength = 256;

const metadataData = (payload: Uint8Array) => {
  const values = readMetadata(payload)?.values;
  const number = (key: string): number | undefined => {
    const value = amfNumber(amfProperty(values, key));
    return value !== undefined && Number.isFinite(value) ? value : undefined;
  };
  const integer = (key: string, factor = 1): number | undefined => {
    const value = number(key);
    return value === undefined ? undefined : Math.round(value * factor);
  };
  const text = (key: string): string | undefined =>
    amfString(amfProperty(values, key))?.substring(0, maxTextLength);
  return {
    width: integer("width"),
    height: integer("height"),
    framerate: number("framerate"),
    // FLV counts kilobits.
    video_bitrate: integer("videodatarate", 1000),
    audio_bitrate: integer("audiodatarate", 1000),
    encoder: text("encoder"),
    creation_date: text("creationdate"),
    title: text("title"),
    duration: number("duration"),
  };
};
