import { type Payload, share } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";

// 0                   1                   2                   3
// V=2 P X CC=4        M PT=7              sequence u16
// timestamp u32
// ssrc u32            CC x csrc u32       X: profile u16, words u16, words x u32
// payload             P: padding, its count in the last byte                       RFC 3550 5.1

/** Bytes of an RTP header with neither sources nor extension, as we write it. */
export const rtpHeaderSize = 12;

/** An RTP packet. */
export type RtpPacket = {
  /** 0 to 127. */
  readonly payloadType: number;
  readonly marker: boolean;
  /** 16 bits. */
  readonly sequence: number;
  /** Unsigned 32 bits, in units of the format's clock. */
  readonly timestamp: number;
  readonly ssrc: number;
  /** A view of the packet, without padding; shared like it. */
  readonly payload: Payload;
};

const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const u32 = (bytes: Uint8Array, at: number): number => ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;

/** Reads an RTP packet; `bytes` must not be written any more. Sources and extension are passed over. @throws WireError RTP_PACKET */
export const decodeRtp = (bytes: Uint8Array): RtpPacket => {
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  if (bytes.length < rtpHeaderSize || first >>> 6 !== 2) {
    throw new WireError("RTP_PACKET", `${bytes.length} bytes of RTP version ${first >>> 6}, expected 2`);
  }
  let from = rtpHeaderSize + 4 * (first & 0x0f);
  if (first & 0x10) from += 4 + 4 * u16(bytes, from + 2);
  const padding = first & 0x20 ? (bytes[bytes.length - 1] ?? 0) : 0;
  const to = bytes.length - padding;
  if (from > to || (first & 0x20 && padding === 0)) {
    throw new WireError("RTP_PACKET", `header and padding do not fit into ${bytes.length} bytes`);
  }
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: u16(bytes, 2),
    timestamp: u32(bytes, 4),
    ssrc: u32(bytes, 8),
    payload: share(bytes.subarray(from, to)),
  };
};

/** Writes an RTP header at `at` and gives the offset behind it, {@link rtpHeaderSize} further. */
export const writeRtpHeader = (
  target: Uint8Array,
  at: number,
  header: Omit<RtpPacket, "payload">,
): number => {
  const { payloadType, marker, sequence, timestamp, ssrc } = header;
  target[at] = 0x80;
  target[at + 1] = (marker ? 0x80 : 0) | payloadType;
  target[at + 2] = sequence >>> 8;
  target[at + 3] = sequence;
  target[at + 4] = timestamp >>> 24;
  target[at + 5] = timestamp >>> 16;
  target[at + 6] = timestamp >>> 8;
  target[at + 7] = timestamp;
  target[at + 8] = ssrc >>> 24;
  target[at + 9] = ssrc >>> 16;
  target[at + 10] = ssrc >>> 8;
  target[at + 11] = ssrc;
  return at + rtpHeaderSize;
};

/** A whole packet in a buffer of its own. */
export const encodeRtp = (
  packet: Omit<RtpPacket, "payload"> & { readonly payload: Uint8Array },
): Uint8Array => {
  const bytes = Buffer.allocUnsafeSlow(rtpHeaderSize + packet.payload.length);
  bytes.set(packet.payload, writeRtpHeader(bytes, 0, packet));
  return bytes;
};

/** How far `to` is ahead of `from`, both 16 bits: -32768 to 32767. */
export const sequenceDistance = (from: number, to: number): number => ((to - from) << 16) >> 16;

/** How far `to` is ahead of `from`, both 32 bits: -2^31 to 2^31 - 1. */
export const timestampDistance = (from: number, to: number): number => (to - from) | 0;
