import { WireError } from "../../base/errors.ts";
import { maxAccessUnitBytes, maxAccessUnitPieces } from "../limits.ts";
import type { RtpPacket } from "../rtp.ts";
import type { PieceRun } from "./depacketiser.ts";

/** A whole access unit, before anybody looked into it. */
export type AssembledUnit = {
  readonly timestamp: number;
  readonly units: readonly PieceRun[];
  /** Something in front of it was lost or dropped. */
  readonly isAfterLoss: boolean;
};

/**
 * Gathers the parts of one access unit: whole ones, and ones that come in fragments over several packets. A unit ends with the marker,
 * or where the RTP time changes because a sender sets none. One that misses a packet is dropped.
 */
export class UnitAssembler {
  #expected: number | undefined;
  #timestamp: number | undefined;
  #units: PieceRun[] = [];
  #fragments: Uint8Array[] | undefined;
  #bytes = 0;
  #pieces = 0;
  #isBroken = false;
  #hasLost = false;

  /**
   * Takes note of the next packet, in front of its parts. `isStart`: its payload is for certain the first of an access unit, so that a
   * gap in front of it took nothing away from it. Gives the unit that ended without a marker.
   */
  begin(packet: RtpPacket, isStart: boolean): AssembledUnit | undefined {
    const isGap = packet.sequence !== this.#expected;
    if (isGap && this.#expected !== undefined) this.#hasLost = true;
    this.#expected = (packet.sequence + 1) & 0xffff;
    const isNew = this.#timestamp !== packet.timestamp;
    if (isGap && this.#timestamp !== undefined) this.#isBroken = true;
    const ended = isNew ? this.finish() : undefined;
    if (isNew && isGap) this.#isBroken = !isStart;
    this.#timestamp = packet.timestamp;
    return ended;
  }

  /** Adds a whole part. @throws WireError RTP_PACKET beyond a limit */
  add(part: Uint8Array): void {
    if (this.#fragments) this.break();
    this.#count(part);
    if (!this.#isBroken) this.#units.push([part]);
  }

  /** Begins a part that comes in fragments. @throws WireError RTP_PACKET beyond a limit */
  startFragments(...pieces: Uint8Array[]): void {
    if (this.#fragments) this.break();
    for (const piece of pieces) this.#count(piece);
    if (!this.#isBroken) this.#fragments = pieces;
  }

  /** Adds to the part that comes in fragments; one without a beginning breaks the unit. @throws WireError RTP_PACKET beyond a limit */
  addFragment(piece: Uint8Array): void {
    this.#count(piece);
    if (this.#isBroken) return;
    if (this.#fragments) this.#fragments.push(piece);
    else this.break();
  }

  /** The part that comes in fragments is whole. */
  endFragments(): void {
    if (this.#fragments && !this.#isBroken) this.#units.push(this.#fragments);
    this.#fragments = undefined;
  }

  /** True while a part waits for more fragments. */
  get isFragmented(): boolean {
    return this.#fragments !== undefined;
  }

  /** The parts gathered by now. */
  get units(): readonly PieceRun[] {
    return this.#units;
  }

  /** The unit under way is of no use. */
  break(): void {
    this.#isBroken = true;
    this.#units = [];
    this.#fragments = undefined;
  }

  /** Ends the access unit and gives it; undefined where it was broken or has no parts. */
  finish(): AssembledUnit | undefined {
    const units = this.#units;
    const timestamp = this.#timestamp;
    const isBroken = this.#isBroken || this.#fragments !== undefined;
    this.#units = [];
    this.#fragments = undefined;
    this.#bytes = 0;
    this.#pieces = 0;
    this.#isBroken = false;
    this.#timestamp = undefined;
    if (isBroken) this.#hasLost = true;
    if (isBroken || units.length === 0 || timestamp === undefined) return undefined;
    const isAfterLoss = this.#hasLost;
    this.#hasLost = false;
    return { timestamp, units, isAfterLoss };
  }

  #count(piece: Uint8Array): void {
    this.#bytes += piece.length;
    this.#pieces += 1;
    if (this.#bytes <= maxAccessUnitBytes && this.#pieces <= maxAccessUnitPieces) return;
    this.break();
    throw new WireError(
      "RTP_PACKET",
      `access unit of ${this.#bytes} bytes in ${this.#pieces} pieces, expected at most ${maxAccessUnitBytes} in ${maxAccessUnitPieces}`,
    );
  }
}
