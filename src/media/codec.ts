/** Video codecs that can be named on the wire, by the name used in logs, events and the API. */
export type VideoCodec = "H264" | "H265" | "H266" | "AV1" | "VP8" | "VP9" | "H263" | "VP6" | "Screen";

/** Audio codecs that can be named on the wire, by the name used in logs, events and the API. */
export type AudioCodec =
  | "AAC"
  | "MP3"
  | "Opus"
  | "FLAC"
  | "AC3"
  | "EAC3"
  | "Speex"
  | "G711A"
  | "G711U"
  | "PCM"
  | "ADPCM"
  | "Nellymoser";

/** Any codec. */
export type Codec = VideoCodec | AudioCodec;
