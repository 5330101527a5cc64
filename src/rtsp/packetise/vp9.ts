import type { Packet } from "../../media/packet.ts";
import { headerOf, type Packetiser, payloadOf, type RtpPayload, rtpTimeOf } from "./packetiser.ts";

// I P L F B E V Z       no picture id, no layers: one byte        RFC 9628 4.2

const headerSize = 1;
const inter = 0x40;
const begins = 0x08;
const ends = 0x04;

/** VP9 of one layer, in non-flexible mode. RFC 9628. */
export class Vp9Packetiser implements Packetiser {
  readonly payloadType: number;
  readonly clockRate = 90000;

  constructor(payloadType: number) {
    this.payloadType = payloadType;
  }

  packetise(packet: Packet, maxPayload: number): readonly RtpPayload[] {
    if (
      packet.codec !== "VP9" ||
      (packet.role !== "key" && packet.role !== "frame" && packet.role !== "disposable")
    )
      return [];
    const header = headerOf(packet);
    if (!header) return [];
    const frame = packet.payload.subarray(header.dataOffset);
    const timestamp = rtpTimeOf(packet, header, this.clockRate);
    const room = Math.max(1, maxPayload - headerSize);
    const kind = packet.role === "key" ? 0 : inter;
    const payloads: RtpPayload[] = [];
    for (let at = 0; at < frame.length; at += room) {
      const marker = at + room >= frame.length;
      const head = new Uint8Array([kind | (at === 0 ? begins : 0) | (marker ? ends : 0)]);
      payloads.push(payloadOf([head, frame.subarray(at, at + room)], { marker, timestamp }));
    }
    return payloads;
  }
}
