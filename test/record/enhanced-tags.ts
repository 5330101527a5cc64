import { share } from "../../src/base/bytes.ts";
import { type FlvTag, tagType } from "../../src/flv/tag.ts";
import { findBox, readBoxHead } from "../../src/mp4/box-reader.ts";
import type { MovieTrack } from "../../src/mp4/movie.ts";
import { fragmentsOf, readMovieOf } from "../../src/record/mp4-walk.ts";
import { RandomFile } from "../../src/record/random-file.ts";
import { ffmpeg } from "./ffmpeg-media.ts";

// Codecs that FFmpeg cannot put into FLV everywhere: it makes MP4 of them, which becomes Enhanced RTMP here.

const fourCcs: Readonly<Record<string, string>> = {
  hvc1: "hvc1",
  hev1: "hvc1",
  avc1: "avc1",
  av01: "av01",
  vp09: "vp09",
  mp4a: "mp4a",
  Opus: "Opus",
  "ac-3": "ac-3",
  "ec-3": "ec-3",
  fLaC: "fLaC",
};

/** The configuration in a sample description, as Enhanced RTMP has it. */
const configOf = ({ description, kind, format }: MovieTrack): Uint8Array => {
  const entry = readBoxHead(description, 16)!;
  const inside = { body: entry.body + (kind === "video" ? 78 : 28), end: entry.end };
  const boxOf = (type: string): Uint8Array => {
    const box = findBox(description, type, inside)!;
    return description.subarray(box.body, box.end);
  };
  switch (format) {
    case "avc1":
      return boxOf("avcC");
    case "hvc1":
    case "hev1":
      return boxOf("hvcC");
    case "av01":
      return boxOf("av1C");
    case "vp09":
      return boxOf("vpcC").subarray(4);
    case "fLaC":
      return boxOf("dfLa").subarray(8);
    case "Opus": {
      const [, channels = 2, skipHigh = 0, skipLow = 0] = boxOf("dOps");
      return Buffer.concat([
        Buffer.from("OpusHead"),
        Buffer.of(1, channels, skipLow, skipHigh, 0x80, 0xbb, 0, 0, 0, 0, 0),
      ]);
    }
    default:
      return new Uint8Array(0);
  }
};

const tag = (
  track: MovieTrack,
  timestamp: number,
  parts: { type: number; isKey: boolean; data: Uint8Array },
): FlvTag => {
  const isVideo = track.kind === "video";
  const first = isVideo ? 0x80 | ((parts.isKey ? 1 : 2) << 4) | parts.type : 0x90 | parts.type;
  const fourCc = track.format === "mp4a" ? ".mp3" : fourCcs[track.format]!;
  const payload = Buffer.concat([Buffer.of(first), Buffer.from(fourCc), parts.data]);
  return { type: isVideo ? tagType.video : tagType.audio, timestamp, payload: share(payload) };
};

/** The tags of a file of fragments. */
export const tagsOf = async (path: string): Promise<FlvTag[]> => {
  const file = await RandomFile.open(path);
  const { movie, end } = (await readMovieOf(file.read))!;
  const tags: FlvTag[] = [];
  for await (const { start, runs } of fragmentsOf(file.read, {
    from: end,
    size: file.size,
    tracks: movie.tracks,
  }))
    for (const { trackId, samples } of runs)
      for (const { time, compositionOffset, isKey, offset, size } of samples) {
        const track = movie.tracks.find(({ id }) => id === trackId)!;
        const ms = (time * 1_000) / track.timescale;
        const composition = Math.round((compositionOffset * 1_000) / track.timescale);
        const bytes = await file.read(start + offset, size);
        const hasComposition = track.kind === "video" && ["avc1", "hvc1", "hev1"].includes(track.format);
        const head = hasComposition
          ? Buffer.of(composition >> 16, composition >> 8, composition)
          : Buffer.alloc(0);
        tags.push(tag(track, Math.round(ms), { type: 1, isKey, data: Buffer.concat([head, bytes]) }));
      }
  await file.close();
  const configs = movie.tracks.flatMap((track) => {
    const data = configOf(track);
    return data.length === 0 ? [] : [tag(track, 0, { type: 0, isKey: true, data })];
  });
  return [...configs, ...tags.sort((a, b) => a.timestamp - b.timestamp)];
};

const video = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=25"];
const audio = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
const fragments = ["-movflags", "frag_keyframe+delay_moov+default_base_moof", "-strict", "-2"];

/** What FFmpeg encodes by which codec, and whether MPEG-TS has a place for it. */
export const encodings = [
  {
    codec: "hevc",
    encoder: ["-c:v", "libx265", "-x265-params", "keyint=25:log-level=none", "-tag:v", "hvc1"],
    input: video,
    inTs: true,
  },
  { codec: "av1", encoder: ["-c:v", "libsvtav1", "-g", "25", "-preset", "10"], input: video, inTs: false },
  {
    codec: "vp9",
    encoder: ["-c:v", "libvpx-vp9", "-g", "25", "-deadline", "realtime", "-cpu-used", "8"],
    input: video,
    inTs: false,
  },
  { codec: "opus", encoder: ["-c:a", "libopus"], input: audio, inTs: true },
  { codec: "ac3", encoder: ["-c:a", "ac3"], input: audio, inTs: true },
  { codec: "eac3", encoder: ["-c:a", "eac3"], input: audio, inTs: false },
  { codec: "mp3", encoder: ["-c:a", "libmp3lame"], input: audio, inTs: true },
  { codec: "flac", encoder: ["-c:a", "flac"], input: audio, inTs: false },
] as const;

/** Five seconds of a codec, as fragmented MP4. */
export const makeMp4 = (path: string, { encoder, input }: (typeof encodings)[number]): void => {
  const made = ffmpeg("-y", ...input, "-t", "5", ...encoder, ...fragments, path);
  if (made.code !== 0) throw new Error(made.err);
};
