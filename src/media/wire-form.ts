import type { Payload } from "../base/bytes.ts";
import type { Packet } from "./packet.ts";

/**
 * One way to write packets: a protocol with all its choices made. Two consumers that hold the same form object get the very
 * same bytes, so forms are made once per choice and shared.
 */
export interface WireForm {
  /** All packets in one run of bytes. Pure: the same packets give the same bytes, whatever was encoded before. */
  encode(packets: readonly Packet[]): Payload;
}
