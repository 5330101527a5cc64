import { copyBytes, type Payload } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import { decodeAacConfig } from "../../media/aac.ts";
import { BitReader } from "../../media/bit-reader.ts";
import { tolerate } from "../../media/tolerate.ts";
import type { RtpPacket } from "../rtp.ts";
import type { MediaFormat } from "../sdp.ts";
import { configOfAac } from "./aac-config.ts";
import type { AccessUnit, Depacketiser } from "./depacketiser.ts";
import { joined } from "./flv-body.ts";
import { UnitAssembler } from "./unit-assembler.ts";

/** AAC in an FLV tag: format 10 and what the FLV spec wants behind it, whatever the sound is like. */
const flags = 0xaf;

const frameHeader = new Uint8Array([flags, 1]);

const coreSamples = 1024;

/** Access units in one packet: more would be seconds of sound. */
const maxUnits = 128;

/** AAC as mpeg4-generic. RFC 3640: several access units in a packet, or one in fragments; no interleaving. */
export class AacDepacketiser implements Depacketiser {
  readonly kind = "audio";
  readonly codec = "AAC";
  readonly clockRate: number;
  readonly needsConfig = true;
  readonly reorderDepth = 0;
  readonly config: Payload;
  readonly #sizeBits: number;
  readonly #indexBits: number;
  readonly #deltaBits: number;
  readonly #unitTime: number;
  readonly #assembler = new UnitAssembler();
  /** Bytes of the access unit in fragments that are still to come. */
  #missing = 0;

  /** @throws WireError SDP, TRUNCATED, CODEC_CONFIG when the format does not describe AAC */
  constructor(format: MediaFormat) {
    const { parameters, clockRate } = format;
    const config = configOfAac(format);
    const { hasSbr, sampleRate } = decodeAacConfig(config);
    const isLowRate = /aac-lbr/i.test(parameters.get("mode") ?? "");
    const bits = (name: string, otherwise: number): number =>
      /^\d{1,2}$/.test(parameters.get(name) ?? "") ? Math.min(32, Number(parameters.get(name))) : otherwise;
    this.clockRate = clockRate;
    this.config = copyBytes(joined(new Uint8Array([flags, 0]), [[config]]));
    this.#sizeBits = bits("sizelength", isLowRate ? 6 : 13);
    this.#indexBits = bits("indexlength", isLowRate ? 2 : 3);
    this.#deltaBits = bits("indexdeltalength", isLowRate ? 2 : 3);
    const duration = Number(parameters.get("constantduration"));
    const samples = hasSbr && clockRate === sampleRate ? 2 * coreSamples : coreSamples;
    this.#unitTime = duration > 0 && duration < 65536 ? duration : samples;
  }

  receive(packet: RtpPacket): readonly AccessUnit[] {
    const { payload, timestamp } = packet;
    // No access unit goes on behind the start of another, so that a gap takes nothing away from this packet.
    this.#assembler.begin(packet, true);
    const sizes =
      tolerate(() => this.#readSizes(payload)) ?? this.#refuse("AU headers longer than their packet");
    let at = 2 + Math.ceil((((payload[0] ?? 0) << 8) | (payload[1] ?? 0)) / 8);
    if (sizes.length === 1 && at + (sizes[0] ?? 0) > payload.length) {
      this.#takeFragment(payload.subarray(at), sizes[0] ?? 0);
      if (this.#missing > 0) return [];
    } else {
      for (const size of sizes) {
        if (at + size > payload.length)
          this.#refuse(`access unit of ${size} bytes, ${payload.length - at} left`);
        this.#assembler.add(payload.subarray(at, at + size));
        at += size;
      }
    }
    const unit = this.#assembler.finish();
    if (!unit) return [];
    return unit.units.map((run, index) => ({
      timestamp: (timestamp + index * this.#unitTime) >>> 0,
      isKey: true,
      isAfterLoss: unit.isAfterLoss && index === 0,
      units: [run],
    }));
  }

  body(unit: AccessUnit): Payload {
    return joined(frameHeader, unit.units);
  }

  #readSizes(payload: Uint8Array): number[] {
    const bits = new BitReader(payload);
    const length = bits.bits(16);
    const sizes: number[] = [];
    for (let read = 0; read < length; ) {
      const indexBits = sizes.length === 0 ? this.#indexBits : this.#deltaBits;
      read += this.#sizeBits + indexBits;
      if (this.#sizeBits === 0 || read > length || sizes.length === maxUnits) break;
      sizes.push(bits.bits(this.#sizeBits));
      bits.skip(indexBits);
    }
    return sizes;
  }

  #takeFragment(fragment: Uint8Array, size: number): void {
    if (!this.#assembler.isFragmented) {
      this.#missing = size;
      this.#assembler.startFragments();
    }
    this.#assembler.addFragment(fragment);
    this.#missing = this.#assembler.isFragmented ? Math.max(0, this.#missing - fragment.length) : 0;
    if (this.#missing === 0) this.#assembler.endFragments();
  }

  #refuse(what: string): never {
    this.#assembler.break();
    throw new WireError("RTP_PACKET", what);
  }
}
