import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";

const units = ["B", "K", "M", "G", "T"] as const;

/**
 * Bytes of a size with its unit, such as `512K`, `50M` or `1.5GiB`; all units are powers of 1024.
 * @throws ConfigError for what is no size
 */
export const parseUnitSize = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?|b)$/i.exec(text);
  const power = units.findIndex((unit) => unit === (match?.[2] ?? "B").toUpperCase());
  const bytes = Math.round(Number(match?.[1]) * 1024 ** power);
  if (!Number.isSafeInteger(bytes))
    throw new ConfigError(
      `${printable(text)} is no size, expected a number with a unit such as 512K, 50M or 1G`,
    );
  return bytes;
};

/** A size in the largest unit that leaves a whole number: `50M`, `1000B`. */
export const formatUnitSize = (bytes: number): string => {
  const power = bytes === 0 ? 0 : units.findLastIndex((_, index) => bytes % 1024 ** index === 0);
  return `${bytes / 1024 ** power}${units[power]}`;
};
