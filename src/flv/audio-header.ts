import type { AudioCodec } from "../media/codec.ts";
import type { PacketRole } from "../media/packet.ts";
import { readEnhancedHeader } from "./enhanced-header.ts";
import type { MediaHeader } from "./media-header.ts";

// Legacy header:    format4 rate2 size1 stereo1    and for AAC: packetType u8
// Enhanced header:  9 packetType4 ...              see enhanced-header.ts

/** What the first bytes of an audio tag body tell. */
export type AudioHeader = MediaHeader;

const aacFormat = 10;
const enhancedFormat = 9;

/** Sound formats of the legacy header, in their order on the wire. 9 is the enhanced header, 12, 13 and 15 nobody's. */
const legacyAudioCodecs: readonly (AudioCodec | undefined)[] = [
  "PCM",
  "ADPCM",
  "MP3",
  "PCM",
  "Nellymoser",
  "Nellymoser",
  "Nellymoser",
  "G711A",
  "G711U",
  undefined,
  "AAC",
  "Speex",
  undefined,
  undefined,
  "MP3",
  undefined,
];

/** The role of AAC, by the packet type in byte 1. Without data behind it nothing counts: some send an empty one. */
const aacRole = (packetType: number | undefined, bodyLength: number): PacketRole => {
  if (bodyLength <= 2) return "other";
  if (packetType === 1) return "frame";
  return packetType === 0 ? "config" : "other";
};

/**
 * Looks at the first bytes of an audio tag body (FLV) or audio message body (RTMP). Enhanced RTMP v2, ExAudioTagHeader;
 * FLV spec E.4.2. `body` is borrowed; `bodyLength` is given when only its beginning is at hand.
 * Gives undefined for an empty body (in Enhanced RTMP the mark of silence); what is malformed or unknown has role
 * `other`. Never throws. Rate, size and channel bits are left alone: for AAC they are constants that mean nothing.
 */
export const readAudioHeader = (
  body: Uint8Array,
  bodyLength: number = body.length,
): AudioHeader | undefined => {
  const first = body[0];
  if (first === undefined) return undefined;
  const format = first >> 4;
  if (format === enhancedFormat) return readEnhancedHeader("audio", { body, bodyLength });
  const isAac = format === aacFormat;
  return {
    kind: "audio",
    role: isAac ? aacRole(body[1], bodyLength) : bodyLength > 1 ? "frame" : "other",
    codec: legacyAudioCodecs[format],
    trackId: 0,
    dataOffset: isAac && bodyLength > 1 ? 2 : 1,
    compositionTimeMs: 0,
    timestampOffsetNanos: 0,
    isEnhanced: false,
    isMultitrack: false,
  };
};
