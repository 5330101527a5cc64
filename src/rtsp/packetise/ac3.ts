import type { Packet } from "../../media/packet.ts";
import { headerOf, type Packetiser, payloadOf, type RtpPayload, rtpTimeOf } from "./packetiser.ts";

// AC-3:    zero 6 · type 2 · count u8      type 0 whole frames, 1 and 2 first fragment with or without 5/8 of the frame, 3 another
// E-AC-3:  zero 7 · fragmented 1 · count u8
// count: frames in the packet, or fragments of the frame        RFC 4184 4.1, RFC 4598 4.1

const headerSize = 2;

/** AC-3 and E-AC-3: the frame of a packet, or its fragments. */
export class Ac3Packetiser implements Packetiser {
  readonly payloadType: number;
  readonly clockRate: number;
  readonly #codec: "AC3" | "EAC3";

  constructor(codec: "AC3" | "EAC3", format: { readonly payloadType: number; readonly clockRate: number }) {
    this.#codec = codec;
    this.payloadType = format.payloadType;
    this.clockRate = format.clockRate;
  }

  packetise(packet: Packet, maxPayload: number): readonly RtpPayload[] {
    const header = packet.codec === this.#codec && packet.role === "frame" ? headerOf(packet) : undefined;
    if (!header) return [];
    const frame = packet.payload.subarray(header.dataOffset);
    const timestamp = rtpTimeOf(packet, header, this.clockRate);
    const room = Math.max(1, maxPayload - headerSize);
    const count = Math.ceil(frame.length / room);
    if (count > 255) return [];
    const payloads: RtpPayload[] = [];
    for (let at = 0; at < frame.length; at += room) {
      const head = new Uint8Array([count === 1 ? 0 : this.#fragmentType(at, room / frame.length), count]);
      const marker = at + room >= frame.length;
      payloads.push(payloadOf([head, frame.subarray(at, at + room)], { marker, timestamp }));
    }
    return payloads;
  }

  #fragmentType(at: number, share: number): number {
    if (this.#codec === "EAC3") return 1;
    if (at > 0) return 3;
    return share >= 5 / 8 ? 1 : 2;
  }
}
