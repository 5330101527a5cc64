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
 * @throws ConfigError for another scheme, no host, or a user without password
 */
export const readUrl = (text: string, schemes: readonly string[]): UrlParts => {
  const [, scheme = "", user, host = ""] = /^([a-z0-9+]+):\/\/(?:([^/?#]*)@)?([^/?#]*)/.exec(text) ?? [];
  if (!schemes.includes(scheme))
    throw new ConfigError(
      `${scheme === "" ? "no URL" : `a ${scheme} URL`}, expected one with ${anyOf(schemes.map((each) => `${each}://`))}`,
    );
  if (host === "" && !scheme.startsWith("unix")) throw new ConfigError(`${scheme}:// without a host`);
  if (/\s/.test(text)) throw new ConfigError("a URL with a blank in it, expected %20 instead");
  const [name = "", password = ""] = user === undefined ? [] : user.split(/:(.*)/s);
  if (user !== undefined && (name === "" || password === ""))
    throw new ConfigError("a URL with only one of user and password, expected USER:PASSWORD@ or neither");
  return { scheme, user, host };
};
