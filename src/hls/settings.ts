/** In which form a stream is served. */
export type HlsVariant = "mpegts" | "fmp4" | "lowLatency";

/** What the configuration says of HLS. */
export interface HlsSettings {
  readonly variant: HlsVariant;
  /** A segment ends with the first key frame after so long, in milliseconds. */
  readonly segmentMs: number;
  /** A part of a segment is so long, in milliseconds. */
  readonly partMs: number;
  /** So many segments are listed, or more where they are short. */
  readonly segmentCount: number;
  /** A segment that has so many bytes ends, key frame or not. */
  readonly maxSegmentBytes: number;
  /** Where segments are kept; empty for memory. */
  readonly directory: string;
  /** HLS is made of every stream, watched or not. */
  readonly alwaysRemux: boolean;
  /** HLS of a stream is no longer made when nobody has asked for so long, in milliseconds. */
  readonly closeAfterMs: number;
}
