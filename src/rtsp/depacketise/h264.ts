import { copyBytes, joinBytes, type Payload } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import { avcReorderDepth } from "../../media/avc-sps.ts";
import { BitReader } from "../../media/bit-reader.ts";
import { tolerate } from "../../media/tolerate.ts";
import type { RtpPacket } from "../rtp.ts";
import type { MediaFormat } from "../sdp.ts";
import { encodeAvcConfig } from "./avc-config.ts";
import type { AccessUnit, Depacketiser, PieceRun } from "./depacketiser.ts";
import { avcHeader, joined, lengthPrefixed } from "./flv-body.ts";
import { ParameterSets, parseSprop } from "./parameter-sets.ts";
import { type AssembledUnit, UnitAssembler } from "./unit-assembler.ts";

const nalTypes = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8, delimiter: 9, stapA: 24, fuA: 28 } as const;

const typeOf = (run: PieceRun): number => (run[0]?.[0] ?? 0) & 0x1f;

const isSlice = (type: number): boolean => type >= nalTypes.slice && type <= nalTypes.idr;

/** H.264, packetization modes 0 and 1. RFC 6184. Parameter sets come from the SDP and from the stream, and may change. */
export class H264Depacketiser implements Depacketiser {
  readonly kind = "video";
  readonly codec = "H264";
  readonly clockRate: number;
  readonly needsConfig = true;
  reorderDepth: number | undefined;
  config: Payload | undefined;
  readonly #sets = new ParameterSets();
  readonly #assembler = new UnitAssembler();
  /** Where these hold, they belong to the next access unit that is given. */
  #isAfterLoss = false;
  #isChanged = false;

  constructor(format: MediaFormat) {
    this.clockRate = format.clockRate;
    // Backwards, because a new set goes in front of those before it.
    for (const nal of parseSprop(format.parameters.get("sprop-parameter-sets")).reverse()) this.#put(nal);
    this.#renew();
  }

  receive(packet: RtpPacket): readonly AccessUnit[] {
    const { payload } = packet;
    const units: AccessUnit[] = [];
    const ended = this.#assembler.begin(packet, isStart(payload));
    this.#unpack(payload);
    if (ended) this.#finish(ended, units);
    // Some cameras set the marker on parameter sets too: the picture is still to come.
    if (
      packet.marker &&
      !this.#assembler.units.some((run) => isSlice(typeOf(run))) &&
      !this.#assembler.isFragmented
    )
      return units;
    if (packet.marker) {
      const unit = this.#assembler.finish();
      if (unit) this.#finish(unit, units);
    }
    return units;
  }

  body(unit: AccessUnit, compositionMs: number): Payload {
    return lengthPrefixed(avcHeader(1, unit.isKey, compositionMs), unit.units);
  }

  #unpack(payload: Uint8Array): void {
    const header = payload[0] ?? 0;
    const type = header & 0x1f;
    if (type === nalTypes.stapA) this.#unpackAggregate(payload);
    else if (type === nalTypes.fuA) this.#unpackFragment(payload);
    else if (type >= 1 && type < nalTypes.stapA) this.#assembler.add(payload);
    else this.#refuse(`NAL unit of type ${type}, expected 1 to 24 or 28`);
  }

  #unpackAggregate(payload: Uint8Array): void {
    for (let at = 1; at < payload.length; ) {
      const length = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
      at += 2;
      if (at + length > payload.length)
        this.#refuse(`${length} bytes in a STAP-A of which ${payload.length - at} are left`);
      if (length > 0) this.#assembler.add(payload.subarray(at, at + length));
      at += length;
    }
  }

  #unpackFragment(payload: Uint8Array): void {
    const [indicator = 0, header = 0] = payload;
    if (payload.length < 3) this.#refuse("FU-A without a fragment");
    const fragment = payload.subarray(2);
    if (header & 0x80) {
      this.#assembler.startFragments(new Uint8Array([(indicator & 0xe0) | (header & 0x1f)]), fragment);
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
    let isPicture = false;
    for (const run of assembled.units) {
      const type = typeOf(run);
      if (type === nalTypes.sps || type === nalTypes.pps)
        this.#isChanged = this.#put(joinBytes(run)) || this.#isChanged;
      else if (type !== nalTypes.delimiter) rest.push(run);
      isPicture ||= isSlice(type);
      isKey ||= type === nalTypes.idr || (type === nalTypes.sei && isRecoveryPoint(run));
    }
    if (!isPicture) return;
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
    const type = (nal[0] ?? 0) & 0x1f;
    if (type !== nalTypes.sps && type !== nalTypes.pps) return false;
    // The id comes first in a PPS, and behind profile and level in an SPS.
    const id = tolerate(() => new BitReader(nal.subarray(type === nalTypes.sps ? 4 : 1)).count(255));
    return id !== undefined && this.#sets.put(type, id, nal);
  }

  /** Makes the configuration of the parameter sets there are. False while one is missing. */
  #renew(): boolean {
    const sps = this.#sets.of(nalTypes.sps);
    const pps = this.#sets.of(nalTypes.pps);
    if (!sps[0] || !pps[0]) return false;
    const [first] = sps;
    this.reorderDepth = tolerate(() => avcReorderDepth(first));
    this.config = copyBytes(joined(avcHeader(0, true, 0), [[encodeAvcConfig(sps, pps)]]));
    return true;
  }
}

/** True when a payload begins an access unit: a delimiter, parameter sets, SEI, or the first macroblock of a picture. */
const isStart = (payload: Uint8Array): boolean => {
  const [header = 0, second = 0, third = 0] = payload;
  const type = header & 0x1f;
  if (type === nalTypes.stapA) return startsUnit((payload[3] ?? 0) & 0x1f, payload[4] ?? 0);
  if (type === nalTypes.fuA) return (second & 0x80) !== 0 && startsUnit(second & 0x1f, third);
  return startsUnit(type, second);
};

/** `next` is the byte behind the NAL unit's header: a slice whose first number is 0 begins with a set bit. */
const startsUnit = (type: number, next: number): boolean =>
  isSlice(type) ? (next & 0x80) !== 0 : type >= nalTypes.sei && type <= nalTypes.delimiter;

const recoveryPoint = 6;

/** True for an SEI that says that pictures become right from here on: all that streams with a rolling refresh have. H.264 spec D.1.8. */
const isRecoveryPoint = (run: PieceRun): boolean => {
  const sei = joinBytes(run);
  for (let at = 1; at + 2 < sei.length; ) {
    let type = 0;
    let size = 0;
    for (; sei[at] === 0xff; at += 1) type += 255;
    type += sei[at++] ?? 0;
    for (; sei[at] === 0xff; at += 1) size += 255;
    size += sei[at++] ?? 0;
    if (type === recoveryPoint) return true;
    at += size;
  }
  return false;
};
