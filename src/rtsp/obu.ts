/** OBU types. AV1 spec 6.2.2. */
export const obuType = {
  sequenceHeader: 1,
  temporalDelimiter: 2,
  frameHeader: 3,
  frame: 6,
  tileList: 8,
} as const;

/** An OBU apart from its size. */
export type Obu = {
  readonly type: number;
  /** One byte, or two with an extension; the flag that a size follows is not set. */
  readonly header: Uint8Array;
  /** A view. */
  readonly payload: Uint8Array;
};

/** A number of 7 bits per byte, lowest first, and how many bytes it takes; undefined where it is cut off or too long. AV1 spec 4.10.5. */
export const leb128At = (
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly size: number } | undefined => {
  let value = 0;
  for (let i = 0; i < 5; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, size: i + 1 };
  }
  return undefined;
};

/** `value` in as few bytes as it takes. */
export const encodeLeb128 = (value: number): Uint8Array => {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return new Uint8Array(bytes);
};

/** Reads the header of an OBU that lies at `at`, up to `end`; undefined where it does not fit. */
export const obuAt = (
  bytes: Uint8Array,
  at: number,
  end: number,
): { readonly obu: Obu; readonly next: number } | undefined => {
  const first = bytes[at];
  if (first === undefined || at >= end || first & 0x80) return undefined;
  const headerSize = first & 0x04 ? 2 : 1;
  const size = first & 0x02 ? leb128At(bytes, at + headerSize) : { value: end - at - headerSize, size: 0 };
  if (!size) return undefined;
  const from = at + headerSize + size.size;
  const next = from + size.value;
  if (from > end || next > end) return undefined;
  const header =
    headerSize === 2 ? new Uint8Array([first & ~0x02, bytes[at + 1] ?? 0]) : new Uint8Array([first & ~0x02]);
  return { obu: { type: (first >>> 3) & 0x0f, header, payload: bytes.subarray(from, next) }, next };
};

/** More in one temporal unit is not read. */
const maxObus = 1024;

/** The OBUs in `bytes` from `at` on; those behind one that does not fit are left out. */
export const splitObus = (bytes: Uint8Array, at = 0): Obu[] => {
  const obus: Obu[] = [];
  for (let from = at; from < bytes.length && obus.length < maxObus; ) {
    const found = obuAt(bytes, from, bytes.length);
    if (!found) break;
    obus.push(found.obu);
    from = found.next;
  }
  return obus;
};
