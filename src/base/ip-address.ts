import ipaddr from "ipaddr.js";

/** An IP address of either kind. */
export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** An IP address, IPv4 that is mapped into IPv6 as IPv4; undefined for what is none. */
export const parseIpAddress = (text: string): IpAddress | undefined => {
  const bare = text.replace(/%.*$/s, "");
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
};

/** The first half of an IPv6 address, in bytes. */
const networkBytes = 8;

/**
 * What counts as one client: `192.0.2.1`, but `2001:db8::/64` of IPv6, as whoever has one address there has all of them. What is no
 * address stands for itself.
 */
export const clientNetwork = (ip: string): string => {
  const address = parseIpAddress(ip);
  if (!address) return ip;
  if (address.kind() === "ipv4") return address.toString();
  const bytes = address.toByteArray().fill(0, networkBytes);
  return `${ipaddr.fromByteArray(bytes).toString()}/64`;
};
