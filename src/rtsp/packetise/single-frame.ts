import type { Codec } from "../../media/codec.ts";
import type { Packet } from "../../media/packet.ts";
import { headerOf, type Packetiser, payloadOf, type RtpPayload, rtpTimeOf } from "./packetiser.ts";

/** A codec whose frames are payloads as they are and cannot be cut: Opus. RFC 7587. */
export class SingleFramePacketiser implements Packetiser {
  readonly payloadType: number;
  readonly clockRate: number;
  readonly #codec: Codec;

  constructor(codec: Codec, format: { readonly payloadType: number; readonly clockRate: number }) {
    this.#codec = codec;
    this.payloadType = format.payloadType;
    this.clockRate = format.clockRate;
  }

  packetise(packet: Packet): readonly RtpPayload[] {
    const header = packet.codec === this.#codec && packet.role === "frame" ? headerOf(packet) : undefined;
    if (!header) return [];
    const frame = packet.payload.subarray(header.dataOffset);
    const timestamp = rtpTimeOf(packet, header, this.clockRate);
    return frame.length === 0 ? [] : [payloadOf([frame], { marker: false, timestamp })];
  }
}
