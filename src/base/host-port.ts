import { ConfigError } from "./errors.ts";

/** A TCP address. An empty host stands for every interface. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `:1935`, `1935`, `127.0.0.1:1935`, `[::1]:1935` or `localhost:1935`.
 * @throws ConfigError naming what was given and what is accepted
 */
export const parseHostPort = (text: string): HostPort => {
  const match = /^(?:(?:\[([0-9a-fA-F:.%a-z]+)\]|([^:[\]\s]*)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) {
    throw new ConfigError(
      `${JSON.stringify(text)} is no address, expected :PORT, HOST:PORT or [IPV6]:PORT with a port from 0 to 65535`,
    );
  }
  return { host: match[1] ?? match[2] ?? "", port };
};

/** The address as text, IPv6 in brackets, IPv4 that came mapped into IPv6 as plain IPv4. */
export const formatHostPort = ({ host, port }: HostPort): string => {
  const plain = host.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
};

/** Address and port of `127.0.0.1:1935` or `[::1]:1935`. */
export const splitAddress = (text: string): { ip: string; port: number } => {
  const at = text.lastIndexOf(":");
  return { ip: text.substring(0, at).replace(/^\[|\]$/g, ""), port: Number(text.substring(at + 1)) };
};
