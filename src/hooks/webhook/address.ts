import ipaddr from "ipaddr.js";
import type { EgressPolicy } from "./webhook-settings.ts";

/**
 * How far an address reaches. `forbidden` is what no receiver has: link-local and metadata addresses, multicast, broadcast and the
 * unspecified one, which is this machine by another name. `reserved` is everything else that the Internet does not route.
 */
export type AddressReach = "loopback" | "private" | "public" | "reserved" | "forbidden";

/** Prefixes of IPv6 that wrap an IPv4 address, and the 16-bit group where that begins: mapped, translated (twice), NAT64, 6to4. */
const wrappings: readonly (readonly [ranges: readonly string[], group: number])[] = [
  [["ipv4Mapped", "rfc6145", "rfc6052"], 6],
  [["6to4"], 1],
];

/** Where clouds tell a machine its own credentials, beside the link-local addresses: EC2, Google, Alibaba, Oracle, Azure. */
const metadata = [
  "fd00:ec2::/32",
  "fd20:ce::254/128",
  "100.100.100.200/32",
  "192.0.0.192/32",
  "168.63.129.16/32",
].map((text) => ipaddr.parseCIDR(text));

/** NAT64 for use within one network (RFC 8215): its last 32 bits are an IPv4 address as well. */
const localNat64 = ipaddr.parseCIDR("64:ff9b:1::/48");

/** IPv4 addresses once were written as the last 32 bits of IPv6 ones. `::` and `::1` are not among them. */
const compatible = ipaddr.parseCIDR("::/96");

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const isWithin = (address: Address, network: [Address, number]): boolean =>
  address.kind() === network[0].kind() && address.match(network);

/** The IPv4 address within an IPv6 one; the address itself where there is none. */
const unwrapped = (address: Address): Address => {
  if (address.kind() === "ipv4") return address;
  const { parts } = address as ipaddr.IPv6;
  const range = address.range();
  const known = wrappings.find(([ranges]) => ranges.includes(range))?.[1];
  const isOther = isWithin(address, localNat64) || (isWithin(address, compatible) && (parts[6] ?? 0) > 0);
  const at = known ?? (isOther ? 6 : undefined);
  if (at === undefined) return address;
  const [high = 0, low = 0] = [parts[at], parts[at + 1]];
  return new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255]);
};

const reaches: Readonly<Record<string, AddressReach>> = {
  unicast: "public",
  loopback: "loopback",
  private: "private",
  uniqueLocal: "private",
  carrierGradeNat: "private",
  linkLocal: "forbidden",
  unspecified: "forbidden",
  multicast: "forbidden",
  broadcast: "forbidden",
};

/** How far `address` reaches, whatever it is wrapped in. What is no address is `forbidden`. */
export const reachOfAddress = (address: string): AddressReach => {
  if (!ipaddr.isValid(address)) return "forbidden";
  const outer = ipaddr.parse(address);
  const inner = unwrapped(outer);
  if (metadata.some((network) => isWithin(outer, network) || isWithin(inner, network))) return "forbidden";
  return reaches[inner.range()] ?? "reserved";
};

/** Whether `policy` lets a connection be made to an address of this reach. */
export const isAllowed = (reach: AddressReach, policy: EgressPolicy): boolean =>
  policy === "any" || (policy === "default" ? reach !== "forbidden" : reach === "public");
