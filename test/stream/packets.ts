import { share } from "../../src/base/bytes.ts";
import type { Codec } from "../../src/media/codec.ts";
import { Packet, type PacketFacts, type PacketKind, type PacketRole } from "../../src/media/packet.ts";

/** What a test wants of a packet; all else has a plain value. */
export interface PacketWish {
  readonly kind?: PacketKind;
  readonly role?: PacketRole;
  readonly time?: number;
  readonly track?: number;
  readonly size?: number;
  readonly codec?: Codec;
  /** Fills the payload, so that packets can be told apart. */
  readonly fill?: number;
}

/** The facts of a packet. */
export const facts = ({ kind = "video", role = "frame", track = 0, codec }: PacketWish): PacketFacts => ({
  kind,
  role,
  codec,
  trackId: track,
  dataOffset: 0,
});

/** A packet made to measure. */
export const packet = (wish: PacketWish = {}): Packet =>
  new Packet(facts(wish), wish.time ?? 0, share(new Uint8Array(wish.size ?? 10).fill(wish.fill ?? 0)));
