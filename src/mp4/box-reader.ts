/** A box in some bytes; offsets count from where those begin. */
export interface Box {
  readonly type: string;
  /** Where its head begins. */
  readonly start: number;
  /** Where what it holds begins. */
  readonly body: number;
  /** Where it ends; it may lie beyond the bytes that are at hand. */
  readonly end: number;
}

const u32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)) >>>
  0;

const shortHead = 8;
const longHead = 16;

/**
 * The head of the box at `at`. Undefined where fewer bytes than its head are at hand, or it is none. A box that goes on to the end of
 * its file ends at infinity.
 */
export const readBoxHead = (bytes: Uint8Array, at: number): Box | undefined => {
  if (at + shortHead > bytes.length) return undefined;
  const size = u32(bytes, at);
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  if (size === 0) return { type, start: at, body: at + shortHead, end: Number.POSITIVE_INFINITY };
  if (size !== 1)
    return size < shortHead ? undefined : { type, start: at, body: at + shortHead, end: at + size };
  if (at + longHead > bytes.length) return undefined;
  const long = u32(bytes, at + 8) * 2 ** 32 + u32(bytes, at + 12);
  return long < longHead ? undefined : { type, start: at, body: at + longHead, end: at + long };
};

/** The boxes that lie whole in `bytes` between two offsets, up to the first that does not. */
export function* boxesIn(bytes: Uint8Array, from = 0, to = bytes.length): Generator<Box> {
  for (let at = from; at < to; ) {
    const box = readBoxHead(bytes, at);
    if (!box || box.end > to) return;
    yield box;
    at = box.end;
  }
}

/** The first box of a type among those between two offsets. */
export const findBox = (
  bytes: Uint8Array,
  type: string,
  { body, end }: Pick<Box, "body" | "end"> = { body: 0, end: bytes.length },
): Box | undefined => {
  for (const box of boxesIn(bytes, body, end)) if (box.type === type) return box;
  return undefined;
};

/** The box under a path of types, the outermost first. */
export const findDeep = (bytes: Uint8Array, path: readonly string[], inside?: Box): Box | undefined => {
  let found = inside;
  for (const type of path) {
    found = findBox(bytes, type, found);
    if (!found) return undefined;
  }
  return found;
};
