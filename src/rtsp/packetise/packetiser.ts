import { readAudioHeader } from "../../flv/audio-header.ts";
import type { MediaHeader } from "../../flv/media-header.ts";
import { readVideoHeader } from "../../flv/video-header.ts";
import type { Packet } from "../../media/packet.ts";

/** The payload of one RTP packet, in pieces that are joined when the packet is written. */
export type RtpPayload = {
  /** Views of the packet's body, which is shared, and headers in front of them. */
  readonly pieces: readonly Uint8Array[];
  /** Bytes of all pieces together. */
  readonly size: number;
  /** Last of its access unit; for audio, the end of each frame where the format says so. */
  readonly marker: boolean;
  /** Presentation time in units of the clock, unsigned 32 bits. */
  readonly timestamp: number;
};

/** Makes RTP payloads of the packets of one track. It keeps the last decoder configuration, and nothing else. */
export interface Packetiser {
  readonly payloadType: number;
  /** Units of RTP time per second. */
  readonly clockRate: number;
  /**
   * The payloads of a packet, none longer than `maxPayload` bytes where the format can be cut; none for what RTP does not carry: decoder
   * configuration, metadata, packets of another codec, packets of several tracks. Never throws: what cannot be read gives none.
   */
  packetise(packet: Packet, maxPayload: number): readonly RtpPayload[];
}

/** Joins nothing yet: a payload of these pieces. */
export const payloadOf = (
  pieces: readonly Uint8Array[],
  { marker, timestamp }: { readonly marker: boolean; readonly timestamp: number },
): RtpPayload => {
  let size = 0;
  for (const piece of pieces) size += piece.length;
  return { pieces, size, marker, timestamp };
};

/** The header of a packet's body; undefined for data and for packets that hold tracks by number. */
export const headerOf = (packet: Packet): MediaHeader | undefined => {
  if (packet.kind === "data") return undefined;
  const read = packet.kind === "video" ? readVideoHeader : readAudioHeader;
  const header = read(packet.body.head, packet.size);
  return header?.isMultitrack ? undefined : header;
};

/** The packet's presentation time in units of a clock, unsigned 32 bits. */
export const rtpTimeOf = (packet: Packet, header: MediaHeader, clockRate: number): number => {
  const ms = packet.timestamp + header.compositionTimeMs + header.timestampOffsetNanos / 1e6;
  const time = Math.round((ms * clockRate) / 1000) % 2 ** 32;
  return time < 0 ? time + 2 ** 32 : time;
};
