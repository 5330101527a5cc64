import { type AvcConfig, decodeAvcConfig } from "../../media/avc.ts";
import type { Packet } from "../../media/packet.ts";
import { tolerate } from "../../media/tolerate.ts";
import { type NalForm, nalPayloads, splitNals } from "./nal-units.ts";
import { headerOf, type Packetiser, type RtpPayload, rtpTimeOf } from "./packetiser.ts";

// Single NAL unit:  the NAL unit
// STAP-A (24):      F NRI 24 · { length u16 · NAL unit } ...
// FU-A (28):        F NRI 28 · S E R type · fragment            RFC 6184 5.6 to 5.8

const stapA = 24;
const fuA = 28;
const sps = 7;
const pps = 8;

const form: NalForm = {
  headerSize: 1,
  aggregateHeader: (nals) => new Uint8Array([Math.max(...nals.map(([first = 0]) => first & 0x60)) | stapA]),
  fragmentHeader: (nal, { isFirst, isLast }) => {
    const header = nal[0] ?? 0;
    return new Uint8Array([
      (header & 0xe0) | fuA,
      (isFirst ? 0x80 : 0) | (isLast ? 0x40 : 0) | (header & 0x1f),
    ]);
  },
};

/** H.264 in packetization mode 1. RFC 6184. Parameter sets go out again with each key frame that does not bring its own. */
export class H264Packetiser implements Packetiser {
  readonly payloadType: number;
  readonly clockRate = 90000;
  #config: AvcConfig | undefined;

  /** `config` is the avcC, if there is one yet; borrowed no longer than the stream's headers live. */
  constructor(payloadType: number, config?: Uint8Array) {
    this.payloadType = payloadType;
    if (config) this.#config = tolerate(() => decodeAvcConfig(config));
  }

  packetise(packet: Packet, maxPayload: number): readonly RtpPayload[] {
    if (packet.codec !== "H264") return [];
    const header = headerOf(packet);
    if (!header) return [];
    if (packet.role === "config") {
      const config = packet.payload.subarray(header.dataOffset);
      this.#config = tolerate(() => decodeAvcConfig(config)) ?? this.#config;
      return [];
    }
    if (packet.role === "other" || packet.role === "metadata") return [];
    const nals = splitNals(packet.payload, header.dataOffset, this.#config?.nalLengthSize ?? 4);
    if (nals.length === 0) return [];
    const isBringingSets = nals.some(([first = 0]) => (first & 0x1f) === sps || (first & 0x1f) === pps);
    const config = packet.role === "key" && !isBringingSets ? this.#config : undefined;
    const sets = config ? [...config.sps, ...config.pps] : [];
    return nalPayloads(
      { sets, nals, timestamp: rtpTimeOf(packet, header, this.clockRate) },
      maxPayload,
      form,
    );
  }
}
