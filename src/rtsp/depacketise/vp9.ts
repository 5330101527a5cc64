import { copyBytes, joinBytes, type Payload } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import { BitReader } from "../../media/bit-reader.ts";
import { tolerate } from "../../media/tolerate.ts";
import { decodeVp9KeyFrame } from "../../media/vp9.ts";
import type { RtpPacket } from "../rtp.ts";
import type { MediaFormat } from "../sdp.ts";
import type { AccessUnit, Depacketiser } from "./depacketiser.ts";
import { joined, videoFramesHeader, videoStartHeader } from "./flv-body.ts";
import { type AssembledUnit, UnitAssembler } from "./unit-assembler.ts";

// I P L F B E V Z
// I: picture id 7 or 15 bits · L: layers u8, and without F an index u8 · F and P: up to 3 references · V: scalability structure

const flags = {
  pictureId: 0x80,
  inter: 0x40,
  layers: 0x20,
  flexible: 0x10,
  begins: 0x08,
  ends: 0x04,
  structure: 0x02,
} as const;

/** VP9 of one spatial layer. RFC 9628. The configuration is made of what the first key frame says. */
export class Vp9Depacketiser implements Depacketiser {
  readonly kind = "video";
  readonly codec = "VP9";
  readonly clockRate: number;
  readonly needsConfig = true;
  readonly reorderDepth = 0;
  config: Payload | undefined;
  readonly #assembler = new UnitAssembler();

  constructor(format: MediaFormat) {
    this.clockRate = format.clockRate;
  }

  receive(packet: RtpPacket): readonly AccessUnit[] {
    const { payload } = packet;
    const units: AccessUnit[] = [];
    const descriptor = payload[0] ?? 0;
    const ended = this.#assembler.begin(packet, (descriptor & flags.begins) !== 0);
    const data = payload.subarray(tolerate(() => descriptorSize(payload)) ?? this.#refuse());
    if (data.length === 0) this.#refuse();
    if (descriptor & flags.begins) this.#assembler.startFragments(data);
    else this.#assembler.addFragment(data);
    if (descriptor & flags.ends) this.#assembler.endFragments();
    if (ended) this.#finish(ended, units);
    if (packet.marker) {
      const unit = this.#assembler.finish();
      if (unit) this.#finish(unit, units);
    }
    return units;
  }

  body(unit: AccessUnit): Payload {
    return joined(videoFramesHeader("VP9", unit.isKey, 0), unit.units);
  }

  #refuse(): never {
    this.#assembler.break();
    throw new WireError("RTP_PACKET", "VP9 packet without a frame");
  }

  #finish({ timestamp, isAfterLoss, units: runs }: AssembledUnit, units: AccessUnit[]): void {
    const frame = joinBytes(runs.flat());
    const isKey = tolerate(() => decodeVp9KeyFrame(frame)) !== undefined;
    const config = isKey ? this.#configure(frame) : undefined;
    units.push({ timestamp, isAfterLoss, isKey, units: [[frame]], ...(config && { config }) });
  }

  /** The new configuration, where it is another than before. */
  #configure(frame: Uint8Array): Payload | undefined {
    const config = joined(videoStartHeader("VP9"), [[vpConfigOf(frame)]]);
    if (this.config && Buffer.compare(this.config, config) === 0) return undefined;
    this.config = copyBytes(config);
    return this.config;
  }
}

/** Bytes of the payload descriptor. RFC 9628 4.2. @throws WireError TRUNCATED */
const descriptorSize = (payload: Uint8Array): number => {
  const bits = new BitReader(payload);
  const first = bits.bits(8);
  if (first & flags.pictureId && bits.flag()) bits.skip(15);
  else if (first & flags.pictureId) bits.skip(7);
  if (first & flags.layers) bits.skip(first & flags.flexible ? 8 : 16);
  if (first & flags.flexible && first & flags.inter) {
    for (let reference = 0; reference < 3; reference += 1) {
      bits.skip(7);
      if (!bits.flag()) break;
    }
  }
  if (first & flags.structure) skipStructure(bits);
  return payload.length - bits.remaining / 8;
};

const skipStructure = (bits: BitReader): void => {
  const layers = bits.bits(3) + 1;
  const hasSizes = bits.flag();
  const hasPictures = bits.flag();
  bits.skip(3);
  if (hasSizes) bits.skip(32 * layers);
  if (!hasPictures) return;
  for (let pictures = bits.bits(8); pictures > 0; pictures -= 1) {
    bits.skip(4); // temporal id, switching point
    const references = bits.bits(2);
    bits.skip(2 + 8 * references);
  }
};

const bt709 = 1;
const unspecified = 2;

/** A vpcC, box version and flags in front, of a key frame's header. VP Codec ISO Media File Format Binding; VP9 spec 6.2. */
const vpConfigOf = (frame: Uint8Array): Uint8Array => {
  const bits = new BitReader(frame);
  bits.skip(2);
  const profile = bits.bit() + 2 * bits.bit();
  bits.skip(profile === 3 ? 5 : 4); // reserved, show_existing_frame, frame_type, show_frame, error_resilient_mode
  bits.skip(24);
  const depth = profile >= 2 ? (bits.flag() ? 12 : 10) : 8;
  const colour = bits.bits(3);
  const isRgb = colour === 7;
  const isFull = isRgb || bits.flag();
  const hasSubsampling = profile === 1 || profile === 3;
  const [x, y] = hasSubsampling && !isRgb ? [bits.bit(), bits.bit()] : isRgb ? [0, 0] : [1, 1];
  const subsampling = x === 0 ? 3 : y === 0 ? 2 : 1;
  const colours = colour === 2 ? bt709 : unspecified;
  const facts = (depth << 4) | (subsampling << 1) | (isFull ? 1 : 0);
  return new Uint8Array([1, 0, 0, 0, profile, 0, facts, colours, colours, isRgb ? 0 : colours, 0, 0]);
};
