import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { TransportError } from "../base/errors.ts";
import type { Clock } from "../base/time.ts";
import type { Requester } from "../outgoing/requester.ts";

/** How long a set of keys holds, in milliseconds. */
const holdsMs = 3_600_000;

/** A key that is not in the set may be new: it is fetched again if it is older than this, in milliseconds. */
const freshMs = 60_000;

/** A fetch that failed is not tried again for this long, in milliseconds. */
const pauseMs = 1_000;

/** The longest set, in bytes. */
const maxBytes = 131_072;

interface Fetched {
  readonly find: JWTVerifyGetKey;
  readonly at: number;
}

/** The keys of whoever issues tokens (RFC 7517), fetched when they are needed. */
export class KeySet {
  readonly #requester: Requester;
  readonly #clock: Clock;
  #current: Fetched | undefined;
  #fetching: Promise<Fetched> | undefined;
  #failure: { readonly at: number; readonly error: unknown } | undefined;

  constructor({ requester, clock }: { requester: Requester; clock: Clock }) {
    this.#requester = requester;
    this.#clock = clock;
  }

  /** Forgets the keys: the next token fetches them. */
  refresh(): void {
    this.#current = undefined;
    this.#failure = undefined;
    // Whoever waits for it gets it, but it is older than this call.
    this.#fetching = undefined;
  }

  /**
   * The key that the header of a token names, for jose.
   * @throws TransportError where the set cannot be fetched, or is none; JOSEError where no key of it fits
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const set = await this.#held();
    try {
      return await set.find(header, token);
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey;
      if (!isUnknown || this.#clock.now() - set.at < freshMs) throw error;
      // Somebody else may have fetched another set meanwhile. Until then this one stays, for the tokens whose keys it has.
      const isNewest = this.#current === set;
      return await (isNewest ? await this.#renewed() : await this.#held()).find(header, token);
    }
  };

  /** The set that is there and holds, else a new one. */
  async #held(): Promise<Fetched> {
    const current = this.#current;
    return current && this.#clock.now() - current.at < holdsMs ? current : await this.#renewed();
  }

  /** A new set, which is that of all from then on. If it cannot be had, the old one stays. */
  async #renewed(): Promise<Fetched> {
    if (this.#fetching) return await this.#fetching;
    if (this.#failure && this.#clock.now() - this.#failure.at < pauseMs) throw this.#failure.error;
    const fetching = this.#fetch();
    this.#fetching = fetching;
    try {
      const fetched = await fetching;
      if (this.#fetching === fetching) this.#current = fetched;
      return fetched;
    } catch (error) {
      if (this.#fetching === fetching) this.#failure = { at: this.#clock.now(), error };
      throw error;
    } finally {
      if (this.#fetching === fetching) this.#fetching = undefined;
    }
  }

  async #fetch(): Promise<Fetched> {
    const { status, body, isWhole } = await this.#requester.ask({ method: "GET", maxBytes });
    if (status !== 200) throw new TransportError("REJECTED", `answered with status ${status}, expected 200`);
    if (!isWhole)
      throw new TransportError(
        "OVERFLOW",
        `answered with more than ${maxBytes} bytes, expected a set of keys`,
      );
    try {
      return { find: createLocalJWKSet(JSON.parse(body) as JSONWebKeySet), at: this.#clock.now() };
    } catch (error) {
      throw new TransportError("REJECTED", "answered with something else than a set of keys", {
        cause: error,
      });
    }
  }
}
