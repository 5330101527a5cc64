import { type RtpPacket, sequenceDistance } from "./rtp.ts";

/** Bounds of a reorder window. */
export type JitterBufferOptions = {
  /** Packets that may wait for one that is missing. */
  readonly maxPackets: number;
  /** How long they may. */
  readonly maxWaitMs: number;
};

/** A sender that starts again jumps; farther than this from where it was is no reordering. */
const maxJump = 1024;

type Waiting = { readonly packet: RtpPacket; readonly arrivedMs: number };

/**
 * Puts packets that came over UDP into the order of their sequence numbers. Packets that come in order pass at once. One that is missing
 * is waited for, until as many others wait as fit or the first of them has waited long enough; then it is lost.
 */
export class JitterBuffer {
  /** Packets that did not come in time. */
  lost = 0;
  /** Packets that came twice, or when they were already given up. */
  late = 0;
  readonly #options: JitterBufferOptions;
  #expected: number | undefined;
  #ssrc: number | undefined;
  /** In the order of their sequence numbers. */
  #waiting: Waiting[] = [];

  constructor(options: JitterBufferOptions) {
    this.#options = options;
  }

  /** Takes a packet that arrived at `nowMs`. */
  push(packet: RtpPacket, nowMs: number): void {
    this.#expected ??= packet.sequence;
    const distance = sequenceDistance(this.#expected, packet.sequence);
    const isOther = this.#ssrc !== undefined && this.#ssrc !== packet.ssrc;
    this.#ssrc = packet.ssrc;
    if (isOther || Math.abs(distance) >= maxJump) {
      // A new beginning: what waited is of the old one.
      this.#waiting = [];
      this.#expected = packet.sequence;
    } else if (distance < 0) {
      this.late += 1;
      return;
    }
    let at = this.#waiting.length;
    for (; at > 0; at -= 1) {
      const other = this.#waiting[at - 1];
      if (!other) break;
      const ahead = sequenceDistance(other.packet.sequence, packet.sequence);
      if (ahead > 0) break;
      if (ahead === 0) {
        this.late += 1;
        return;
      }
    }
    this.#waiting.splice(at, 0, { packet, arrivedMs: nowMs });
  }

  /** The next packet in order; undefined while it is waited for, or nothing is there. Call it until then, after each push and at {@link deadlineMs}. */
  next(nowMs: number): RtpPacket | undefined {
    const [first] = this.#waiting;
    if (!first || this.#expected === undefined) return undefined;
    const missing = sequenceDistance(this.#expected, first.packet.sequence);
    if (missing > 0 && this.#waiting.length <= this.#options.maxPackets && nowMs < (this.deadlineMs ?? 0))
      return undefined;
    this.lost += missing;
    this.#waiting.shift();
    this.#expected = (first.packet.sequence + 1) & 0xffff;
    return first.packet;
  }

  /** When to call {@link next} again though nothing arrives; undefined where nothing waits. */
  get deadlineMs(): number | undefined {
    if (this.#waiting.length === 0) return undefined;
    let first = Number.POSITIVE_INFINITY;
    for (const { arrivedMs } of this.#waiting) first = Math.min(first, arrivedMs);
    return first + this.#options.maxWaitMs;
  }
}
