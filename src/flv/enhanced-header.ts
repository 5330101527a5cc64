import type { Codec } from "../media/codec.ts";
import type { PacketRole } from "../media/packet.ts";
import { i24At, u16At, u24At, u32At } from "./bits.ts";
import { codecOfFourCc } from "./four-cc.ts";
import type { MediaHeader } from "./media-header.ts";

// Enhanced RTMP v2, the part that audio and video share. `t` is the packet type, in the low nibble of byte 0; `M` is
// the type that means multitrack, 5 for audio and 6 for video:
//
//   [x|t=7] {size-1 u8, or FF and size-1 u16} {data} [modExType|t] ...     zero or more ModEx rounds
//   [x|t=M] [multitrackType|t] [FourCC u32, unless many codecs]            then one or more of
//           { [FourCC u32 if many codecs] trackId u8 [size u24 if many tracks] body }
//   [x|t]   [FourCC u32] body                                              otherwise

/** Packet types of Enhanced RTMP. */
const exPacketType = {
  sequenceStart: 0,
  codedFrames: 1,
  /** Video only: coded frames without a composition time. */
  codedFramesX: 3,
  /** HDR information for video, channel layout (MultichannelConfig) for audio. */
  metadata: 4,
  multitrackAudio: 5,
  multitrackVideo: 6,
  modEx: 7,
} as const;

/** How the tracks of a multitrack message are laid out. */
const multitrackLayout = { oneTrack: 0, manyTracks: 1, manyTracksManyCodecs: 2 } as const;

/** Frame types in bits 4 to 6 of a video header, legacy and enhanced. */
export const frameTypes = { key: 1, inter: 2, disposable: 3, generatedKey: 4, command: 5 } as const;

/** More ModEx rounds than this make a header malformed: each adds one small fact, and one kind is defined. */
const maxModExRounds = 16;
const modExTimestampOffsetNano = 0;

/** The beginning of an extended header, up to where the first track stands. */
export type EnhancedStart = {
  readonly kind: "audio" | "video";
  /** 0 for audio. */
  readonly frameType: number;
  readonly packetType: number;
  readonly timestampOffsetNanos: number;
  /** Undefined for a message of one nameless track. */
  readonly multitrackType: number | undefined;
  /** The codec all tracks share; undefined if unknown or if each track names its own. */
  readonly codec: Codec | undefined;
  /** Offset of the first byte that was not read. */
  readonly at: number;
};

/** One track inside a body: its data stand from `at` to `end`, composition time (if it has one) included. */
export type EnhancedTrack = {
  readonly codec: Codec | undefined;
  readonly trackId: number;
  readonly at: number;
  readonly end: number;
};

/**
 * Reads ModEx rounds, the multitrack byte and the shared FourCC of an extended header (Enhanced RTMP v2,
 * ExVideoTagHeader and ExAudioTagHeader). Gives undefined for a command frame, which has no tracks, and when the
 * header is malformed; never throws.
 */
export const readEnhancedStart = (kind: "audio" | "video", body: Uint8Array): EnhancedStart | undefined => {
  const first = body[0] ?? 0;
  const frameType = kind === "video" ? (first >> 4) & 7 : 0;
  let packetType = first & 0x0f;
  let at = 1;
  let timestampOffsetNanos = 0;
  for (let rounds = 0; packetType === exPacketType.modEx; rounds++) {
    if (rounds === maxModExRounds) return undefined;
    let size = (body[at] ?? 0) + 1;
    at += 1;
    if (size === 256) {
      size = u16At(body, at) + 1;
      at += 2;
    }
    const next = body[at + size];
    if (next === undefined) return undefined;
    if (next >> 4 === modExTimestampOffsetNano && size >= 3) {
      const nanos = u24At(body, at);
      // A whole millisecond or more belongs into the timestamp itself: such a value is noise.
      if (nanos <= 999_999) timestampOffsetNanos = nanos;
    }
    packetType = next & 0x0f;
    at += size + 1;
  }
  if (frameType === frameTypes.command && packetType !== exPacketType.metadata) return undefined;
  let multitrackType: number | undefined;
  const multitrack = kind === "video" ? exPacketType.multitrackVideo : exPacketType.multitrackAudio;
  if (packetType === multitrack) {
    const byte = body[at] ?? 0xff;
    multitrackType = byte >> 4;
    packetType = byte & 0x0f;
    at += 1;
    if (multitrackType > multitrackLayout.manyTracksManyCodecs) return undefined;
    if (packetType === multitrack || packetType === exPacketType.modEx) return undefined;
  }
  let codec: Codec | undefined;
  if (multitrackType !== multitrackLayout.manyTracksManyCodecs) {
    codec = codecOfFourCc(kind, u32At(body, at));
    at += 4;
  }
  if (at > body.length) return undefined;
  return { kind, frameType, packetType, timestampOffsetNanos, multitrackType, codec, at };
};

/**
 * Reads the head of the track at offset `at`. `bodyLength` is the length of the whole body, of which `body` may hold
 * the beginning only. Gives undefined when the track does not lie inside it.
 */
export const readEnhancedTrack = (
  body: Uint8Array,
  place: { readonly start: EnhancedStart; readonly at: number; readonly bodyLength: number },
): EnhancedTrack | undefined => {
  const { start, bodyLength } = place;
  let { at } = place;
  let codec = start.codec;
  let trackId = 0;
  let end = bodyLength;
  if (start.multitrackType !== undefined) {
    if (start.multitrackType === multitrackLayout.manyTracksManyCodecs) {
      codec = codecOfFourCc(start.kind, u32At(body, at));
      at += 4;
    }
    trackId = body[at] ?? 0;
    at += 1;
    if (start.multitrackType !== multitrackLayout.oneTrack) {
      end = at + 3 + u24At(body, at);
      at += 3;
    }
  }
  if (at > body.length || at > bodyLength || end > bodyLength) return undefined;
  return { codec, trackId, at, end };
};

/** Bytes of composition time in front of the track's data: 3 or 0. */
export const compositionTimeSize = (start: EnhancedStart, track: EnhancedTrack): number => {
  if (start.kind !== "video" || start.packetType !== exPacketType.codedFrames) return 0;
  return track.codec === "H264" || track.codec === "H265" || track.codec === "H266" ? 3 : 0;
};

/** Codecs that need no configuration, or an empty one: their sequence start counts even without data. */
const canStartEmpty = (codec: Codec): boolean =>
  codec === "Opus" || codec === "MP3" || codec === "AC3" || codec === "EAC3";

/**
 * The role of one track of an extended message. A sequence start of an unknown codec is passed on and not kept: we
 * could not tell a valid one from noise. Its frames do have roles, because they are marked alike for every codec.
 */
export const enhancedRole = (start: EnhancedStart, track: EnhancedTrack): PacketRole => {
  const length = track.end - track.at;
  switch (start.packetType) {
    case exPacketType.sequenceStart:
      if (track.codec === undefined) return "other";
      return length > 0 || canStartEmpty(track.codec) ? "config" : "other";
    case exPacketType.metadata:
      return "metadata";
    case exPacketType.codedFramesX:
      if (start.kind === "audio") return "other";
      break;
    case exPacketType.codedFrames:
      break;
    default:
      return "other";
  }
  if (length <= compositionTimeSize(start, track)) return "other";
  return start.kind === "audio" ? "frame" : roleOfFrameType(start.frameType);
};

/** The role of coded video, by its frame type. */
export const roleOfFrameType = (frameType: number): PacketRole => {
  switch (frameType) {
    case frameTypes.key:
    case frameTypes.generatedKey:
      return "key";
    case frameTypes.disposable:
      return "disposable";
    case frameTypes.command:
      return "other";
    default:
      return "frame";
  }
};

/** The header of something that is passed on and never interpreted. */
export const opaqueHeader = (
  kind: "audio" | "video",
  { bodyLength, isEnhanced }: { readonly bodyLength: number; readonly isEnhanced: boolean },
): MediaHeader => ({
  kind,
  role: "other",
  codec: undefined,
  trackId: 0,
  dataOffset: bodyLength,
  compositionTimeMs: 0,
  timestampOffsetNanos: 0,
  isEnhanced,
  isMultitrack: false,
});

/**
 * Reads an extended header through to the data of its (first) track. `bodyLength` is the length of the whole body,
 * of which `body` may hold the beginning only. What is malformed gives role `other`; never throws.
 */
export const readEnhancedHeader = (
  kind: "audio" | "video",
  { body, bodyLength }: { readonly body: Uint8Array; readonly bodyLength: number },
): MediaHeader => {
  const start = readEnhancedStart(kind, body);
  const track = start && readEnhancedTrack(body, { start, at: start.at, bodyLength });
  if (start === undefined || track === undefined) return opaqueHeader(kind, { bodyLength, isEnhanced: true });
  const skipped = compositionTimeSize(start, track);
  return {
    kind,
    role: enhancedRole(start, track),
    codec: track.codec,
    trackId: track.trackId,
    dataOffset: Math.min(track.at + skipped, track.end),
    compositionTimeMs: skipped > 0 && track.end - track.at >= skipped ? i24At(body, track.at) : 0,
    timestampOffsetNanos: start.timestampOffsetNanos,
    isEnhanced: true,
    isMultitrack: start.multitrackType !== undefined,
  };
};
