import type { Packet } from "../media/packet.ts";

/** How far a reader may fall behind. */
export interface QueueLimits {
  readonly maxBytes: number;
  readonly maxMs: number;
}

/** True for packets whose loss leaves a picture that later frames refer to. */
const isPicture = (packet: Packet): boolean =>
  packet.kind === "video" && packet.role !== "config" && packet.role !== "metadata";

/** What has to reach a reader whatever else is dropped. */
const isEssential = (packet: Packet): boolean => packet.role === "config" || packet.role === "metadata";

/**
 * The packets that wait for one slow reader, bounded in bytes and in milliseconds of stream time.
 *
 * At the bound it jumps ahead to the newest key frame it holds, or else drops all video and waits for the next: a frame is
 * never sent after one it may refer to was dropped. Audio goes on as long as it fits by itself. Configuration and metadata are
 * never dropped.
 */
export class PacketQueue {
  readonly #limits: QueueLimits;
  #packets: Packet[] = [];
  #bytes = 0;
  #awaitsKey = false;
  /** What a reader never began to see is not dropped. */
  #isJoining = false;
  #dropped = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Audio and video frames dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes of payload waiting. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#packets.length === 0;
  }

  /** True while video is withheld until a key frame comes. */
  get awaitsKey(): boolean {
    return this.#awaitsKey;
  }

  /** Withholds video until the next key frame: for a reader that joins, or resumes, between two. */
  awaitKey(): void {
    this.#awaitsKey = true;
    this.#isJoining = true;
  }

  /** Adds a packet, dropping what has to be dropped. */
  push(packet: Packet): void {
    if (this.#awaitsKey && isPicture(packet)) {
      if (packet.role !== "key") {
        if (!this.#isJoining) this.#dropped++;
        return;
      }
      this.#awaitsKey = false;
      this.#isJoining = false;
    }
    this.#packets.push(packet);
    this.#bytes += packet.payload.length;
    if (this.#isOver()) this.#shorten();
  }

  /** Removes and gives the oldest packets, at least one, up to about `maxBytes` of payload. */
  take(maxBytes: number): readonly Packet[] {
    let count = 0;
    let bytes = 0;
    for (const packet of this.#packets) {
      if (count > 0 && bytes + packet.payload.length > maxBytes) break;
      bytes += packet.payload.length;
      count++;
    }
    const taken = this.#packets.splice(0, count);
    this.#bytes -= bytes;
    return taken;
  }

  /** Forgets what waits, without counting it as dropped. */
  clear(): void {
    this.#packets = [];
    this.#bytes = 0;
  }

  #isOver(): boolean {
    if (this.#bytes > this.#limits.maxBytes) return true;
    const first = this.#packets[0];
    const last = this.#packets.at(-1);
    return first !== undefined && last !== undefined && last.timestamp - first.timestamp > this.#limits.maxMs;
  }

  #shorten(): void {
    const key = this.#packets.findLastIndex((packet) => packet.role === "key");
    if (key > 0) {
      this.#keep((packet, index) => index >= key || !isPicture(packet));
    } else {
      this.#keep((packet) => !isPicture(packet));
      this.#awaitsKey = true;
    }
    if (!this.#isOver()) return;
    // Audio alone is too much, or too old: what is oldest goes.
    const newest = this.#packets.at(-1)?.timestamp ?? 0;
    const half = this.#limits.maxBytes / 2;
    let bytes = this.#bytes;
    this.#keep((packet) => {
      const isTooOld = newest - packet.timestamp > this.#limits.maxMs / 2;
      if (!isTooOld && bytes <= half) return true;
      bytes -= packet.payload.length;
      return false;
    });
  }

  /** Keeps what passes, and what is essential. */
  #keep(passes: (packet: Packet, index: number) => boolean): void {
    const kept: Packet[] = [];
    let bytes = 0;
    this.#packets.forEach((packet, index) => {
      if (isEssential(packet) || passes(packet, index)) {
        kept.push(packet);
        bytes += packet.payload.length;
      } else if (packet.kind !== "data") {
        this.#dropped++;
      }
    });
    this.#packets = kept;
    this.#bytes = bytes;
  }
}
