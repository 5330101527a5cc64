import type { Clock } from "../../base/time.ts";
import { unlessAborted } from "../../outgoing/unless-aborted.ts";
import type { Authenticator, SignedRequest } from "./authenticator.ts";
import type { Header } from "./header.ts";
import { fetchToken, type Token } from "./oauth2-token.ts";
import type { Transport } from "./transport.ts";
import type { AuthSettings } from "./webhook-settings.ts";

type OAuth2Settings = Extract<AuthSettings, { type: "oauth2" }>;

/** A token is renewed when this much of its life is over, so that nobody has to wait for it. */
const renewAfter = 0.8;

/** After a renewal that failed the old token is used this long before the next try, in milliseconds. */
const renewalPauseMs = 5_000;

/** One client's token: the one in use, and the one that is being fetched. */
interface Entry {
  token: Token | undefined;
  /** When it was fetched; by the clock that never runs backwards. */
  since: number;
  fetching: Promise<Token> | undefined;
  renewNotBefore: number;
}

/**
 * Tokens of OAuth 2 clients. Hooks that share one share the tokens of the same client: fetched once at a time, used until 80 % of
 * their life, renewed behind the back of whoever needs them.
 */
export class TokenCache {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #fetches = { done: 0, failed: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How often tokens were fetched so far. */
  get fetches(): { readonly done: number; readonly failed: number } {
    return { ...this.#fetches };
  }

  /** The token of the client that `key` stands for; `fetch` gets it where there is none. @throws what `fetch` throws */
  async get(key: string, fetch: () => Promise<Token>): Promise<string> {
    const now = this.#clock.now();
    const entry = this.#entryOf(key);
    const { token } = entry;
    const age = now - entry.since;
    if (!token || age >= token.lifetimeMs) return (await this.#fetch(entry, fetch)).value;
    if (age >= token.lifetimeMs * renewAfter && now >= entry.renewNotBefore) {
      entry.renewNotBefore = now + renewalPauseMs;
      // The old one is good for a while; when it no longer is, somebody will hear of the failure.
      this.#fetch(entry, fetch).catch(() => undefined);
    }
    return token.value;
  }

  /** Forgets `token`, which somebody refused; a newer one stays. */
  drop(key: string, token: string): void {
    const entry = this.#entries.get(key);
    if (entry?.token?.value === token) entry.token = undefined;
  }

  #entryOf(key: string): Entry {
    const known = this.#entries.get(key);
    if (known) return known;
    const entry: Entry = { token: undefined, since: 0, fetching: undefined, renewNotBefore: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  #fetch(entry: Entry, fetch: () => Promise<Token>): Promise<Token> {
    entry.fetching ??= this.#store(entry, fetch).finally(() => {
      entry.fetching = undefined;
    });
    return entry.fetching;
  }

  async #store(entry: Entry, fetch: () => Promise<Token>): Promise<Token> {
    const asked = this.#clock.now();
    const token = await fetch().catch((error: unknown) => {
      this.#fetches.failed++;
      throw error;
    });
    this.#fetches.done++;
    entry.token = token;
    entry.since = asked;
    return token;
  }
}

/** A token of a client that proves itself by its secret (client credentials, RFC 6749 4.4). */
export class OAuth2Bearer implements Authenticator {
  readonly #settings: OAuth2Settings;
  readonly #parts: { readonly clock: Clock; readonly tokens: TokenCache; readonly transport: Transport };
  readonly #key: string;

  /** Tokens are kept in `tokens` and fetched over `transport`. */
  constructor(
    settings: OAuth2Settings,
    parts: { readonly clock: Clock; readonly tokens: TokenCache; readonly transport: Transport },
  ) {
    const { tokenUrl, clientId, clientSecret, scopes, audience } = settings;
    this.#settings = settings;
    this.#parts = parts;
    // The secret too: whoever has a wrong one must not get what another one's fetched.
    this.#key = JSON.stringify([tokenUrl, clientId, clientSecret, [...scopes].sort(), audience ?? null]);
  }

  /** @throws TokenError, and what keeps the token's server from being reached */
  async headersFor(_: SignedRequest, signal: AbortSignal): Promise<readonly Header[]> {
    const { tokens, transport, clock } = this.#parts;
    const token = tokens.get(this.#key, () => fetchToken(this.#settings, { transport, clock }));
    // Others may be waiting for the same one.
    return [["Authorization", `Bearer ${await unlessAborted(token, signal)}`]];
  }

  refused(headers: readonly Header[]): void {
    for (const [, value] of headers) this.#parts.tokens.drop(this.#key, value.replace("Bearer ", ""));
  }
}
