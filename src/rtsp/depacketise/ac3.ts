import type { Payload } from "../../base/bytes.ts";
import type { RtpPacket } from "../rtp.ts";
import type { MediaFormat } from "../sdp.ts";
import type { AccessUnit, Depacketiser } from "./depacketiser.ts";
import { audioHeader, joined } from "./flv-body.ts";
import { ac3FrameAt } from "./frame-size.ts";
import { SizedFrames } from "./sized-frames.ts";

const descriptorSize = 2;
const syncWord = 0x0b77;

/** AC-3 and E-AC-3, several frames to a packet or one in fragments. RFC 4184 4.1, RFC 4598 4.1. */
export class Ac3Depacketiser implements Depacketiser {
  readonly kind = "audio";
  readonly codec: "AC3" | "EAC3";
  readonly clockRate: number;
  readonly needsConfig = false;
  readonly reorderDepth = 0;
  readonly config = undefined;
  readonly #frames: SizedFrames;

  constructor(codec: "AC3" | "EAC3", format: MediaFormat) {
    this.codec = codec;
    this.clockRate = format.clockRate;
    this.#frames = new SizedFrames(format.clockRate, ac3FrameAt);
  }

  receive(packet: RtpPacket): readonly AccessUnit[] {
    const { payload } = packet;
    const data = payload.subarray(descriptorSize);
    return this.#frames.receive(packet, { data, isStart: this.#isStart(payload[0] ?? 0, data) });
  }

  body(unit: AccessUnit): Payload {
    return joined(audioHeader(this.codec, 1), unit.units);
  }

  /** AC-3 says which fragment it is; of E-AC-3, the first is the one that begins with a frame. */
  #isStart(descriptor: number, data: Uint8Array): boolean {
    if (this.codec === "AC3") return (descriptor & 3) !== 3;
    return (descriptor & 1) === 0 || (((data[0] ?? 0) << 8) | (data[1] ?? 0)) === syncWord;
  }
}
