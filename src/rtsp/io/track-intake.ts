import { WireError } from "../../base/errors.ts";
import type { MediaTag, TrackReceiver } from "../depacketise/track-receiver.ts";
import { JitterBuffer } from "../jitter-buffer.ts";
import { Reception } from "../reception.ts";
import { decodeRtcp, encodeRtcp, unixMsOfNtp } from "../rtcp.ts";
import { decodeRtp, type RtpPacket } from "../rtp.ts";

/** How far packets that came by UDP are put in order: as much as networks that are any good shuffle. */
const window = { maxPackets: 128, maxWaitMs: 200 };

/**
 * So long the first packets that came by UDP wait for a sender report, in milliseconds. It is sent before them and may come behind them;
 * without it a track lies where it happened to arrive, and moves to its place slowly.
 */
const reportWaitMs = 150;

/** Who we are for a sender that we tell how its packets arrive. */
const receiverSsrc = Math.floor(Math.random() * 2 ** 32);

/** The RTP packets of one track on their way to becoming FLV tags. */
export class TrackIntake {
  readonly #receiver: TrackReceiver;
  readonly #reception: Reception;
  readonly #buffer = new JitterBuffer(window);
  readonly #take: (tag: MediaTag) => void;
  readonly #isOrdered: () => boolean;
  /** When packets that wait for a sender report go on without it. */
  #heldUntil: number | undefined;
  #hasReport = false;
  #bytes = 0;
  #packets = 0;
  #inError = 0;
  #reports = 0;
  #reportsInError = 0;

  /** `clockRate` is that of RTP times. */
  constructor(options: {
    receiver: TrackReceiver;
    clockRate: number;
    take: (tag: MediaTag) => void;
    isOrdered: () => boolean;
  }) {
    this.#receiver = options.receiver;
    this.#reception = new Reception(options.clockRate);
    this.#take = options.take;
    this.#isOrdered = options.isOrdered;
  }

  /** Bytes of RTP and RTCP that came. */
  get bytes(): number {
    return this.#bytes;
  }

  /** RTP packets that came. */
  get packets(): number {
    return this.#packets;
  }

  /** RTP packets that did not come. */
  get lost(): number {
    return this.#reception.lost;
  }

  /** RTP packets that could not be read. */
  get inError(): number {
    return this.#inError;
  }

  /** Deviation of the times between packets, in units of RTP time. */
  get jitter(): number {
    return this.#reception.jitter;
  }

  /** RTCP packets that came. */
  get reports(): number {
    return this.#reports;
  }

  /** RTCP packets that could not be read. */
  get reportsInError(): number {
    return this.#reportsInError;
  }

  /** The track begins with this RTP time. */
  anchor(rtpTime: number): void {
    this.#receiver.clock.anchor(rtpTime);
  }

  /** A packet came at `now`, in milliseconds. It must not be written any more. */
  takeRtp(bytes: Uint8Array, now: number): void {
    this.#bytes += bytes.length;
    this.#packets++;
    try {
      const packet = decodeRtp(bytes);
      this.#reception.count(packet, now);
      if (this.#isOrdered()) this.#receive(packet, now);
      else {
        this.#heldUntil ??= now + reportWaitMs;
        this.#buffer.push(packet, now);
        this.drain(now);
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#inError++;
    }
  }

  /** Gives up packets that were waited for long enough, and lets go on what waited behind them. */
  drain(now: number): void {
    if (!this.#hasReport && this.#heldUntil !== undefined && now < this.#heldUntil) return;
    for (let packet = this.#buffer.next(now); packet; packet = this.#buffer.next(now))
      this.#receive(packet, now);
  }

  /** A report came at `now`, in milliseconds. */
  takeRtcp(bytes: Uint8Array, now: number): void {
    this.#bytes += bytes.length;
    try {
      for (const packet of decodeRtcp(bytes)) {
        if (packet.kind !== "senderReport") continue;
        this.#reception.reported(packet, now);
        this.#receiver.clock.report(packet.rtpTime, unixMsOfNtp(packet));
        this.#hasReport = true;
      }
      this.#reports++;
      this.drain(now);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#reportsInError++;
    }
  }

  /** What to tell the sender of how its packets arrive; undefined while none came. */
  report(now: number): Uint8Array | undefined {
    const block = this.#reception.takeBlock(now);
    return (
      block &&
      encodeRtcp([
        { kind: "receiverReport", ssrc: receiverSsrc, blocks: [block] },
        { kind: "description", names: [{ ssrc: receiverSsrc, cname: "rtmp-server" }] },
      ])
    );
  }

  #receive(packet: RtpPacket, now: number): void {
    let tags: readonly MediaTag[];
    try {
      tags = this.#receiver.receive(packet, now);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#inError++;
      return;
    }
    for (const tag of tags) this.#take(tag);
  }
}
