/** Bytes from one offset up to another. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a `Range` header that asks for one range of a body of `size` bytes. Undefined where there is none, or one that is to be ignored:
 * of other units, of several parts, malformed. `none` where nothing of it lies in the body. RFC 9110 14.1.2.
 */
export const parseRange = (header: string | null, size: number): ByteRange | "none" | undefined => {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!match) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return undefined;
  if (first === "") return Number(last) === 0 ? "none" : { from: Math.max(0, size - Number(last)), to: size };
  if (last !== "" && Number(last) < Number(first)) return undefined;
  if (Number(first) >= size) return "none";
  return { from: Number(first), to: last === "" ? size : Math.min(size, Number(last) + 1) };
};
