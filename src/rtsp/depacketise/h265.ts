import { copyBytes, joinBytes, type Payload } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import { BitReader } from "../../media/bit-reader.ts";
import { hevcNalType } from "../../media/hevc.ts";
import { hevcReorderDepth } from "../../media/hevc-sps.ts";
import { tolerate } from "../../media/tolerate.ts";
import type { RtpPacket } from "../rtp.ts";
import type { MediaFormat } from "../sdp.ts";
import type { AccessUnit, Depacketiser, PieceRun } from "./depacketiser.ts";
import { joined, lengthPrefixed, videoFramesHeader, videoStartHeader } from "./flv-body.ts";
import { encodeHevcConfig } from "./hevc-config.ts";
import { ParameterSets, parseSprop } from "./parameter-sets.ts";
import { type AssembledUnit, UnitAssembler } from "./unit-assembler.ts";

const aggregation = 48;
const fragmentation = 49;
const delimiter = 35;

/** IRAP pictures: BLA, IDR, CRA. H.265 spec table 7-1. */
const firstIrap = 16;
const lastIrap = 21;

const typeOf = (first: number): number => (first >>> 1) & 0x3f;

const isPicture = (type: number): boolean => type < hevcNalType.vps;

const isParameterSet = (type: number): boolean => type >= hevcNalType.vps && type <= hevcNalType.pps;

/** H.265 without decoding order numbers. RFC 7798. Parameter sets come from the SDP and from the stream, and may change. */
export class H265Depacketiser implements Depacketiser {
  readonly kind = "video";
  readonly codec = "H265";
  readonly clockRate: number;
  readonly needsConfig = true;
  reorderDepth: number | undefined;
  config: Payload | undefined;
  readonly #sets = new ParameterSets();
  readonly #assembler = new UnitAssembler();
  /** Where these hold, they belong to the next access unit that is given. */
  #isAfterLoss = false;
  #isChanged = false;

  /** @throws WireError SDP for a stream with decoding order numbers, which nothing sends */
  constructor(format: MediaFormat) {
    const { parameters, clockRate } = format;
    if (Number(parameters.get("sprop-max-don-diff") ?? 0) > 0) {
      throw new WireError("SDP", "H.265 with decoding order numbers, expected sprop-max-don-diff 0");
    }
    this.clockRate = clockRate;
    const sets = ["sprop-vps", "sprop-sps", "sprop-pps"].flatMap((name) => parseSprop(parameters.get(name)));
    // Backwards, because a new set goes in front of those before it.
    for (const nal of sets.reverse()) this.#put(nal);
    this.#renew();
  }

  receive(packet: RtpPacket): readonly AccessUnit[] {
    const { payload } = packet;
    const units: AccessUnit[] = [];
    const ended = this.#assembler.begin(packet, isStart(payload));
    this.#unpack(payload);
    if (ended) this.#finish(ended, units);
    const isWaiting = !this.#assembler.units.some((run) => isPicture(typeOf(run[0]?.[0] ?? 0)));
    if (packet.marker && (!isWaiting || this.#assembler.isFragmented)) {
      const unit = this.#assembler.finish();
      if (unit) this.#finish(unit, units);
    }
    return units;
  }

  body(unit: AccessUnit, compositionMs: number): Payload {
    return lengthPrefixed(videoFramesHeader("H265", unit.isKey, compositionMs), unit.units);
  }

  #unpack(payload: Uint8Array): void {
    if (payload.length < 3) this.#refuse(`${payload.length} bytes of H.265`);
    const type = typeOf(payload[0] ?? 0);
    if (type === aggregation) this.#unpackAggregate(payload);
    else if (type === fragmentation) this.#unpackFragment(payload);
    else if (type < aggregation) this.#assembler.add(payload);
    else this.#refuse(`NAL unit of type ${type}, expected 0 to 49`);
  }

  #unpackAggregate(payload: Uint8Array): void {
    for (let at = 2; at < payload.length; ) {
      const length = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
      at += 2;
      if (at + length > payload.length)
        this.#refuse(`${length} bytes in an AP of which ${payload.length - at} are left`);
      if (length > 2) this.#assembler.add(payload.subarray(at, at + length));
      at += length;
    }
  }

  #unpackFragment(payload: Uint8Array): void {
    const [first = 0, second = 0, header = 0] = payload;
    const fragment = payload.subarray(3);
    if (header & 0x80) {
      const nalHeader = new Uint8Array([(first & 0x81) | ((header & 0x3f) << 1), second]);
      this.#assembler.startFragments(nalHeader, fragment);
    } else {
      this.#assembler.addFragment(fragment);
    }
    if (header & 0x40) this.#assembler.endFragments();
  }

  #refuse(what: string): never {
    this.#assembler.break();
    throw new WireError("RTP_PACKET", what);
  }

  /** Takes the parameter sets out of a unit and adds it to `units`, if there is a picture in it. */
  #finish(assembled: AssembledUnit, units: AccessUnit[]): void {
    this.#isAfterLoss ||= assembled.isAfterLoss;
    const rest: PieceRun[] = [];
    let isKey = false;
    let hasPicture = false;
    for (const run of assembled.units) {
      const type = typeOf(run[0]?.[0] ?? 0);
      if (isParameterSet(type)) this.#isChanged = this.#put(joinBytes(run)) || this.#isChanged;
      else if (type !== delimiter) rest.push(run);
      hasPicture ||= isPicture(type);
      isKey ||= type >= firstIrap && type <= lastIrap;
    }
    if (!hasPicture) return;
    const isChanged = this.#isChanged && this.#renew();
    this.#isChanged = false;
    units.push({
      timestamp: assembled.timestamp,
      isKey,
      isAfterLoss: this.#isAfterLoss,
      units: rest,
      ...(isChanged && this.config && { config: this.config }),
    });
    this.#isAfterLoss = false;
  }

  #put(nal: Uint8Array): boolean {
    const type = typeOf(nal[0] ?? 0);
    if (!isParameterSet(type) || nal.length < 4) return false;
    const id = tolerate(() => idOf(type, nal));
    return id !== undefined && this.#sets.put(type, id, nal);
  }

  /** Makes the configuration of the parameter sets there are. False while one is missing, or the SPS cannot be read. */
  #renew(): boolean {
    const [vps, sps, pps] = [hevcNalType.vps, hevcNalType.sps, hevcNalType.pps].map((type) =>
      this.#sets.of(type),
    );
    const first = sps?.[0];
    if (!vps || !sps || !pps?.[0] || !first) return false;
    const record = tolerate(() => encodeHevcConfig({ vps, sps, pps }));
    if (!record) return false;
    this.reorderDepth = tolerate(() => hevcReorderDepth(first));
    this.config = copyBytes(joined(videoStartHeader("H265"), [[record]]));
    return true;
  }
}

/** The id of a parameter set: 4 bits in a VPS, behind profile and level in an SPS, first in a PPS. */
const idOf = (type: number, nal: Uint8Array): number => {
  const bits = new BitReader(nal.subarray(2));
  if (type === hevcNalType.vps) return bits.bits(4);
  // Of SPS, real streams have one; a second of the same id replaces it whole.
  return type === hevcNalType.sps ? 0 : bits.count(63);
};

/** True when a payload begins an access unit: a delimiter, parameter sets, SEI, or the first segment of a picture. */
const isStart = (payload: Uint8Array): boolean => {
  const [first = 0, , third = 0, fourth = 0] = payload;
  const type = typeOf(first);
  if (type === aggregation) return startsUnit(typeOf(payload[4] ?? 0), payload[6] ?? 0);
  if (type === fragmentation) return (third & 0x80) !== 0 && startsUnit(third & 0x3f, fourth);
  return startsUnit(type, third);
};

/** `next` is the byte behind the NAL unit's header: first_slice_segment_in_pic_flag comes first in it. */
const startsUnit = (type: number, next: number): boolean =>
  isPicture(type) ? (next & 0x80) !== 0 : type <= delimiter || type === hevcNalType.prefixSei;
