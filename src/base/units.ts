import { ConfigError } from "./errors.ts";

const durationUnits: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Milliseconds of a duration in Go's notation: `200ms`, `10s`, `1m30s`, `1.5h`, `0`.
 * @throws ConfigError naming what was given and what is accepted
 */
export const parseDuration = (text: string): number => {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join("") === text;
  if (text === "0") return 0;
  if (!isWhole)
    throw new ConfigError(
      `${JSON.stringify(text)} is no duration, expected a number with a unit such as 500ms, 10s, 1m30s or 1h`,
    );
  let total = 0;
  for (const [, number, unit] of parts) total += Number(number) * (durationUnits[unit ?? ""] ?? 0);
  return total;
};

const sizeUnits: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * Bytes of a size: `65536`, `512K`, `50M`, `1G` (powers of 1024; `KB`, `MiB` and so on are taken too).
 * @throws ConfigError naming what was given and what is accepted
 */
export const parseSize = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmg]?)(?:i?b)?$/i.exec(text);
  const unit = match ? sizeUnits[(match[2] ?? "").toLowerCase()] : undefined;
  if (!match || unit === undefined) {
    throw new ConfigError(
      `${JSON.stringify(text)} is no size, expected a number of bytes or one with K, M or G, such as 512K or 16M`,
    );
  }
  return Math.round(Number(match[1]) * unit);
};

/** A duration as a person writes it: `250ms`, `10s`, `1m30s`, `2h`. */
export const formatDuration = (ms: number): string => {
  if (Math.round(ms) < 1_000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  return parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : "")).join("");
};

/** A size as a person writes it, in powers of 1024: `512K`, `16M`. */
export const formatSize = (bytes: number): string => {
  for (const [unit, factor] of [
    ["G", 1024 ** 3],
    ["M", 1024 ** 2],
    ["K", 1024],
  ] as const) {
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
};
