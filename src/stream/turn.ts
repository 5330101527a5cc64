import type { Packet } from "../media/packet.ts";

/** Audio waits for the next picture no longer than this, in milliseconds: less than two frames of 30 per second. */
const maxWaitMs = 40;

/** Video is flowing as long as the last picture is no older than this, in milliseconds. */
const videoGapMs = 120;

/**
 * The packets that go to the subscribers together. A turn of the event loop brings one or a few; and audio that comes between two
 * pictures waits for the next one, because every packet that travels alone costs a system call for each player, and there are
 * more audio packets than pictures. Nothing else waits, and no timer runs: the next packet of any kind ends the wait.
 */
export class Turn {
  #packets: Packet[] = [];
  #since = 0;
  #isUrgent = false;
  #videoAt = Number.NEGATIVE_INFINITY;
  #now = 0;
  readonly #maxWaitMs: number;

  /** With `isLowLatency` nothing waits. */
  constructor(isLowLatency: boolean) {
    this.#maxWaitMs = isLowLatency ? 0 : maxWaitMs;
  }

  /** True while everything here is audio that the next picture may take along. */
  get mayWait(): boolean {
    return (
      !this.#isUrgent && this.#now - this.#since < this.#maxWaitMs && this.#now - this.#videoAt < videoGapMs
    );
  }

  /** When the first of the packets came, in milliseconds. */
  get since(): number {
    return this.#since;
  }

  /** Adds a packet that came at `now`, in milliseconds. */
  push(packet: Packet, now: number): void {
    if (this.#packets.length === 0) this.#since = now;
    this.#now = now;
    if (packet.kind === "video") this.#videoAt = now;
    if (packet.kind !== "audio" || packet.role !== "frame") this.#isUrgent = true;
    this.#packets.push(packet);
  }

  /** Removes and gives everything, in order. */
  take(): readonly Packet[] {
    const packets = this.#packets;
    this.#packets = [];
    this.#isUrgent = false;
    return packets;
  }
}
