import { decodeUtf8, encodeUtf8 } from "../base/bytes.ts";
import { unreachable, WireError } from "../base/errors.ts";
import { maxRtcpPackets } from "./limits.ts";

// V=2 P count5 · type u8 · length u16 (words behind the first) · ssrc u32 · ...        RFC 3550 6.4 to 6.6
//   200 SR    NTP seconds u32, fraction u32 · RTP time u32 · packets u32 · octets u32 · report blocks
//   201 RR    report blocks
//   block     ssrc u32 · fraction lost u8 · lost i24 · highest sequence u32 · jitter u32 · last SR u32 · delay u32
//   202 SDES  { ssrc u32 · { 1 length u8 CNAME } ... 0 }
//   203 BYE   ssrc u32 ...

const types = { senderReport: 200, receiverReport: 201, description: 202, goodbye: 203 } as const;

/** What a receiver says of one source. */
export type ReportBlock = {
  readonly ssrc: number;
  /** 0 to 1, since the report before. */
  readonly fractionLost: number;
  /** Since the beginning; negative where packets came twice. */
  readonly lost: number;
  /** With the number of wraps in the upper 16 bits. */
  readonly highestSequence: number;
  /** In units of RTP time. */
  readonly jitter: number;
  /** The middle 32 bits of the NTP time of the last sender report; 0 where there was none. */
  readonly lastReport: number;
  /** Since then, in units of 1/65536 s. */
  readonly delay: number;
};

/** A part of a compound RTCP packet. */
export type RtcpPacket =
  | {
      readonly kind: "senderReport";
      readonly ssrc: number;
      readonly ntpSeconds: number;
      readonly ntpFraction: number;
      readonly rtpTime: number;
      readonly packets: number;
      readonly octets: number;
      readonly blocks: readonly ReportBlock[];
    }
  | { readonly kind: "receiverReport"; readonly ssrc: number; readonly blocks: readonly ReportBlock[] }
  | {
      readonly kind: "description";
      readonly names: readonly { readonly ssrc: number; readonly cname: string }[];
    }
  | { readonly kind: "goodbye"; readonly sources: readonly number[] }
  /** Feedback, extended reports and whatever else: passed over. */
  | { readonly kind: "other"; readonly type: number };

const headerSize = 4;
const blockSize = 24;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** True when a packet on a port or channel that RTP and RTCP share is RTCP. RFC 5761 4. */
export const isRtcp = (bytes: Uint8Array): boolean => {
  const type = (bytes[1] ?? 0) & 0x7f;
  return type >= 64 && type < 96;
};

/**
 * Reads a compound packet; also one that is reduced to a single part. RFC 3550 6.1, RFC 5506.
 * @throws WireError RTP_PACKET
 */
export const decodeRtcp = (bytes: Uint8Array): RtcpPacket[] => {
  const packets: RtcpPacket[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const size = headerSize * ((((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) + 1);
    if (first >>> 6 !== 2 || at + size > bytes.length || packets.length === maxRtcpPackets) {
      throw new WireError("RTP_PACKET", `RTCP packet of ${size} bytes at ${at} of ${bytes.length}`);
    }
    packets.push(decodePart(bytes.subarray(at, at + size), first & 0x1f));
    at += size;
  }
  return packets;
};

const decodePart = (bytes: Uint8Array, count: number): RtcpPacket => {
  const view = viewOf(bytes);
  const type = bytes[1] ?? 0;
  const need = (size: number): void => {
    if (bytes.length < size) {
      throw new WireError(
        "RTP_PACKET",
        `RTCP packet of ${bytes.length} bytes, expected ${size} for type ${type}`,
      );
    }
  };
  switch (type) {
    case types.senderReport:
      need(28 + count * blockSize);
      return {
        kind: "senderReport",
        ssrc: view.getUint32(4),
        ntpSeconds: view.getUint32(8),
        ntpFraction: view.getUint32(12),
        rtpTime: view.getUint32(16),
        packets: view.getUint32(20),
        octets: view.getUint32(24),
        blocks: readBlocks(view, 28, count),
      };
    case types.receiverReport:
      need(8 + count * blockSize);
      return { kind: "receiverReport", ssrc: view.getUint32(4), blocks: readBlocks(view, 8, count) };
    case types.description:
      return { kind: "description", names: readNames(bytes, count) };
    case types.goodbye:
      need(headerSize + 4 * count);
      return {
        kind: "goodbye",
        sources: Array.from({ length: count }, (_, i) => view.getUint32(headerSize + 4 * i)),
      };
    default:
      return { kind: "other", type };
  }
};

const readBlocks = (view: DataView, from: number, count: number): ReportBlock[] =>
  Array.from({ length: count }, (_, index) => {
    const at = from + index * blockSize;
    return {
      ssrc: view.getUint32(at),
      fractionLost: view.getUint8(at + 4) / 256,
      lost: (view.getUint32(at + 4) << 8) >> 8,
      highestSequence: view.getUint32(at + 8),
      jitter: view.getUint32(at + 12),
      lastReport: view.getUint32(at + 16),
      delay: view.getUint32(at + 20),
    };
  });

const cnameItem = 1;

/** The canonical names; what is cut off is left out. */
const readNames = (bytes: Uint8Array, count: number): { ssrc: number; cname: string }[] => {
  const names: { ssrc: number; cname: string }[] = [];
  const view = viewOf(bytes);
  let at = headerSize;
  for (let chunk = 0; chunk < count && at + 4 <= bytes.length; chunk += 1) {
    const ssrc = view.getUint32(at);
    at += 4;
    for (let item = bytes[at] ?? 0; item !== 0; item = bytes[at] ?? 0) {
      const end = at + 2 + (bytes[at + 1] ?? 0);
      if (end > bytes.length) return names;
      if (item === cnameItem) names.push({ ssrc, cname: decodeUtf8(bytes.subarray(at + 2, end)) });
      at = end;
    }
    at += 4 - (at % 4); // one zero or more, up to the next word
  }
  return names;
};

/** A packet to be written, in front of which its sender's canonical name is put where there is one. */
export type RtcpToEncode = Exclude<RtcpPacket, { kind: "other" }>;

/** Writes a compound packet in a buffer of its own. A report comes first, as RFC 3550 6.1 wants it: that is up to the caller. */
export const encodeRtcp = (packets: readonly RtcpToEncode[]): Uint8Array =>
  Buffer.concat(packets.map(encodePart));

const encodePart = (packet: RtcpToEncode): Uint8Array => {
  switch (packet.kind) {
    case "senderReport": {
      const view = part(types.senderReport, packet.blocks.length, 28 + packet.blocks.length * blockSize);
      const fields = [
        packet.ssrc,
        packet.ntpSeconds,
        packet.ntpFraction,
        packet.rtpTime,
        packet.packets,
        packet.octets,
      ];
      for (const [index, field] of fields.entries()) view.setUint32(4 + 4 * index, field);
      writeBlocks(view, 28, packet.blocks);
      return bytesOf(view);
    }
    case "receiverReport": {
      const view = part(types.receiverReport, packet.blocks.length, 8 + packet.blocks.length * blockSize);
      view.setUint32(4, packet.ssrc);
      writeBlocks(view, 8, packet.blocks);
      return bytesOf(view);
    }
    case "description":
      return encodeNames(packet.names);
    case "goodbye": {
      const view = part(types.goodbye, packet.sources.length, headerSize + 4 * packet.sources.length);
      for (const [index, ssrc] of packet.sources.entries()) view.setUint32(headerSize + 4 * index, ssrc);
      return bytesOf(view);
    }
    default:
      return unreachable(packet);
  }
};

const bytesOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

const part = (type: number, count: number, size: number): DataView => {
  const view = new DataView(new ArrayBuffer(size));
  view.setUint8(0, 0x80 | count);
  view.setUint8(1, type);
  view.setUint16(2, size / 4 - 1);
  return view;
};

const writeBlocks = (view: DataView, from: number, blocks: readonly ReportBlock[]): void => {
  for (const [index, block] of blocks.entries()) {
    const at = from + index * blockSize;
    const lost = Math.max(-0x800000, Math.min(0x7fffff, block.lost));
    view.setUint32(at, block.ssrc);
    view.setUint32(at + 4, lost & 0xffffff);
    view.setUint8(at + 4, Math.max(0, Math.min(255, Math.floor(block.fractionLost * 256))));
    view.setUint32(at + 8, block.highestSequence);
    view.setUint32(at + 12, Math.min(0xffffffff, Math.round(block.jitter)));
    view.setUint32(at + 16, block.lastReport);
    view.setUint32(at + 20, block.delay);
  }
};

const encodeNames = (names: readonly { readonly ssrc: number; readonly cname: string }[]): Uint8Array => {
  const chunks = names.map(({ ssrc, cname }) => {
    const text = encodeUtf8(cname).subarray(0, 255);
    // ssrc, item and length, text, at least one zero.
    const view = new DataView(new ArrayBuffer(Math.ceil((4 + 2 + text.length + 1) / 4) * 4));
    view.setUint32(0, ssrc);
    view.setUint8(4, cnameItem);
    view.setUint8(5, text.length);
    bytesOf(view).set(text, 6);
    return bytesOf(view);
  });
  const size = headerSize + chunks.reduce((sum, { length }) => sum + length, 0);
  const view = part(types.description, names.length, size);
  let at = headerSize;
  for (const chunk of chunks) {
    bytesOf(view).set(chunk, at);
    at += chunk.length;
  }
  return bytesOf(view);
};

/** Seconds from 1900, where NTP begins, to 1970. */
const ntpEpochSeconds = 2_208_988_800;

/** The NTP time of a moment given in Unix milliseconds. */
export const ntpOf = (unixMs: number): { readonly ntpSeconds: number; readonly ntpFraction: number } => {
  const whole = Math.floor(unixMs / 1000);
  const fraction = Math.floor(((unixMs - whole * 1000) / 1000) * 2 ** 32);
  return { ntpSeconds: (whole + ntpEpochSeconds) % 2 ** 32, ntpFraction: Math.min(fraction, 0xffffffff) };
};

/** Milliseconds of an NTP time, Unix where the sender keeps the right time; only differences mean something where it does not. */
export const unixMsOfNtp = (ntp: { readonly ntpSeconds: number; readonly ntpFraction: number }): number =>
  (ntp.ntpSeconds - ntpEpochSeconds) * 1000 + (ntp.ntpFraction * 1000) / 2 ** 32;

/** The middle 32 bits of an NTP time, as report blocks name a sender report. */
export const lastReportOf = (ntp: { readonly ntpSeconds: number; readonly ntpFraction: number }): number =>
  (((ntp.ntpSeconds & 0xffff) << 16) | (ntp.ntpFraction >>> 16)) >>> 0;
