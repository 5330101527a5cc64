import ipaddr from "ipaddr.js";
import { type IpAddress, parseIpAddress } from "../base/ip-address.ts";

/** Where somebody may come from. */
export class NetworkSet {
  readonly #networks: readonly [IpAddress, number][];

  /** Networks with their prefixes (`10.0.0.0/8`); none for anywhere. */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map((text) => ipaddr.parseCIDR(text));
  }

  /** Whether an address is in one of the networks. What is no address is only anywhere. */
  has(text: string): boolean {
    if (this.#networks.length === 0) return true;
    const address = parseIpAddress(text);
    if (!address) return false;
    return this.#networks.some((network) => network[0].kind() === address.kind() && address.match(network));
  }
}
