import { decodeAv1Config } from "../../media/av1.ts";
import type { Packet } from "../../media/packet.ts";
import { tolerate } from "../../media/tolerate.ts";
import { encodeLeb128, type Obu, obuType, splitObus } from "../obu.ts";
import { headerOf, type Packetiser, payloadOf, type RtpPayload, rtpTimeOf } from "./packetiser.ts";

// Z Y W2 N 0 0 0 · { length leb128 · OBU element } ...        AV1 RTP 4.3 and 4.4
// Z, Y: the first, last element goes on from, into another packet. W: number of elements, the last without a length. N: a new sequence.

const goesOnFrom = 0x80;
const goesOnInto = 0x40;
const newSequence = 0x08;

/** With more elements than W can count, every one has a length; three are enough for what encoders send. */
const maxElements = 3;

const headerSize = 1;

/** The longest length in front of an element. */
const lengthSize = 3;

/** One packet while it is filled. */
class Aggregate {
  readonly elements: Uint8Array[][] = [];
  size = headerSize;
  isContinued = false;
  isContinuing = false;

  pieces(flags: number): Uint8Array[] {
    const { elements } = this;
    const header =
      (this.isContinuing ? goesOnFrom : 0) |
      (this.isContinued ? goesOnInto : 0) |
      (elements.length << 4) |
      flags;
    const pieces: Uint8Array[] = [new Uint8Array([header])];
    for (const [index, element] of elements.entries()) {
      const length = element.reduce((sum, { length }) => sum + length, 0);
      if (index < elements.length - 1) pieces.push(encodeLeb128(length));
      pieces.push(...element);
    }
    return pieces;
  }
}

/** AV1: OBUs without their sizes, several in a packet or one over several. The sequence header goes out again with each key frame. */
export class Av1Packetiser implements Packetiser {
  readonly payloadType: number;
  readonly clockRate = 90000;
  #sequenceHeader: readonly Obu[] = [];

  /** `config` is the av1C, if there is one yet. */
  constructor(payloadType: number, config?: Uint8Array) {
    this.payloadType = payloadType;
    if (config) this.#configure(config);
  }

  packetise(packet: Packet, maxPayload: number): readonly RtpPayload[] {
    if (packet.codec !== "AV1") return [];
    const header = headerOf(packet);
    if (!header) return [];
    if (packet.role === "config") this.#configure(packet.payload.subarray(header.dataOffset));
    if (packet.role !== "key" && packet.role !== "frame" && packet.role !== "disposable") return [];
    let obus = splitObus(packet.payload, header.dataOffset).filter(isCarried);
    if (obus.length === 0) return [];
    const hasHeader = obus.some(({ type }) => type === obuType.sequenceHeader);
    if (packet.role === "key" && !hasHeader) obus = [...this.#sequenceHeader, ...obus];
    const flags = packet.role === "key" ? newSequence : 0;
    const aggregates = aggregate(obus, Math.max(maxPayload, headerSize + lengthSize + 1));
    const timestamp = rtpTimeOf(packet, header, this.clockRate);
    return aggregates.map((each, index) =>
      payloadOf(each.pieces(index === 0 ? flags : 0), { marker: index === aggregates.length - 1, timestamp }),
    );
  }

  #configure(config: Uint8Array): void {
    const obus = tolerate(() => splitObus(decodeAv1Config(config).obus)) ?? [];
    this.#sequenceHeader = obus.filter(({ type }) => type === obuType.sequenceHeader);
  }
}

/** Delimiters are said by the marker; tile lists are for other uses than streams. */
const isCarried = ({ type }: Obu): boolean => type !== obuType.temporalDelimiter && type !== obuType.tileList;

const aggregate = (obus: readonly Obu[], maxPayload: number): Aggregate[] => {
  let current = new Aggregate();
  const aggregates = [current];
  const next = (): void => {
    current = new Aggregate();
    aggregates.push(current);
  };
  for (const { header, payload } of obus) {
    const whole = lengthSize + header.length + payload.length;
    const isFull = current.elements.length === maxElements || current.size + whole > maxPayload;
    if (current.elements.length > 0 && isFull) next();
    let element = [header];
    for (let at = 0; ; ) {
      // An element by itself has no length; the room for one is kept only where others may follow.
      const used = current.size + element.reduce((sum, { length }) => sum + length, 0);
      const room = Math.max(1, maxPayload - used);
      element.push(payload.subarray(at, at + room));
      at += room;
      current.elements.push(element);
      current.size = used + Math.min(room, payload.length - (at - room)) + lengthSize;
      if (at >= payload.length) break;
      current.isContinued = true;
      next();
      current.isContinuing = true;
      element = [];
    }
  }
  return aggregates;
};
