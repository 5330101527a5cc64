import ipaddr from "ipaddr.js";
import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";

/**
 * An IP address or network (`10.0.0.1`, `192.168.0.0/16`, `::1`) as a network: with its prefix, and without bits behind it.
 * @throws ConfigError for anything else
 */
export const parseNetwork = (text: string): string => {
  const [, host = "", bits] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const isFour = ipaddr.IPv4.isValidFourPartDecimal(host);
  const isSix = !isFour && ipaddr.IPv6.isValid(host);
  const longest = isFour ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  if (!(isFour || isSix) || prefix > longest)
    throw new ConfigError(
      `${printable(text)}, expected an IP address or network such as 10.0.0.1, 192.168.0.0/16 or ::1`,
    );
  const network = isFour
    ? ipaddr.IPv4.networkAddressFromCIDR(`${host}/${prefix}`)
    : ipaddr.IPv6.networkAddressFromCIDR(`${host}/${prefix}`);
  return `${network.toString()}/${prefix}`;
};
