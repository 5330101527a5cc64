import { toHex } from "../../src/base/bytes.ts";
import { WireError } from "../../src/base/errors.ts";
import type { RtspUnit } from "../../src/rtsp/message.ts";
import { RtspReader } from "../../src/rtsp/request-reader.ts";

/** What an RTSP reader makes of these reads: every unit in plain values, then perhaps the code of an error. */
export const readRtsp = (pieces: readonly Uint8Array[]): unknown[] => {
  const reader = new RtspReader();
  const seen: unknown[] = [];
  try {
    for (const piece of pieces) {
      reader.receive(piece);
      for (let unit = reader.next(); unit; unit = reader.next()) seen.push(plain(unit));
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    seen.push(error.code);
  }
  return seen;
};

const plain = (unit: RtspUnit): unknown =>
  unit.kind === "interleaved"
    ? { ...unit, payload: toHex(unit.payload) }
    : { ...unit, headers: unit.headers.fields, body: Buffer.from(unit.body).toString() };
