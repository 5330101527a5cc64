import { decodeHevcConfig, type HevcConfig, hevcNalType } from "../../media/hevc.ts";
import type { Packet } from "../../media/packet.ts";
import { tolerate } from "../../media/tolerate.ts";
import { type NalForm, nalPayloads, splitNals } from "./nal-units.ts";
import { headerOf, type Packetiser, type RtpPayload, rtpTimeOf } from "./packetiser.ts";

// NAL header:  F type6 layer6 tid3, 2 bytes
// AP (48):     F 48 layer tid · { length u16 · NAL unit } ...
// FU (49):     F 49 layer tid · S E type6 · fragment            RFC 7798 4.4

const aggregation = 48;
const fragmentation = 49;

const isParameterSet = (nal: Uint8Array): boolean => {
  const type = ((nal[0] ?? 0) >>> 1) & 0x3f;
  return type >= hevcNalType.vps && type <= hevcNalType.pps;
};

const form: NalForm = {
  headerSize: 2,
  // Layer and temporal id are the lowest of the units inside; parameter sets all have 0 and 1.
  aggregateHeader: () => new Uint8Array([aggregation << 1, 1]),
  fragmentHeader: (nal, { isFirst, isLast }) => {
    const [first = 0, second = 0] = nal;
    const type = (first >>> 1) & 0x3f;
    return new Uint8Array([
      (first & 0x81) | (fragmentation << 1),
      second,
      (isFirst ? 0x80 : 0) | (isLast ? 0x40 : 0) | type,
    ]);
  },
};

/** H.265 without decoding order numbers. RFC 7798. Parameter sets go out again with each key frame that does not bring its own. */
export class H265Packetiser implements Packetiser {
  readonly payloadType: number;
  readonly clockRate = 90000;
  #config: HevcConfig | undefined;

  /** `config` is the hvcC, if there is one yet. */
  constructor(payloadType: number, config?: Uint8Array) {
    this.payloadType = payloadType;
    if (config) this.#config = tolerate(() => decodeHevcConfig(config));
  }

  packetise(packet: Packet, maxPayload: number): readonly RtpPayload[] {
    // An old OBS labels its H.265 frames as H.264; only the sequence header tells.
    if (packet.codec !== "H265" && !(packet.codec === "H264" && this.#config)) return [];
    const header = headerOf(packet);
    if (!header) return [];
    if (packet.role === "config") {
      const config = packet.payload.subarray(header.dataOffset);
      this.#config = tolerate(() => decodeHevcConfig(config)) ?? this.#config;
      return [];
    }
    if (packet.role === "other" || packet.role === "metadata") return [];
    const nals = splitNals(packet.payload, header.dataOffset, this.#config?.nalLengthSize ?? 4).filter(
      ({ length }) => length > 2,
    );
    if (nals.length === 0) return [];
    const config = packet.role === "key" && !nals.some(isParameterSet) ? this.#config : undefined;
    const sets = (config?.units ?? []).map(({ nal }) => nal).filter(isParameterSet);
    return nalPayloads(
      { sets, nals, timestamp: rtpTimeOf(packet, header, this.clockRate) },
      maxPayload,
      form,
    );
  }
}
