import { RefusedError } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";

/** Microseconds since 1970: what names of recordings tell. Exact in a number. */
export type Microseconds = number;

const digits = (value: number, width: number): string => String(value).padStart(width, "0");

/** A moment in parts of this machine's local time, as text. */
export interface LocalParts {
  readonly Y: string;
  readonly m: string;
  readonly d: string;
  readonly H: string;
  readonly M: string;
  readonly S: string;
  /** Microseconds, six digits. */
  readonly f: string;
  /** Offset from UTC in minutes. */
  readonly offset: number;
}

/** The parts of a moment in local time. */
export const localParts = (time: Microseconds): LocalParts => {
  const date = new Date(Math.floor(time / 1_000));
  return {
    Y: digits(date.getFullYear(), 4),
    m: digits(date.getMonth() + 1, 2),
    d: digits(date.getDate(), 2),
    H: digits(date.getHours(), 2),
    M: digits(date.getMinutes(), 2),
    S: digits(date.getSeconds(), 2),
    f: digits(time % 1_000_000, 6),
    offset: -date.getTimezoneOffset(),
  };
};

/** An offset in minutes as `Z`, `+0200` or `+02:00`. */
export const formatOffset = (minutes: number, separator = ""): string => {
  if (minutes === 0) return "Z";
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${digits(Math.floor(size / 60), 2)}${separator}${digits(size % 60, 2)}`;
};

/** Minutes of an offset: `Z`, `+0200` or `+02:00`. */
export const parseOffset = (text: string): number => {
  if (text === "Z") return 0;
  const sign = text.startsWith("-") ? -1 : 1;
  return sign * (Number(text.substring(1, 3)) * 60 + Number(text.substring(text.length - 2)));
};

/** RFC 3339 with this machine's offset and as many digits behind the second as it takes: `2026-08-22T10:00:00.123456+02:00`. */
export const formatStart = (time: Microseconds): string => {
  const { Y, m, d, H, M, S, f, offset } = localParts(time);
  const fraction = f.replace(/0+$/, "");
  return `${Y}-${m}-${d}T${H}:${M}:${S}${fraction === "" ? "" : `.${fraction}`}${formatOffset(offset, ":")}`;
};

/**
 * Reads RFC 3339. A blank counts as the `+` that it was before it came through a URL.
 * @throws RefusedError BAD_TIME
 */
export const parseStart = (text: string): Microseconds => {
  const match =
    /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[-+ ]\d\d:\d\d)$/.exec(text) ?? [];
  const [, day = "", clock = "", fraction = "", zone = ""] = match;
  const ms = Date.parse(`${day}T${clock}${zone.toUpperCase().replace(" ", "+")}`);
  if (Number.isNaN(ms))
    throw new RefusedError(
      "BAD_TIME",
      `${printable(text)} is no time, expected RFC 3339 such as 2026-08-22T10:00:00.5+02:00`,
    );
  return ms * 1_000 + Number(fraction.padEnd(6, "0").substring(0, 6));
};
