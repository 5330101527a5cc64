import { ConfigError } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";
import { parseDuration, parseSize } from "../base/units.ts";

/**
 * Reads a secret: the text itself, or `file:/PATH`, which is opened by whoever needs it.
 * @throws ConfigError that does not repeat what was given
 */
export const parseSecret = (text: string): string => {
  if (text.trim() === "" || text === "file:")
    throw new ConfigError("the secret is empty, expected a text or file:/PATH");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  if (/[\u0000-\u001f\u007f]/.test(text.trimEnd()))
    throw new ConfigError("the secret has control characters, expected a text or file:/PATH");
  return text;
};

/** Reads a duration within bounds that are durations too. @throws ConfigError naming what was given and what is accepted */
export const durationFrom =
  (min: string, max: string) =>
  (text: string): number => {
    const ms = parseDuration(text);
    if (!(ms >= parseDuration(min) && ms <= parseDuration(max)))
      throw new ConfigError(`${JSON.stringify(text)}, expected a duration from ${min} to ${max}`);
    return ms;
  };

/** So many events in so much time. */
export interface RateLimitText {
  readonly maxEvents: number;
  readonly windowMs: number;
}

/** More than this is no limit. */
export const maxRate = 1_000_000;

/** A year: what is longer is a mistake. */
export const longest = "8760h";

/** Reads `10/1m`: ten events a minute. @throws ConfigError naming what was given and what is accepted */
export const parseRateLimit = (text: string): RateLimitText => {
  const expected = "expected N/DURATION such as 10/1m";
  const [, count, window] = /^\s*(\d+)\s*\/\s*(\S+)\s*$/.exec(text) ?? [];
  if (count === undefined || window === undefined)
    throw new ConfigError(`${JSON.stringify(text)}, ${expected}`);
  let windowMs: number;
  try {
    windowMs = durationFrom("1ms", longest)(window);
  } catch (error) {
    throw new ConfigError(`${JSON.stringify(text)}, ${expected}`, { cause: error });
  }
  const maxEvents = Number(count);
  if (maxEvents < 1 || maxEvents > maxRate)
    throw new ConfigError(`${JSON.stringify(text)}, expected 1 to ${maxRate} events, such as 10/1m`);
  return { maxEvents, windowMs };
};

/**
 * Reads `Name: value`, as a header is written. Which names and values will do is for the hooks to say.
 * @throws ConfigError that does not repeat the value, which may be a secret
 */
export const parseHeader = (text: string): readonly [name: string, value: string] => {
  const at = text.indexOf(":");
  const name = text.substring(0, Math.max(0, at)).trim();
  if (name === "")
    throw new ConfigError("no name of a header, expected 'NAME: VALUE' such as 'X-Source: studio'");
  const value = text.substring(at + 1).trim();
  if (value === "")
    throw new ConfigError(
      `header ${printable(name)} has no value, expected 'NAME: VALUE' such as 'X-Source: studio'`,
    );
  return [name, value];
};

/** Claims that have flags of their own, or are made for each token. */
const ownClaims: Readonly<Record<string, string>> = {
  iss: "--hook-auth-jwt-issuer",
  sub: "--hook-auth-jwt-subject",
  aud: "--hook-auth-jwt-audience",
  exp: "--hook-auth-jwt-ttl",
};

/** Reads `name=value`, split at the first `=`. @throws ConfigError naming what is accepted */
export const parseClaim = (text: string): readonly [name: string, value: string] => {
  const at = text.indexOf("=");
  if (at < 1) throw new ConfigError(`${JSON.stringify(text)}, expected NAME=VALUE such as room=studio`);
  const name = text.substring(0, at);
  if (Object.hasOwn(ownClaims, name))
    throw new ConfigError(`the claim ${name} has a flag of its own, expected ${ownClaims[name]}`);
  if (["iat", "nbf", "jti"].includes(name))
    throw new ConfigError(`the claim ${name} is made for each token, expected another one`);
  return [name, text.substring(at + 1)];
};

/** How much may wait for delivery. */
export interface QueueBound {
  readonly maxBytes: number;
  readonly maxEvents: number;
}

/** What holds where only the other half is given. */
const usualBound: QueueBound = { maxBytes: 1024 ** 3, maxEvents: 1_000_000 };

/** Less than this holds hardly more than the empty tables and their log. */
const minQueueBytes = 1024 ** 2;

/**
 * Reads a bound on what waits: `1G` is a size, `1000000` is a number of events, `1G,1000000` is both.
 * @throws ConfigError naming what was given and what is accepted
 */
export const parseQueueBound = (text: string): QueueBound => {
  const fault = new ConfigError(
    `${JSON.stringify(text)}, expected a size of at least 1M with its unit (512M, 1G), a number of events (1000000), or both as 1G,1000000`,
  );
  const parts = text.split(",").map((part) => part.trim());
  const counts = parts.filter((part) => /^\d{1,15}$/.test(part));
  const sizes = parts.filter((part) => /[a-z]$/i.test(part));
  if (counts.length > 1 || sizes.length > 1 || counts.length + sizes.length !== parts.length) throw fault;
  const maxEvents = counts[0] === undefined ? usualBound.maxEvents : Number(counts[0]);
  const maxBytes = sizes[0] === undefined ? usualBound.maxBytes : sizeOf(sizes[0], fault);
  if (maxEvents < 1 || maxBytes < minQueueBytes) throw fault;
  return { maxBytes, maxEvents };
};

const sizeOf = (text: string, fault: ConfigError): number => {
  try {
    return parseSize(text);
  } catch {
    throw fault;
  }
};
