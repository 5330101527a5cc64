import type { ReportBlock } from "./rtcp.ts";
import { lastReportOf } from "./rtcp.ts";
import { type RtpPacket, sequenceDistance, timestampDistance } from "./rtp.ts";

/** What a receiver counts of one source, and says in its reports. RFC 3550 A.3 and A.8. */
export class Reception {
  /** Packets that came. */
  packets = 0;
  readonly #clockRate: number;
  #ssrc = 0;
  #first: number | undefined;
  /** Highest sequence number, wraps counted in. */
  #highest = 0;
  #jitter = 0;
  #transit: { readonly time: number; readonly ms: number } | undefined;
  #expectedBefore = 0;
  #packetsBefore = 0;
  #report: { readonly id: number; readonly ms: number } | undefined;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Counts a packet that arrived at `nowMs`. */
  count(packet: RtpPacket, nowMs: number): void {
    if (packet.ssrc !== this.#ssrc || this.#first === undefined) this.#restart(packet);
    const ahead = sequenceDistance(this.#highest & 0xffff, packet.sequence);
    if (ahead > 0) this.#highest += ahead;
    this.packets += 1;
    if (this.#transit) {
      const sentUnits = timestampDistance(this.#transit.time, packet.timestamp);
      const passedUnits = ((nowMs - this.#transit.ms) * this.#clockRate) / 1000;
      this.#jitter += (Math.abs(passedUnits - sentUnits) - this.#jitter) / 16;
    }
    this.#transit = { time: packet.timestamp, ms: nowMs };
  }

  /** Takes note of a sender report that arrived at `nowMs`. */
  reported(ntp: { readonly ntpSeconds: number; readonly ntpFraction: number }, nowMs: number): void {
    this.#report = { id: lastReportOf(ntp), ms: nowMs };
  }

  /** Packets that were due by now and did not come; never below 0. */
  get lost(): number {
    return Math.max(0, this.#expected - this.packets);
  }

  /** Deviation of the times between packets, in units of RTP time. */
  get jitter(): number {
    return this.#jitter;
  }

  /** What to say now, about the time since it was last asked; undefined where nothing came yet. */
  takeBlock(nowMs: number): ReportBlock | undefined {
    if (this.#first === undefined) return undefined;
    const expected = this.#expected;
    const due = expected - this.#expectedBefore;
    const missing = due - (this.packets - this.#packetsBefore);
    this.#expectedBefore = expected;
    this.#packetsBefore = this.packets;
    return {
      ssrc: this.#ssrc,
      fractionLost: due > 0 ? Math.max(0, missing) / due : 0,
      lost: expected - this.packets,
      highestSequence: this.#highest % 2 ** 32,
      jitter: Math.floor(this.#jitter),
      lastReport: this.#report?.id ?? 0,
      delay: this.#report ? Math.max(0, Math.round(((nowMs - this.#report.ms) * 65536) / 1000)) % 2 ** 32 : 0,
    };
  }

  get #expected(): number {
    return this.#first === undefined ? 0 : this.#highest - this.#first + 1;
  }

  #restart({ ssrc, sequence }: RtpPacket): void {
    this.#ssrc = ssrc;
    this.#first = sequence;
    this.#highest = sequence;
    this.packets = 0;
    this.#expectedBefore = 0;
    this.#packetsBefore = 0;
    this.#jitter = 0;
    this.#transit = undefined;
  }
}
