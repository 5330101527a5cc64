import { ConfigError } from "../../base/errors.ts";
import { parseHostPort } from "../../base/host-port.ts";
import { printable } from "../../base/stream-path.ts";

/** What else than a host and a port may stand for where to listen. */
export interface AddressOptions {
  /** A socket of the file system, `unix://path`. */
  readonly allowsUnix?: boolean;
  /** Nothing, which means not to listen. */
  readonly allowsEmpty?: boolean;
}

/** Checks where to listen and gives it as it is. @throws ConfigError for what is none of the forms that are allowed */
export const checkAddress = (text: string, { allowsUnix, allowsEmpty }: AddressOptions = {}): string => {
  if (text === "" && allowsEmpty) return text;
  if (allowsUnix && /^unix:\/\/./.test(text)) return text;
  const forms = `:PORT, HOST:PORT${allowsUnix ? ", [IPV6]:PORT or unix://PATH" : " or [IPV6]:PORT"}`;
  try {
    if (text.includes(":")) parseHostPort(text);
    else throw new ConfigError("no port");
  } catch {
    throw new ConfigError(`${printable(text)} is no address, expected ${forms}`);
  }
  return text;
};
