import { isIP } from "node:net";
import { hostOf, type Resolver } from "../../outgoing/resolver.ts";
import { isAllowed, reachOfAddress } from "./address.ts";
import type { EgressPolicy, TlsPolicy } from "./webhook-settings.ts";

/** Where connections may go to, and whether they may be readable on the way. */
export interface EgressRules {
  readonly egress: EgressPolicy;
  readonly tlsPolicy: TlsPolicy;
}

/** A policy of the operator keeps a request from being sent: sending it again would not help. */
export class EgressError extends Error {
  override readonly name = "EgressError";
  readonly code = "EGRESS";
}

/**
 * The addresses that a request to `url` may be sent to, looked up now. Whoever connects must connect to one of these, and not to the
 * name, which may mean something else a moment later. An address in the URL is judged like one that a name server gave.
 * @throws EgressError where the rules allow none of them, and what `resolve` throws
 */
export const addressesFor = async (
  url: URL,
  { egress, tlsPolicy }: EgressRules,
  resolve: Resolver,
): Promise<readonly string[]> => {
  const isPlain = url.protocol === "http:";
  if (isPlain && tlsPolicy === "strict")
    throw new EgressError("plain http, expected https with tls_policy strict");
  const host = hostOf(url);
  const found = isIP(host) ? [host] : await resolve(host);
  if (found.length === 0) throw Object.assign(new Error("no address"), { code: "ENOTFOUND" });
  const reachable = found.filter((address) => isAllowed(reachOfAddress(address), egress));
  if (reachable.length === 0)
    throw new EgressError(`address ${found.join(", ")} is not allowed with egress ${egress}`);
  if (!isPlain || tlsPolicy === "off") return reachable;
  const near = reachable.filter((address) => ["loopback", "private"].includes(reachOfAddress(address)));
  if (near.length === 0)
    throw new EgressError("plain http to an address that is not private, expected https, or tls_policy off");
  return near;
};
