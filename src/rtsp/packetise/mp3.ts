import type { Packet } from "../../media/packet.ts";
import { headerOf, type Packetiser, payloadOf, type RtpPayload, rtpTimeOf } from "./packetiser.ts";

// zero u16 · offset of the fragment in its frame u16 · frame or fragment        RFC 2250 3.5

const headerSize = 4;

/** Where an offset ends that 16 bits can say. No frame is that long. */
const maxFrame = 0xffff;

/** MPEG audio, layers 1 to 3. RFC 2250. */
export class Mp3Packetiser implements Packetiser {
  readonly payloadType: number;
  readonly clockRate = 90000;

  constructor(payloadType: number) {
    this.payloadType = payloadType;
  }

  packetise(packet: Packet, maxPayload: number): readonly RtpPayload[] {
    const header = packet.codec === "MP3" && packet.role === "frame" ? headerOf(packet) : undefined;
    if (!header) return [];
    const frame = packet.payload.subarray(header.dataOffset);
    if (frame.length > maxFrame) return [];
    const timestamp = rtpTimeOf(packet, header, this.clockRate);
    const room = Math.max(1, maxPayload - headerSize);
    const payloads: RtpPayload[] = [];
    for (let at = 0; at < frame.length; at += room) {
      const head = new Uint8Array([0, 0, at >>> 8, at]);
      // The marker says that a talk spurt begins, which a stream without pauses has nowhere.
      payloads.push(payloadOf([head, frame.subarray(at, at + room)], { marker: false, timestamp }));
    }
    return payloads;
  }
}
