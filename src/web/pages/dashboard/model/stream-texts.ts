import type { LiveStream, LiveTrack } from "./objects.ts";

/** Codecs of a stream, pictures first: `H264 · AAC`. */
export const tracksText = ({ tracks }: Pick<LiveStream, "tracks">): string =>
  inOrder(tracks)
    .map(({ codec }) => codec)
    .join(" · ");

/** Whether there is something to be seen of it. */
export const hasPicture = ({ tracks, isReady }: Pick<LiveStream, "tracks" | "isReady">): boolean =>
  isReady && tracks.some(({ kind }) => kind === "video");

/** Size of its picture: `1920×1080`; empty where it is not known. */
export const sizeText = ({ tracks }: Pick<LiveStream, "tracks">): string => {
  const video = tracks.find(({ kind, width }) => kind === "video" && width > 0);
  return video ? `${video.width}×${video.height}` : "";
};

/** Everything that is known of a track: `H264 High 4.1, 1920×1080`, `AAC LC, 48 kHz, stereo`. */
export const trackText = (track: LiveTrack): string => {
  const { codec, profile, width, height, sampleRate, channels } = track;
  const parts = [
    profile === "" ? codec : `${codec} ${profile}`,
    width > 0 ? `${width}×${height}` : "",
    sampleRate > 0 ? `${sampleRate / 1_000} kHz` : "",
    channels > 0 ? (["mono", "stereo"][channels - 1] ?? `${channels} channels`) : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
};

/** How many read a stream. */
export const readerCount = ({ readers }: Pick<LiveStream, "readers">): number =>
  Object.values(readers).reduce((sum, count) => sum + count, 0);

const inOrder = (tracks: readonly LiveTrack[]): readonly LiveTrack[] => [
  ...tracks.filter(({ kind }) => kind === "video"),
  ...tracks.filter(({ kind }) => kind === "audio"),
];
