import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An IP address, IPv4 that is mapped into IPv6 as IPv4; undefined for what is none. */
export const parseAddress = (text: string): Address | undefined => {
  const bare = text.replace(/%.*$/s, "");
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
};

/** Where somebody may come from. */
export class NetworkSet {
  readonly #networks: readonly [Address, number][];

  /** Networks with their prefixes (`10.0.0.0/8`); none for anywhere. */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map((text) => ipaddr.parseCIDR(text));
  }

  /** Whether an address is in one of the networks. What is no address is only anywhere. */
  has(text: string): boolean {
    if (this.#networks.length === 0) return true;
    const address = parseAddress(text);
    if (!address) return false;
    return this.#networks.some((network) => network[0].kind() === address.kind() && address.match(network));
  }
}
