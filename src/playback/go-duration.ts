import { RefusedError } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";

const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

const part = /(\d+(?:\.\d*)?|\.\d+)(h|ms|m|us|µs|ns|s)/gy;

/**
 * Milliseconds of a length of time: seconds such as `200.5`, or the older form `1m30s`.
 * @throws RefusedError BAD_TIME
 */
export const parsePlayDuration = (text: string): number => {
  const seconds = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
  const ms = seconds === undefined ? goMs(text) : seconds * 1_000;
  if (ms === undefined || !Number.isFinite(ms) || ms <= 0)
    throw new RefusedError(
      "BAD_TIME",
      `invalid duration: ${printable(text)}, expected seconds such as 200.5, or 1m30s`,
    );
  return ms;
};

const goMs = (text: string): number | undefined => {
  let ms = 0;
  let length = 0;
  for (const [whole, value, unit = ""] of text.matchAll(part)) {
    ms += Number(value) * (unitMs[unit] ?? 0);
    length += whole.length;
  }
  return length > 0 && length === text.length ? ms : undefined;
};
