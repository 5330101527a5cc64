import type { SampleTrack } from "../media/sample.ts";
import { mp4Holds } from "../mp4/sample-entry.ts";
import { SampleTracks, type TrackUnit, unitsOf } from "../samples/sample-tracks.ts";
import type { Stream } from "../stream/stream.ts";

/** A picture that needs no other, with what a decoder needs. */
export interface KeyFrame {
  readonly track: SampleTrack;
  /** Coded data as in MP4. Shared. */
  readonly data: Uint8Array;
}

/** The newest key frame of a stream's main track; undefined while there is none, or none that an MP4 file can hold. */
export const keyFrameOf = ({ newestKey, headers }: Stream): KeyFrame | undefined => {
  const unit = newestKey && unitsOf(newestKey).find(isMainVideo);
  if (!unit) return undefined;
  const tracks = new SampleTracks();
  for (const packet of headers) {
    const config = packet.role === "config" && unitsOf(packet).find(isMainVideo);
    if (config) tracks.configure(config);
  }
  const track = tracks.describe(unit);
  return track && mp4Holds(track) ? { track, data: unit.data } : undefined;
};

const isMainVideo = ({ key }: TrackUnit): boolean => key === "video 0";
