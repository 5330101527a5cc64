import type { Packet } from "../media/packet.ts";

/** How much a GOP cache may hold. Beyond it the cache empties and waits for the next key frame. */
export interface GopCacheLimits {
  readonly maxBytes: number;
  readonly maxMs: number;
  readonly maxPackets: number;
}

/** Ten seconds of a very good picture. */
export const defaultGopCacheLimits: GopCacheLimits = {
  maxBytes: 16 * 1024 * 1024,
  maxMs: 10_000,
  maxPackets: 2_500,
};

/**
 * Everything since the last key frame, in arrival order, so that a player that joins shows a picture at once. A stream without
 * video is not cached: any of its packets is a place to start.
 */
export class GopCache {
  readonly #limits: GopCacheLimits;
  #packets: Packet[] = [];
  #bytes = 0;

  constructor(limits: GopCacheLimits = defaultGopCacheLimits) {
    this.#limits = limits;
  }

  /** The cached packets: empty, or beginning with a key frame of the main track. */
  get packets(): readonly Packet[] {
    return this.#packets;
  }

  /** Bytes of payload held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the stream's next packet. Configuration and metadata are kept by the stream itself and do not belong here. */
  push(packet: Packet): void {
    const isStart = packet.role === "key" && packet.trackId === 0;
    if (isStart) this.clear();
    const first = this.#packets[0];
    if (!first && !isStart) return;
    this.#packets.push(packet);
    this.#bytes += packet.size;
    const { maxBytes, maxMs, maxPackets } = this.#limits;
    const span = first ? packet.timestamp - first.timestamp : 0;
    if (this.#bytes > maxBytes || span > maxMs || this.#packets.length > maxPackets) this.clear();
  }

  /** Forgets everything. */
  clear(): void {
    if (this.#packets.length > 0) this.#packets = [];
    this.#bytes = 0;
  }
}
