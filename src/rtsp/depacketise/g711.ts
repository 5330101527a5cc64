import type { Payload } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import type { RtpPacket } from "../rtp.ts";
import type { MediaFormat } from "../sdp.ts";
import type { AccessUnit, Depacketiser } from "./depacketiser.ts";
import { joined } from "./flv-body.ts";
import { UnitAssembler } from "./unit-assembler.ts";

/** Sound formats of FLV, with samples of 16 bits as FFmpeg writes them. */
const formats = { G711A: 0x72, G711U: 0x82 } as const;

/** G.711. RFC 3551 4.5.14. */
export class G711Depacketiser implements Depacketiser {
  readonly kind = "audio";
  readonly codec: "G711A" | "G711U";
  readonly clockRate: number;
  readonly needsConfig = false;
  readonly reorderDepth = 0;
  readonly config = undefined;
  readonly #header: Uint8Array;
  readonly #assembler = new UnitAssembler();

  /** @throws WireError SDP for another rate than 8000 Hz, which FLV cannot say */
  constructor(codec: "G711A" | "G711U", format: MediaFormat) {
    if (format.clockRate !== 8000) {
      throw new WireError("SDP", `G.711 at ${format.clockRate} Hz, expected 8000`);
    }
    this.codec = codec;
    this.clockRate = format.clockRate;
    this.#header = new Uint8Array([formats[codec] | (format.channels === 2 ? 1 : 0)]);
  }

  receive(packet: RtpPacket): readonly AccessUnit[] {
    this.#assembler.begin(packet, true);
    if (packet.payload.length === 0) throw new WireError("RTP_PACKET", "G.711 packet without samples");
    this.#assembler.add(packet.payload);
    const unit = this.#assembler.finish();
    return unit ? [{ ...unit, isKey: true }] : [];
  }

  body(unit: AccessUnit): Payload {
    return joined(this.#header, unit.units);
  }
}
