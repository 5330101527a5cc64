import { copyBytes, type Payload } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import { decodeAacConfig } from "../../media/aac.ts";
import type { RtpPacket } from "../rtp.ts";
import type { MediaFormat } from "../sdp.ts";
import { configOfLatm } from "./aac-config.ts";
import type { AccessUnit, Depacketiser } from "./depacketiser.ts";
import { joined } from "./flv-body.ts";
import { UnitAssembler } from "./unit-assembler.ts";

// AudioMuxElement without StreamMuxConfig: for each frame  { 255 ... } rest u8 · frame of their sum        ISO/IEC 14496-3 1.7.3

const flags = 0xaf;
const frameHeader = new Uint8Array([flags, 1]);
const coreSamples = 1024;

/** AAC as MP4A-LATM, its configuration in the SDP. RFC 6416 6. */
export class LatmDepacketiser implements Depacketiser {
  readonly kind = "audio";
  readonly codec = "AAC";
  readonly clockRate: number;
  readonly needsConfig = true;
  readonly reorderDepth = 0;
  readonly config: Payload;
  readonly #frames: number;
  readonly #frameTime: number;
  readonly #assembler = new UnitAssembler();

  /** @throws WireError SDP, TRUNCATED, CODEC_CONFIG when the format does not describe AAC */
  constructor(format: MediaFormat) {
    const { config, frames } = configOfLatm(format);
    const { hasSbr, sampleRate } = decodeAacConfig(config);
    this.clockRate = format.clockRate;
    this.config = copyBytes(joined(new Uint8Array([flags, 0]), [[config]]));
    this.#frames = frames;
    const samples = hasSbr ? 2 * coreSamples : coreSamples;
    this.#frameTime = Math.round((samples * format.clockRate) / sampleRate);
  }

  receive(packet: RtpPacket): readonly AccessUnit[] {
    // The first packet of an element cannot be told from another: after a gap, whatever fits is taken.
    this.#assembler.begin(packet, true);
    if (this.#assembler.isFragmented) this.#assembler.addFragment(packet.payload);
    else this.#assembler.startFragments(packet.payload);
    if (!packet.marker) return [];
    this.#assembler.endFragments();
    const unit = this.#assembler.finish();
    if (!unit) return [];
    return this.#split(Buffer.concat(unit.units.flat())).map((frame, index) => ({
      timestamp: (unit.timestamp + index * this.#frameTime) >>> 0,
      isKey: true,
      isAfterLoss: unit.isAfterLoss && index === 0,
      units: [[frame]],
    }));
  }

  body(unit: AccessUnit): Payload {
    return joined(frameHeader, unit.units);
  }

  #split(element: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (let at = 0; frames.length < this.#frames; ) {
      let size = 0;
      for (; element[at] === 0xff; at += 1) size += 255;
      size += element[at] ?? 0;
      at += 1;
      if (size === 0 || at + size > element.length) {
        throw new WireError("RTP_PACKET", `LATM frame of ${size} bytes, ${element.length - at} left`);
      }
      frames.push(element.subarray(at, at + size));
      at += size;
    }
    return frames;
  }
}
