import { copyBytes, equalBytes, joinBytes, type Payload } from "../../base/bytes.ts";
import { WireError } from "../../base/errors.ts";
import { tolerate } from "../../media/tolerate.ts";
import { encodeLeb128, leb128At, type Obu, obuAt, obuType } from "../obu.ts";
import type { RtpPacket } from "../rtp.ts";
import type { MediaFormat } from "../sdp.ts";
import { encodeAv1Config } from "./av1-config.ts";
import { type AccessUnit, type Depacketiser, type PieceRun, sizeOf } from "./depacketiser.ts";
import { joined, videoFramesHeader, videoStartHeader } from "./flv-body.ts";
import { type AssembledUnit, UnitAssembler } from "./unit-assembler.ts";

const goesOnFrom = 0x80;
const goesOnInto = 0x40;

/** AV1: OBU elements to temporal units. AV1 RTP 4.3 and 4.4. The configuration comes in-band, with the sequence header. */
export class Av1Depacketiser implements Depacketiser {
  readonly kind = "video";
  readonly codec = "AV1";
  readonly clockRate: number;
  readonly needsConfig = true;
  /** Pictures that are shown late travel with those that are shown: temporal units are in order. */
  readonly reorderDepth = 0;
  config: Payload | undefined;
  #sequenceHeader: Uint8Array | undefined;
  readonly #assembler = new UnitAssembler();

  constructor(format: MediaFormat) {
    this.clockRate = format.clockRate;
  }

  receive(packet: RtpPacket): readonly AccessUnit[] {
    const { payload } = packet;
    const units: AccessUnit[] = [];
    const header = payload[0] ?? 0;
    // What begins with an element need not begin a temporal unit; a key frame that lost its beginning goes on from an element, though.
    const ended = this.#assembler.begin(packet, (header & goesOnFrom) === 0);
    this.#unpack(payload);
    if (ended) this.#finish(ended, units);
    if (packet.marker) {
      const unit = this.#assembler.finish();
      if (unit) this.#finish(unit, units);
    }
    return units;
  }

  /** In FLV each OBU has its size. */
  body(unit: AccessUnit): Payload {
    return joined(videoFramesHeader("AV1", unit.isKey, 0), unit.units);
  }

  #unpack(payload: Uint8Array): void {
    const header = payload[0];
    if (header === undefined || payload.length < 2) this.#refuse("AV1 packet without an OBU");
    const count = (header >>> 4) & 3;
    for (let at = 1, index = 1; at < payload.length; index += 1) {
      const length = count === index ? { value: payload.length - at, size: 0 } : leb128At(payload, at);
      if (!length || at + length.size + length.value > payload.length)
        this.#refuse("OBU element longer than its packet");
      at += length.size;
      const element = payload.subarray(at, at + length.value);
      at += length.value;
      this.#take(element, {
        isContinuing: index === 1 && (header & goesOnFrom) !== 0,
        isContinued: at >= payload.length && (header & goesOnInto) !== 0,
      });
    }
  }

  #take(
    element: Uint8Array,
    { isContinuing, isContinued }: { readonly isContinuing: boolean; readonly isContinued: boolean },
  ): void {
    const assembler = this.#assembler;
    if (!isContinuing && !isContinued) {
      if (element.length > 0) assembler.add(element);
      return;
    }
    if (isContinuing) assembler.addFragment(element);
    else assembler.startFragments(element);
    if (!isContinued) assembler.endFragments();
  }

  #refuse(what: string): never {
    this.#assembler.break();
    throw new WireError("RTP_PACKET", what);
  }

  #finish(assembled: AssembledUnit, units: AccessUnit[]): void {
    const sized: PieceRun[] = [];
    let isKey = false;
    let config: Payload | undefined;
    for (const run of assembled.units) {
      const element = joinBytes(run);
      const found = obuAt(element, 0, element.length);
      if (!found || found.obu.type === obuType.temporalDelimiter) continue;
      const { obu } = found;
      if (obu.type === obuType.sequenceHeader) config = this.#configure(obu) ?? config;
      isKey ||= isKeyFrame(obu);
      sized.push([withSizeFlag(obu.header), encodeLeb128(obu.payload.length), obu.payload]);
    }
    if (sized.length === 0) return;
    const { timestamp, isAfterLoss } = assembled;
    units.push({ timestamp, isAfterLoss, isKey, units: sized, ...(config && { config }) });
  }

  /** The new configuration, where the sequence header is another than before. */
  #configure(obu: Obu): Payload | undefined {
    if (this.#sequenceHeader && equalBytes(this.#sequenceHeader, obu.payload)) return undefined;
    const record = tolerate(() => encodeAv1Config(obu));
    if (!record) return undefined;
    this.#sequenceHeader = copyBytes(obu.payload);
    this.config = copyBytes(joined(videoStartHeader("AV1"), [[record]]));
    return this.config;
  }
}

const withSizeFlag = (header: Uint8Array): Uint8Array =>
  new Uint8Array([(header[0] ?? 0) | 0x02, ...header.subarray(1)]);

/** True for a key frame that is shown: show_existing_frame 0, frame_type 0. AV1 spec 5.9.2. */
const isKeyFrame = ({ type, payload }: Obu): boolean =>
  (type === obuType.frame || type === obuType.frameHeader) &&
  sizeOf([payload]) > 0 &&
  ((payload[0] ?? 0) & 0xe0) === 0;
