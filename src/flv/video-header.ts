import type { VideoCodec } from "../media/codec.ts";
import { looksLikeHevcConfig } from "../media/hevc.ts";
import type { PacketRole } from "../media/packet.ts";
import { i24At, u32At } from "./bits.ts";
import { frameTypes, opaqueHeader, readEnhancedHeader, roleOfFrameType } from "./enhanced-header.ts";
import type { MediaHeader } from "./media-header.ts";

// Legacy header:    frameType4 codecId4                      and for AVC, HEVC, AV1: packetType u8, compositionTime i24
// Enhanced header:  1 frameType3 packetType4 ...             see enhanced-header.ts

/** What the first bytes of a video tag body tell. */
export type VideoHeader = MediaHeader;

const avcCodecId = 7;

/** Codec ids of the legacy header. 12 and 13 are in use by Chinese encoders; 8 is written by FFmpeg. */
const legacyVideoCodec = (codecId: number): VideoCodec | undefined => {
  switch (codecId) {
    case avcCodecId:
      return "H264";
    case 2:
    case 8:
      return "H263";
    case 3:
    case 6:
      return "Screen";
    case 4:
    case 5:
      return "VP6";
    case 12:
      return "H265";
    case 13:
      return "AV1";
    default:
      return undefined;
  }
};

/** NAL units in front of the first slice (delimiter, SEI) that are skipped when looking for it. */
const maxLeadingNals = 4;

/**
 * True when the H.264 picture at `at` (NAL units behind 4-byte lengths) is marked as referred to by no other
 * (nal_ref_idc 0 in its first slice): x264 and NVENC write such B-frames without frame type 3.
 * False whenever that cannot be seen at once.
 */
const isUnreferencedAvc = (body: Uint8Array, at: number): boolean => {
  let nal = at;
  for (let count = 0; count < maxLeadingNals; count++) {
    const header = body[nal + 4];
    const length = u32At(body, nal);
    if (header === undefined || length === 0 || nal + 4 + length > body.length) return false;
    const type = header & 0x1f;
    // 1 to 5 are slices. Data partitions (2 to 4) and IDR pictures never count as disposable here.
    if (type >= 1 && type <= 5) return type === 1 && (header & 0x60) === 0;
    nal += 4 + length;
  }
  return false;
};

/** The role of AVC, HEVC and AV1 in the legacy form, by the packet type in byte 1. */
const roleOfPacketType = (body: Uint8Array, bodyLength: number): PacketRole => {
  // Nothing behind the header: a sequence header or a frame of no bytes must be neither kept nor decoded.
  if (bodyLength <= 5) return "other";
  switch (body[1]) {
    case 0:
      return "config";
    case 1:
      break;
    default:
      return "other";
  }
  const first = body[0] ?? 0;
  const role = roleOfFrameType(first >> 4);
  if (role === "frame" && (first & 0x0f) === avcCodecId && isUnreferencedAvc(body, 5)) return "disposable";
  return role;
};

/**
 * Looks at the first bytes of a video tag body (FLV) or video message body (RTMP). Enhanced RTMP v2, ExVideoTagHeader;
 * FLV spec E.4.3. `body` is borrowed; `bodyLength` is given when only its beginning is at hand.
 * Gives undefined for an empty body; what is malformed or unknown has role `other`. Never throws.
 *
 * HEVC that an old OBS labels as codec id 7 is told apart by its sequence header: that one gives codec H265, the
 * frames behind it cannot be told from H.264 and give H264.
 */
export const readVideoHeader = (
  body: Uint8Array,
  bodyLength: number = body.length,
): VideoHeader | undefined => {
  const first = body[0];
  if (first === undefined) return undefined;
  if (first & 0x80) return readEnhancedHeader("video", { body, bodyLength });
  const frameType = first >> 4;
  if (frameType === frameTypes.command) return opaqueHeader("video", { bodyLength, isEnhanced: false });
  const codecId = first & 0x0f;
  let codec = legacyVideoCodec(codecId);
  if (codecId !== avcCodecId && codecId !== 12 && codecId !== 13) {
    return {
      kind: "video",
      role: bodyLength > 1 ? roleOfFrameType(frameType) : "other",
      codec,
      trackId: 0,
      dataOffset: 1,
      compositionTimeMs: 0,
      timestampOffsetNanos: 0,
      isEnhanced: false,
      isMultitrack: false,
    };
  }
  const role = roleOfPacketType(body, bodyLength);
  if (role === "config" && codecId === avcCodecId && looksLikeHevcConfig(body.subarray(5))) codec = "H265";
  return {
    kind: "video",
    role,
    codec,
    trackId: 0,
    dataOffset: Math.min(bodyLength, 5),
    compositionTimeMs: body[1] === 1 ? i24At(body, 2) : 0,
    timestampOffsetNanos: 0,
    isEnhanced: false,
    isMultitrack: false,
  };
};
