import type { AudioCodec, Codec, VideoCodec } from "../media/codec.ts";

/** The four characters of `text` as the big-endian number that stands on the wire and in onMetaData. */
export const fourCc = (text: string): number =>
  ((text.charCodeAt(0) << 24) |
    (text.charCodeAt(1) << 16) |
    (text.charCodeAt(2) << 8) |
    text.charCodeAt(3)) >>>
  0;

const videoFourCcs: ReadonlyMap<number, VideoCodec> = new Map([
  [fourCc("avc1"), "H264"],
  [fourCc("hvc1"), "H265"],
  [fourCc("vvc1"), "H266"],
  [fourCc("av01"), "AV1"],
  [fourCc("vp08"), "VP8"],
  [fourCc("vp09"), "VP9"],
] as const);

const audioFourCcs: ReadonlyMap<number, AudioCodec> = new Map([
  [fourCc("mp4a"), "AAC"],
  [fourCc("Opus"), "Opus"],
  [fourCc(".mp3"), "MP3"],
  [fourCc("ac-3"), "AC3"],
  [fourCc("ec-3"), "EAC3"],
  [fourCc("fLaC"), "FLAC"],
] as const);

/** The codec a FourCC names in Enhanced RTMP; undefined for one we do not know. */
export const codecOfFourCc = (kind: "audio" | "video", value: number): Codec | undefined =>
  kind === "video" ? videoFourCcs.get(value) : audioFourCcs.get(value);

/** The FourCC of a codec that Enhanced RTMP can carry; undefined for the others. */
export const fourCcOfCodec = (codec: Codec): number | undefined => {
  for (const [value, name] of videoFourCcs) if (name === codec) return value;
  for (const [value, name] of audioFourCcs) if (name === codec) return value;
  return undefined;
};
