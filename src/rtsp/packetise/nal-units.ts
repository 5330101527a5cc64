import type { RtpPayload } from "./packetiser.ts";
import { payloadOf } from "./packetiser.ts";

/** More than this in one picture is not read: every one of them becomes a packet. */
const maxNals = 1024;

/**
 * The NAL units of a body behind lengths of `lengthSize` bytes: views, empty ones left out. What lies behind a length that does not
 * fit is left out too.
 */
export const splitNals = (body: Uint8Array, from: number, lengthSize: number): Uint8Array[] => {
  const nals: Uint8Array[] = [];
  let at = from;
  while (at + lengthSize <= body.length && nals.length < maxNals) {
    let length = 0;
    for (let i = 0; i < lengthSize; i += 1) length = length * 256 + (body[at + i] ?? 0);
    at += lengthSize;
    if (at + length > body.length) break;
    if (length > 0) nals.push(body.subarray(at, at + length));
    at += length;
  }
  return nals;
};

/** What H.264 and H.265 do differently when NAL units become payloads. */
export type NalForm = {
  /** Bytes of a NAL unit's header, 1 or 2. */
  readonly headerSize: number;
  /** The header of a packet that holds these whole NAL units. */
  readonly aggregateHeader: (nals: readonly Uint8Array[]) => Uint8Array;
  /** The headers of a fragment, in place of the NAL unit's own. */
  readonly fragmentHeader: (
    nal: Uint8Array,
    place: { readonly isFirst: boolean; readonly isLast: boolean },
  ) => Uint8Array;
};

const lengthPrefixSize = 2;

/**
 * The payloads of one access unit: those of `sets` (parameter sets) together in one packet where they fit, every other NAL unit by
 * itself, in fragments where it is too long. The marker stands on the last.
 */
export const nalPayloads = (
  unit: {
    readonly sets: readonly Uint8Array[];
    readonly nals: readonly Uint8Array[];
    readonly timestamp: number;
  },
  maxPayload: number,
  form: NalForm,
): RtpPayload[] => {
  const { sets, nals, timestamp } = unit;
  const parts: (readonly Uint8Array[])[] = [];
  const together = form.headerSize + sets.reduce((sum, set) => sum + lengthPrefixSize + set.length, 0);
  if (sets.length > 1 && together <= maxPayload) {
    parts.push([form.aggregateHeader(sets), ...sets.flatMap((set) => [lengthPrefix(set.length), set])]);
  } else {
    for (const set of sets) parts.push(...fragments(set, maxPayload, form));
  }
  for (const nal of nals) parts.push(...fragments(nal, maxPayload, form));
  return parts.map((pieces, index) => payloadOf(pieces, { marker: index === parts.length - 1, timestamp }));
};

const lengthPrefix = (length: number): Uint8Array => new Uint8Array([length >>> 8, length]);

const fragments = (nal: Uint8Array, maxPayload: number, form: NalForm): (readonly Uint8Array[])[] => {
  if (nal.length <= maxPayload) return [[nal]];
  const room = Math.max(1, maxPayload - form.headerSize - 1);
  const parts: (readonly Uint8Array[])[] = [];
  for (let at = form.headerSize; at < nal.length; at += room) {
    const place = { isFirst: at === form.headerSize, isLast: at + room >= nal.length };
    parts.push([form.fragmentHeader(nal, place), nal.subarray(at, at + room)]);
  }
  return parts;
};
