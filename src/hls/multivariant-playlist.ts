import type { SampleTrack } from "../media/sample.ts";
import { addressEnd } from "./media-playlist.ts";

/** What is known of a stream that was cut into segments. */
export interface VariantFacts {
  /** The address of the media playlist. */
  readonly name: string;
  /** Of playlists: what they hold asks for it. */
  readonly version: number;
  readonly tracks: readonly SampleTrack[];
  /** Pictures a second, as they came; undefined where there are none. */
  readonly frameRate: number | undefined;
  /** Of the segment with the most bits a second, and of all. */
  readonly peakBandwidth: number;
  readonly averageBandwidth: number;
}

/** A level that every picture keeps, for encoders that do not say: browsers take no string without one. */
const anyVpLevel = "51";

/**
 * The codec of a track as `CODECS` names it: RFC 6381, and for what is held in MP4 the letters of its sample entry. Undefined where its
 * configuration does not say.
 */
export const codecOf = ({ description }: SampleTrack): string | undefined => {
  const { codec, codecString } = description;
  switch (codec) {
    case "Opus":
      return "Opus";
    case "FLAC":
      return "fLaC";
    case "VP9":
      return codecString?.replace(/^(vp09\.\d\d\.)00/, `$1${anyVpLevel}`);
    default:
      return codecString;
  }
};

/** The text of a multivariant playlist with one variant; {@link addressEnd} stands behind its address. RFC 8216bis 4.4.6. */
export const multivariantPlaylist = (facts: VariantFacts): string => {
  const { name, version, tracks, frameRate, peakBandwidth, averageBandwidth } = facts;
  const attributes = [
    `BANDWIDTH=${Math.max(1, Math.ceil(peakBandwidth))}`,
    `AVERAGE-BANDWIDTH=${Math.max(1, Math.ceil(averageBandwidth))}`,
  ];
  const codecs = tracks.map(codecOf);
  // A list that lacks one would promise too much.
  if (codecs.every((codec) => codec !== undefined)) attributes.push(`CODECS="${codecs.join(",")}"`);
  for (const { description } of tracks) {
    if (description.kind !== "video") continue;
    const { width, height } = description;
    if (width && height) attributes.push(`RESOLUTION=${width}x${height}`);
    const rate = frameRate ?? description.frameRate;
    if (rate) attributes.push(`FRAME-RATE=${rate.toFixed(3)}`);
  }
  const lines = ["#EXTM3U", `#EXT-X-VERSION:${version}`, `#EXT-X-STREAM-INF:${attributes.join(",")}`];
  return `${lines.join("\n")}\n${name}${addressEnd}\n`;
};
