import ipaddr from "ipaddr.js";

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** An address in its one form: IPv4 that came mapped into IPv6 as IPv4. Undefined for what is none. */
const plainAddress = (text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined =>
  ipaddr.isValid(text) ? ipaddr.process(text) : undefined;

/** What a client says of itself through the headers of its proxies. */
export interface ForwardedHeaders {
  get(name: string): string | null;
}

/** Proxies that are believed when they say for whom they ask. */
export class TrustedProxies {
  readonly #networks: readonly Network[];

  /** Networks with their prefixes, such as `10.0.0.0/8`. @throws Error for anything else */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map((network) => ipaddr.parseCIDR(network));
  }

  /**
   * The address of whoever asks: the last one of `X-Forwarded-For` that is no trusted proxy itself. What stands in front of that one, the
   * client may have written. Where `ip` is no trusted proxy, or the header names nobody, it is `ip`.
   */
  clientOf(ip: string, headers: ForwardedHeaders): string {
    if (!this.isTrusted(ip)) return ip;
    const named = headers.get("X-Forwarded-For")?.split(",") ?? [];
    let client = ip;
    for (const text of named.reverse()) {
      const address = plainAddress(text.trim());
      if (!address) break;
      client = address.toString();
      if (!this.isTrusted(client)) break;
    }
    return client;
  }

  /** The scheme of whoever asks, as a trusted proxy says, or else `own`. */
  schemeOf(
    ip: string,
    { headers, own }: { headers: ForwardedHeaders; own: "http" | "https" },
  ): "http" | "https" {
    const named = this.isTrusted(ip) ? headers.get("X-Forwarded-Proto")?.trim().toLowerCase() : undefined;
    return named === "http" || named === "https" ? named : own;
  }

  /** Whether an address belongs to a trusted proxy. */
  isTrusted(ip: string): boolean {
    if (this.#networks.length === 0) return false;
    const address = plainAddress(ip);
    return this.#networks.some(
      ([network, bits]) => address?.kind() === network.kind() && address.match(network as never, bits),
    );
  }
}
