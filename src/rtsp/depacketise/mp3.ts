import type { Payload } from "../../base/bytes.ts";
import type { RtpPacket } from "../rtp.ts";
import type { MediaFormat } from "../sdp.ts";
import type { AccessUnit, Depacketiser } from "./depacketiser.ts";
import { joined } from "./flv-body.ts";
import { mp3FrameAt } from "./frame-size.ts";
import { SizedFrames } from "./sized-frames.ts";

/** MP3 in FLV: format 2, at 44100 Hz with 16 bits in stereo; a decoder goes by the frame's own header. */
const header = new Uint8Array([0x2f]);

const descriptorSize = 4;

/** MPEG audio, several frames to a packet or one in fragments. RFC 2250 3.5. */
export class Mp3Depacketiser implements Depacketiser {
  readonly kind = "audio";
  readonly codec = "MP3";
  readonly clockRate: number;
  readonly needsConfig = false;
  readonly reorderDepth = 0;
  readonly config = undefined;
  readonly #frames: SizedFrames;

  constructor(format: MediaFormat) {
    this.clockRate = format.clockRate;
    this.#frames = new SizedFrames(format.clockRate, mp3FrameAt);
  }

  receive(packet: RtpPacket): readonly AccessUnit[] {
    const { payload } = packet;
    const offset = ((payload[2] ?? 0) << 8) | (payload[3] ?? 0);
    return this.#frames.receive(packet, { data: payload.subarray(descriptorSize), isStart: offset === 0 });
  }

  body(unit: AccessUnit): Payload {
    return joined(header, unit.units);
  }
}
