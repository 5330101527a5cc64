import { ConfigError } from "../../base/errors.ts";
import { anyOf } from "../field.ts";

/** A URL in its parts, as far as they matter here. Parts may hold variables such as `$G1`. */
export interface UrlParts {
  readonly scheme: string;
  /** What stands before the `@`; undefined where there is none. */
  readonly user: string | undefined;
  /** Host and port. */
  readonly host: string;
}

/**
 * Reads a URL of one of some schemes. Its text is not in errors, as URLs hold passwords.
 * @throws ConfigError for another scheme, no host, a user without password, or a password that does not end where it seems to
 */
export const readUrl = (text: string, schemes: readonly string[]): UrlParts => {
  const [, scheme = "", user, host = ""] = /^([a-z0-9+]+):\/\/(?:([^/?#]*)@)?([^/?#]*)/.exec(text) ?? [];
  if (!schemes.includes(scheme))
    throw new ConfigError(
      `${scheme === "" ? "no URL" : `a ${scheme} URL`}, expected one with ${anyOf(schemes.map((each) => `${each}://`))}`,
    );
  if (host === "" && !scheme.startsWith("unix")) throw new ConfigError(`${scheme}:// without a host`);
  if (isCutShort(text, host))
    throw new ConfigError("a user or password with one of / ? # in it, expected %2F, %3F or %23 instead");
  if (/\s/.test(text)) throw new ConfigError("a URL with a blank in it, expected %20 instead");
  const [name = "", password = ""] = user === undefined ? [] : user.split(/:(.*)/s);
  if (user !== undefined && (name === "" || password === ""))
    throw new ConfigError("a URL with only one of user and password, expected USER:PASSWORD@ or neither");
  return { scheme, user, host };
};

/** Whether what seems to be host and port is the beginning of `user:password`, as the `@` comes only behind a slash, `?` or `#`. */
const isCutShort = (text: string, host: string): boolean => {
  const [, port] = /^(?:\[[^\]]*\]|[^:]*):(.*)$/s.exec(host) ?? [];
  const isPort =
    port === undefined ||
    port === "" ||
    /\$/.test(port) ||
    (/^\d{1,5}$/.test(port) && Number(port) <= 65_535);
  return !isPort && text.substring(text.indexOf("://") + 3 + host.length).includes("@");
};
