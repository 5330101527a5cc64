import { packetBytes } from "./packet-writer.ts";

/** Decoding times in units of 90 kHz, where something begins and where it ends. */
export interface EdgeTimes {
  readonly first: number;
  readonly last: number;
}

/** A time of 33 bits with its markers. ISO/IEC 13818-1 2.4.3.7. */
export const readStamp = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) & 0x0e) * 2 ** 29 +
  ((((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)) >> 1) * 2 ** 15 +
  ((((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0)) >> 1);

/** Where the payload of a packet begins; undefined where it has none. */
export const payloadOf = (bytes: Uint8Array, at: number): number | undefined => {
  const control = (bytes[at + 3] ?? 0) & 0x30;
  if ((control & 0x10) === 0) return undefined;
  const start = at + 4 + (control & 0x20 ? 1 + (bytes[at + 4] ?? 0) : 0);
  return start < at + packetBytes ? start : undefined;
};

/** The earliest and the latest time among some packets, the first of which begins at once; undefined where there is none. */
export const timesOf = (bytes: Uint8Array): EdgeTimes | undefined => {
  let first: number | undefined;
  let last: number | undefined;
  /** The time of the frame before the latest one of each PID: a frame lasts as long as the one before. */
  const seen = new Map<number, { time: number; step: number }>();
  for (let at = 0; at + packetBytes <= bytes.length && bytes[at] === 0x47; at += packetBytes) {
    const isStart = ((bytes[at + 1] ?? 0) & 0x40) !== 0;
    const payload = isStart ? payloadOf(bytes, at) : undefined;
    if (payload === undefined || !isPes(bytes, payload)) continue;
    const flags = bytes[payload + 7] ?? 0;
    if ((flags & 0x80) === 0) continue;
    const time = readStamp(bytes, payload + (flags & 0x40 ? 14 : 9));
    const pid = (((bytes[at + 1] ?? 0) & 0x1f) << 8) | (bytes[at + 2] ?? 0);
    const before = seen.get(pid);
    const step = before ? Math.max(0, time - before.time) : 0;
    seen.set(pid, { time, step });
    first = first === undefined ? time : Math.min(first, time);
    last = Math.max(last ?? 0, time + step);
  }
  return first === undefined || last === undefined ? undefined : { first, last };
};

/** Whether a packet of an elementary stream with a head of its own begins here. */
export const isPes = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1 && (bytes[at + 3] ?? 0) >= 0xbd;
