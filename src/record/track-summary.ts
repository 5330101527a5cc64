import type { FileSummary } from "../flv/file-metadata.ts";
import type { Metadata } from "../flv/metadata.ts";
import type { Track } from "../media/track.ts";

/** What a recording says of its pictures and its sound. */
export type TrackSummary = Pick<
  FileSummary,
  "width" | "height" | "frameRate" | "audioSampleRate" | "audioSampleSize" | "audioChannels"
>;

/** What decoders put out for every codec in use today, in bits. */
const usualSampleSize = 16;

/**
 * Describes the first video and the first audio track. What a track shows of itself counts; the publisher's metadata,
 * which may be anything, fill the gaps.
 */
export const summariseTracks = (tracks: readonly Track[], metadata: Metadata | undefined): TrackSummary => {
  const video = tracks.find((track) => track.kind === "video");
  const audio = tracks.find((track) => track.kind === "audio");
  const claimed = (name: string): number | undefined => {
    const value = metadata?.values.get(name);
    return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
  };
  return {
    width: video && (video.width ?? claimed("width")),
    height: video && (video.height ?? claimed("height")),
    frameRate: video && (video.frameRate ?? claimed("framerate")),
    audioSampleRate: audio && (audio.sampleRate ?? claimed("audiosamplerate")),
    audioSampleSize: audio && (claimed("audiosamplesize") ?? usualSampleSize),
    audioChannels: audio && (audio.channels ?? claimed("audiochannels")),
  };
};
