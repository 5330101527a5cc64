import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";
import { parseDuration } from "../../base/units.ts";

const day = 86_400_000;

/** More than any setting needs; sums beyond it are no longer exact. */
const longest = 36_500 * day;

/**
 * Milliseconds of a duration as configuration files have it: Go's notation with days in front (`10s`, `1m30s`, `7d18h`). An empty text
 * and `0` mean zero. Below a day nanoseconds are kept as fractions, from there on microseconds.
 * @throws ConfigError for what is no duration
 */
export const parseLongDuration = (text: string): number => {
  if (text === "") return 0;
  const [, days = "0", rest = ""] = /^(?:(\d+)d)?(.*)$/s.exec(text) ?? [];
  const ms = Number(days) * day + (rest === "" ? 0 : partOf(rest, text));
  if (ms > longest) throw new ConfigError(`${printable(text)}, expected a duration of at most 36500d`);
  return rounded(ms, ms < day ? 1e6 : 1e3);
};

/** Without what sums of decimal fractions are off by. */
const rounded = (ms: number, steps: number): number => Math.round(ms * steps) / steps;

const partOf = (rest: string, whole: string): number => {
  try {
    return parseDuration(rest);
  } catch {
    throw new ConfigError(
      `${printable(whole)} is no duration, expected a number with a unit such as 500ms, 10s, 1m30s, 1h or 7d`,
    );
  }
};

/** A duration as MediaMTX writes it: `10s`, `1h0m0s`, `200ms`, `7d18h0m0s`; an empty text for zero. */
export const formatLongDuration = (ms: number): string => {
  const days = Math.floor(ms / day);
  const rest = rounded(ms - days * day, days === 0 ? 1e6 : 1e3);
  return (days > 0 ? `${days}d` : "") + (rest > 0 ? formatRest(rest) : "");
};

/** The part below a day, as Go writes it. */
const formatRest = (ms: number): string => {
  if (ms < 1) {
    const ns = Math.round(ms * 1e6);
    return ns < 1_000 ? `${ns}ns` : `${ns / 1_000}µs`;
  }
  if (ms < 1_000) return `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms - minutes * 60_000) * 1e6) / 1e9;
  if (minutes === 0) return `${seconds}s`;
  const hours = Math.floor(minutes / 60);
  return `${hours > 0 ? `${hours}h` : ""}${minutes % 60}m${seconds}s`;
};
