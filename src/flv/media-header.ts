import type { PacketFacts } from "../media/packet.ts";

/**
 * What one look at the first bytes of an audio or video tag body tells. Audio and video give the same fields in the
 * same order, so that code behind it sees one object shape: one is built for every packet that passes.
 */
export interface MediaHeader extends PacketFacts {
  readonly kind: "audio" | "video";
  /** Presentation minus decoding time in milliseconds, may be negative; 0 for audio. */
  readonly compositionTimeMs: number;
  /** Enhanced RTMP: to be added to the tag's timestamp, 0 to 999999 ns. */
  readonly timestampOffsetNanos: number;
  /** True for Enhanced RTMP headers (FourCC instead of codec id). */
  readonly isEnhanced: boolean;
  /** True when the body holds one or more tracks with ids: see `splitMultitrack`. `trackId` is that of the first. */
  readonly isMultitrack: boolean;
}
