import { ConfigError } from "../base/errors.ts";
import { formatHostPort, type HostPort, parseHostPort } from "../base/host-port.ts";

/** Where an HTTP server listens: a TCP address, whose empty host means every interface, or the path of a Unix socket. */
export type HttpAddress = HostPort | { readonly unix: string };

const unixScheme = "unix://";

/** The longest path of a socket that Linux takes, in bytes, the NUL behind it not counted. */
const maxUnixBytes = 107;

/**
 * Reads `unix:///run/api.sock`, and whatever `parseHostPort` reads.
 * @throws ConfigError naming what was given and what is accepted
 */
export const parseHttpAddress = (text: string): HttpAddress => {
  if (!text.startsWith(unixScheme)) return parseHostPort(text);
  const unix = text.substring(unixScheme.length);
  const size = Buffer.byteLength(unix);
  if (size === 0 || size > maxUnixBytes || unix.includes("\0"))
    throw new ConfigError(
      `${JSON.stringify(text)} is no address, expected unix:// and a path of 1 to ${maxUnixBytes} bytes`,
    );
  return { unix };
};

/** The address as text, in the form that {@link parseHttpAddress} reads. */
export const formatHttpAddress = (address: HttpAddress): string =>
  "unix" in address ? `${unixScheme}${address.unix}` : formatHostPort(address);
