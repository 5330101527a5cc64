import { WireError } from "../../base/errors.ts";
import type { RtpPacket } from "../rtp.ts";
import type { AccessUnit } from "./depacketiser.ts";
import type { SizedFrame } from "./frame-size.ts";
import { UnitAssembler } from "./unit-assembler.ts";

/** Frames in one packet; more would be seconds of sound. */
const maxFrames = 64;

/** What a codec's payload header says of a packet. */
export type FramePacket = {
  readonly data: Uint8Array;
  /** False for a fragment that another packet came in front of. */
  readonly isStart: boolean;
};

/** Frames that tell their own size, several to a packet or one over several packets. */
export class SizedFrames {
  readonly #clockRate: number;
  readonly #frameAt: (bytes: Uint8Array) => SizedFrame | undefined;
  readonly #assembler = new UnitAssembler();
  #missing = 0;

  constructor(clockRate: number, frameAt: (bytes: Uint8Array) => SizedFrame | undefined) {
    this.#clockRate = clockRate;
    this.#frameAt = frameAt;
  }

  /** The frames that end with a packet. @throws WireError RTP_PACKET where no frame begins */
  receive(packet: RtpPacket, { data, isStart }: FramePacket): AccessUnit[] {
    // Fragments of a frame have one RTP time: what waited at another is dropped here.
    this.#assembler.begin(packet, isStart);
    if (data.length === 0) this.#refuse("packet without a frame");
    if (!isStart) {
      this.#assembler.addFragment(data);
      this.#missing = Math.max(0, this.#missing - data.length);
      if (this.#missing > 0) return [];
      this.#assembler.endFragments();
      return this.#finish(packet.timestamp, []);
    }
    const delays: number[] = [];
    let time = 0;
    for (let at = 0; at < data.length && delays.length < maxFrames; ) {
      const frame = this.#frameAt(data.subarray(at)) ?? this.#refuse("no frame header where one is due");
      if (at + frame.bytes > data.length && at === 0) {
        this.#missing = frame.bytes - data.length;
        this.#assembler.startFragments(data);
        return [];
      }
      // The last of several may be cut short by an encoder that counts padding in its own way.
      this.#assembler.add(data.subarray(at, at + frame.bytes));
      delays.push(Math.round(time));
      time += (frame.samples * this.#clockRate) / frame.sampleRate;
      at += frame.bytes;
    }
    return this.#finish(packet.timestamp, delays);
  }

  /** The unit under way is of no use. @throws WireError RTP_PACKET */
  #refuse(what: string): never {
    this.#assembler.break();
    throw new WireError("RTP_PACKET", what);
  }

  #finish(timestamp: number, delays: readonly number[]): AccessUnit[] {
    const unit = this.#assembler.finish();
    if (!unit) return [];
    return unit.units.map((run, index) => ({
      timestamp: (timestamp + (delays[index] ?? 0)) >>> 0,
      isKey: true,
      isAfterLoss: unit.isAfterLoss && index === 0,
      units: [run],
    }));
  }
}
