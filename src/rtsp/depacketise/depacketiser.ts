import type { Payload } from "../../base/bytes.ts";
import type { Codec } from "../../media/codec.ts";
import type { RtpPacket } from "../rtp.ts";

/** Bytes in pieces: views of the packets they came in, and headers that were put back in front of them. */
export type PieceRun = readonly Uint8Array[];

/** One picture, or one frame of audio. */
export type AccessUnit = {
  /** RTP time of its presentation, unsigned 32 bits. */
  readonly timestamp: number;
  /** A decoder can begin here; always true for audio. */
  readonly isKey: boolean;
  /** Something in front of it was lost or dropped. */
  readonly isAfterLoss: boolean;
  /** NAL units without start codes, OBUs without sizes, or one frame. */
  readonly units: readonly PieceRun[];
  /** The decoder configuration as an FLV tag body, where it changed with this unit: to be sent in front of it. */
  readonly config?: Payload;
};

/**
 * Makes access units of the RTP packets of one format, and FLV tag bodies of these. Packets come in the order of their sequence numbers; a
 * gap means loss, and what is incomplete is dropped. Memory is bounded by one access unit.
 */
export interface Depacketiser {
  readonly kind: "audio" | "video";
  readonly codec: Codec;
  /** Units of RTP time per second. */
  readonly clockRate: number;
  /** The decoder configuration as an FLV tag body; undefined while it is not known, and where the codec has none. */
  readonly config: Payload | undefined;
  /** True where nothing can be decoded without a configuration. */
  readonly needsConfig: boolean;
  /** Pictures that may come later than one that is shown before them; undefined where the stream does not say. */
  readonly reorderDepth: number | undefined;
  /**
   * The access units that end with this packet or in front of it.
   * @throws WireError RTP_PACKET for a payload that cannot be read; the next packet may be given all the same
   */
  receive(packet: RtpPacket): readonly AccessUnit[];
  /** The access unit as an FLV tag body, in a buffer of its own. `compositionMs` is presentation minus decoding time, 0 for audio. */
  body(unit: AccessUnit, compositionMs: number): Payload;
}

/** Bytes of a run. */
export const sizeOf = (pieces: PieceRun): number => {
  let size = 0;
  for (const piece of pieces) size += piece.length;
  return size;
};
