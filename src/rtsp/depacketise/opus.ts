import { ByteWriter, copyBytes, type Payload } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import type { RtpPacket } from "../rtp.ts";
import type { MediaFormat } from "../sdp.ts";
import type { AccessUnit, Depacketiser } from "./depacketiser.ts";
import { audioHeader, joined } from "./flv-body.ts";
import { UnitAssembler } from "./unit-assembler.ts";

/** What a decoder drops at the start: the encoder's look-ahead that libopus has, in samples. */
const preSkip = 312;

/** Opus, a packet to a frame. RFC 7587. */
export class OpusDepacketiser implements Depacketiser {
  readonly kind = "audio";
  readonly codec = "Opus";
  readonly clockRate: number;
  readonly needsConfig = false;
  readonly reorderDepth = 0;
  readonly config: Payload;
  readonly #assembler = new UnitAssembler();

  constructor(format: MediaFormat) {
    this.clockRate = format.clockRate;
    // The format always says 2 channels; a sender of one may say that it does so.
    const channels = format.parameters.get("sprop-stereo") === "0" ? 1 : 2;
    const head = new ByteWriter(19)
      .utf8("OpusHead")
      .u8(1)
      .u8(channels)
      .u16le(preSkip)
      .u32le(48000)
      .u16le(0)
      .u8(0);
    this.config = copyBytes(joined(audioHeader("Opus", 0), [[head.take()]]));
  }

  receive(packet: RtpPacket): readonly AccessUnit[] {
    this.#assembler.begin(packet, true);
    if (packet.payload.length === 0) throw new WireError("RTP_PACKET", "Opus packet without a frame");
    this.#assembler.add(packet.payload);
    const unit = this.#assembler.finish();
    return unit ? [{ ...unit, isKey: true }] : [];
  }

  body(unit: AccessUnit): Payload {
    return joined(audioHeader("Opus", 1), unit.units);
  }
}
