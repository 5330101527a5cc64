import { RefusedError } from "../../base/errors.ts";
import { clientNetwork } from "../../base/ip-address.ts";
import type { Clock } from "../../base/time.ts";

/** How many connections there may be. A bound of 0 is none. */
export interface ConnectionBounds {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Connections that begin within a second. */
  readonly maxPerSecond: number;
}

/** What becomes of a connection. */
export type Entry =
  | { readonly kind: "welcome" }
  /** It is one too many, and there is time to tell it so. */
  | { readonly kind: "refused"; readonly error: RefusedError }
  /** It is one too many, and so are those who are being told. */
  | { readonly kind: "dropped"; readonly error: RefusedError };

/** How many were one too many, by the bound. */
export interface ConnectionRefusals {
  readonly total: number;
  readonly perAddress: number;
  readonly perSecond: number;
}

/** So many connections that are one too many may be told so at the same time; more are cut off without a word. */
const maxRefusals = 64;

const welcome: Entry = { kind: "welcome" };

/** Counts the connections of all ports together, and says which are too many. */
export class ConnectionLimits {
  readonly #bounds: () => ConnectionBounds;
  readonly #clock: Clock;
  /** By what counts as one client: an address of IPv4, a /64 of IPv6. */
  readonly #byClient = new Map<string, number>();
  #count = 0;
  #refusals = 0;
  readonly #refused = { total: 0, perAddress: 0, perSecond: 0 };
  #second = Number.NaN;
  #inSecond = 0;

  /** `bounds` are asked for each connection, and may change. */
  constructor(bounds: () => ConnectionBounds, clock: Clock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  /** How many were refused or dropped since the start. */
  get refused(): ConnectionRefusals {
    return { ...this.#refused };
  }

  /** A connection from `ip` begins. Of one that is welcome or refused, tell {@link leave} the end; a dropped one was never here. */
  enter(ip: string): Entry {
    const client = clientNetwork(ip);
    const error = this.#excess(client);
    if (!error) {
      this.#count++;
      this.#byClient.set(client, (this.#byClient.get(client) ?? 0) + 1);
      return welcome;
    }
    if (this.#refusals >= maxRefusals) return { kind: "dropped", error };
    this.#refusals++;
    return { kind: "refused", error };
  }

  /** A connection from `ip` is over. */
  leave(ip: string, { wasRefused }: { wasRefused: boolean }): void {
    if (wasRefused) {
      this.#refusals--;
      return;
    }
    this.#count--;
    const client = clientNetwork(ip);
    const left = (this.#byClient.get(client) ?? 1) - 1;
    if (left > 0) this.#byClient.set(client, left);
    else this.#byClient.delete(client);
  }

  #excess(client: string): RefusedError | undefined {
    const { maxConnections, maxConnectionsPerAddress, maxPerSecond } = this.#bounds();
    const tooMany = (bound: keyof ConnectionRefusals, message: string): RefusedError => {
      this.#refused[bound]++;
      return new RefusedError("TOO_MANY_CONNECTIONS", message);
    };
    if (maxPerSecond > 0 && this.#countSecond() > maxPerSecond)
      return tooMany("perSecond", `more than ${maxPerSecond} connections in a second`);
    if (maxConnections > 0 && this.#count >= maxConnections)
      return tooMany("total", `${this.#count} connections already, expected fewer`);
    const own = this.#byClient.get(client) ?? 0;
    if (maxConnectionsPerAddress > 0 && own >= maxConnectionsPerAddress)
      return tooMany("perAddress", `${own} connections from ${client} already, expected fewer`);
    return undefined;
  }

  /** How many have begun in this second, this one included. */
  #countSecond(): number {
    const second = Math.floor(this.#clock.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    return ++this.#inSecond;
  }
}
