import type { Packet } from "../../media/packet.ts";
import { headerOf, type Packetiser, payloadOf, type RtpPayload, rtpTimeOf } from "./packetiser.ts";

/** G.711: one byte per sample and channel, cut anywhere between samples. RFC 3551 4.5.14. */
export class G711Packetiser implements Packetiser {
  readonly payloadType: number;
  readonly clockRate = 8000;
  readonly #codec: "G711A" | "G711U";
  readonly #channels: number;

  constructor(
    codec: "G711A" | "G711U",
    format: { readonly payloadType: number; readonly channels?: number | undefined },
  ) {
    this.#codec = codec;
    this.payloadType = format.payloadType;
    this.#channels = format.channels ?? 1;
  }

  packetise(packet: Packet, maxPayload: number): readonly RtpPayload[] {
    const header = packet.codec === this.#codec && packet.role === "frame" ? headerOf(packet) : undefined;
    if (!header) return [];
    const samples = packet.payload.subarray(header.dataOffset);
    const start = rtpTimeOf(packet, header, this.clockRate);
    const room = Math.max(1, Math.floor(maxPayload / this.#channels)) * this.#channels;
    const payloads: RtpPayload[] = [];
    for (let at = 0; at < samples.length; at += room) {
      const timestamp = (start + at / this.#channels) % 2 ** 32;
      payloads.push(payloadOf([samples.subarray(at, at + room)], { marker: false, timestamp }));
    }
    return payloads;
  }
}
