import type { Payload } from "../base/bytes.ts";
import { Pieces } from "../base/pieces.ts";
import type { Codec } from "./codec.ts";

/** Which of a stream's three flows a packet belongs to. */
export type PacketKind = "audio" | "video" | "data";

/**
 * What a packet means for somebody who joins or falls behind.
 * - `config`: decoder configuration (sequence header); replayed to late joiners
 * - `key`: a video frame that needs no other
 * - `frame`: audio, or video that others may refer to
 * - `disposable`: video that no other frame refers to
 * - `metadata`: replayed to late joiners: onMetaData, or HDR information inside the video flow
 * - `other`: passes through, never replayed: cue points, end of sequence, unknown packets
 */
export type PacketRole = "config" | "key" | "frame" | "disposable" | "metadata" | "other";

/** What one look at the first bytes of a payload tells. */
export interface PacketFacts {
  readonly kind: PacketKind;
  readonly role: PacketRole;
  /** Undefined for data, and where the codec is unknown to us. */
  readonly codec: Codec | undefined;
  /** Track of a multitrack message; 0 for everything else. */
  readonly trackId: number;
  /** Where the decoder configuration or the coded data begins in the payload, in bytes. */
  readonly dataOffset: number;
}

/** A body with the 32-bit time in milliseconds that it was sent with. */
export interface TimedBody {
  readonly timestamp: number;
  readonly body: Pieces;
}

/**
 * One audio, video or data unit of a live stream. Immutable, shared by everything that is attached to the stream.
 *
 * `body` is the body of the FLV tag as it came in, never rewritten. `timestamp` is the decoding time in
 * milliseconds on the stream's own timeline: it does not wrap, and does not run backwards within one flow.
 */
export class Packet implements PacketFacts {
  readonly kind: PacketKind;
  readonly role: PacketRole;
  readonly codec: Codec | undefined;
  readonly trackId: number;
  readonly dataOffset: number;
  readonly timestamp: number;
  readonly body: Pieces;

  constructor(facts: PacketFacts, timestamp: number, body: Pieces | Payload) {
    this.kind = facts.kind;
    this.role = facts.role;
    this.codec = facts.codec;
    this.trackId = facts.trackId;
    this.dataOffset = facts.dataOffset;
    this.timestamp = timestamp;
    this.body = body instanceof Pieces ? body : Pieces.of(body);
  }

  /** The body in one run of bytes: put together at the first call. */
  get payload(): Payload {
    return this.body.whole;
  }

  /** Length of the body in bytes. */
  get size(): number {
    return this.body.length;
  }

  /** The same packet at another time. */
  at(timestamp: number): Packet {
    return timestamp === this.timestamp ? this : new Packet(this, timestamp, this.body);
  }
}
