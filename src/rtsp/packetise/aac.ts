import { decodeAacConfig } from "../../media/aac.ts";
import type { Packet } from "../../media/packet.ts";
import { headerOf, type Packetiser, payloadOf, type RtpPayload, rtpTimeOf } from "./packetiser.ts";

// AU-headers-length u16 (bits) · { size 13 · index 3 } ... · access units        RFC 3640 3.2 and 3.3.6 (AAC-hbr)

const headerSize = 4;
const maxAccessUnit = 0x1fff;

/** AAC as mpeg4-generic, mode AAC-hbr: one access unit to a packet, or a fragment of one. RFC 3640. */
export class AacPacketiser implements Packetiser {
  readonly payloadType: number;
  readonly clockRate: number;

  /** `config` is the AudioSpecificConfig. @throws WireError TRUNCATED, CODEC_CONFIG */
  constructor(payloadType: number, config: Uint8Array) {
    this.payloadType = payloadType;
    this.clockRate = decodeAacConfig(config).sampleRate;
  }

  packetise(packet: Packet, maxPayload: number): readonly RtpPayload[] {
    if (packet.codec !== "AAC" || packet.role !== "frame") return [];
    const header = headerOf(packet);
    if (!header) return [];
    const unit = packet.payload.subarray(header.dataOffset);
    if (unit.length > maxAccessUnit) return [];
    const timestamp = rtpTimeOf(packet, header, this.clockRate);
    // The header of every fragment tells the size of the whole access unit.
    const head = new Uint8Array([0, 16, unit.length >>> 5, unit.length << 3]);
    const room = Math.max(1, maxPayload - headerSize);
    const payloads: RtpPayload[] = [];
    for (let at = 0; at < unit.length; at += room) {
      const marker = at + room >= unit.length;
      payloads.push(payloadOf([head, unit.subarray(at, at + room)], { marker, timestamp }));
    }
    return payloads;
  }
}
