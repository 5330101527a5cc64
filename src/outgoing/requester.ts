import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";
import { ConfigError, TransportError } from "../base/errors.ts";
import { Gate } from "../base/gate.ts";
import type { Clock } from "../base/time.ts";
import { basicAuthorization } from "./basic-authorization.ts";
import { type Answer, ExchangeError, exchange } from "./exchange.ts";
import { PinnedAgent, parseFingerprint } from "./pinned-agent.ts";
import { hostOf, type Resolver, systemResolver } from "./resolver.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** Whom a {@link Requester} asks, and how long it waits. */
export interface RequesterOptions {
  /** `http` or `https`; user and password in it are sent as Basic authorization. */
  readonly url: string;
  /** SHA-256 of the one certificate that is trusted; empty for the usual check. */
  readonly fingerprint?: string;
  /** For everything: waiting for a turn, the name, the connection, the answer. In milliseconds. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** The system's where left out. */
  readonly resolve?: Resolver;
}

/** What is asked. */
export interface Inquiry {
  readonly method: "GET" | "POST";
  readonly contentType?: string;
  /** Beside those of a request that asks for nothing special. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Nothing where left out. */
  readonly body?: string;
  /** How long a body the answer may have, in bytes. */
  readonly maxBytes: number;
}

/** An answer whose end was seen, or that was too long. */
export interface Reply {
  readonly status: number;
  /** No more than was asked for. */
  readonly body: string;
  /** Its body was not longer than what was asked for. */
  readonly isWhole: boolean;
}

/** Requests to the server that are under way at once. */
const maxAtOnce = 64;

/** Requests that wait for one of these; their deadlines run already, so more would hardly be answered. */
const maxWaiting = 4_096;

/** How long a connection may take, in milliseconds. */
const connectMs = 1_000;

/**
 * Asks one server that the operator named. Each request has a connection of its own, out of a pool that nobody else shares. One that
 * cannot be made is tried once more, at the next address of the host where there is one. Redirects are answers like all others.
 */
export class Requester {
  readonly #options: RequesterOptions;
  readonly #url: URL;
  readonly #agent: http.Agent;
  readonly #authorization: Readonly<Record<string, string>>;
  readonly #gate = new Gate({ maxInside: maxAtOnce, maxWaiting });

  /** @throws ConfigError for another scheme, and for a fingerprint that is none */
  constructor(options: RequesterOptions) {
    const url = URL.parse(options.url);
    if (!url || !/^https?:$/.test(url.protocol))
      throw new ConfigError("no URL, expected http[s]://HOST[:PORT][/PATH]");
    this.#options = options;
    this.#url = url;
    this.#agent = agentOf(url, options.fingerprint ?? "");
    const { username, password } = url;
    this.#authorization =
      username === "" && password === ""
        ? {}
        : { Authorization: basicAuthorization(decoded(username), decoded(password)) };
  }

  /**
   * Sends one request and waits for the whole answer.
   * @throws TransportError CONNECT, CLOSED, TIMEOUT or OVERFLOW, whose messages hold no secrets
   */
  async ask(inquiry: Inquiry): Promise<Reply> {
    const { clock, deadlineMs } = this.#options;
    const aborter = new AbortController();
    const { signal } = aborter;
    const cancel = clock.after(deadlineMs, () => aborter.abort());
    try {
      const answer = await this.#gate.run(() => this.#send(inquiry, signal), signal);
      if (signal.aborted) throw new TransportError("TIMEOUT", `no whole answer within ${deadlineMs} ms`);
      if (answer.broken) throw new TransportError("CLOSED", "the connection broke within the answer");
      const body = new TextDecoder().decode(answer.head.subarray(0, inquiry.maxBytes));
      return { status: answer.status, body, isWhole: answer.head.length <= inquiry.maxBytes };
    } catch (error) {
      throw signal.aborted ? new TransportError("TIMEOUT", `no answer within ${deadlineMs} ms`) : error;
    } finally {
      cancel();
      // Ends what is left, such as a handshake that took too long.
      aborter.abort();
    }
  }

  async #send(inquiry: Inquiry, signal: AbortSignal): Promise<Answer> {
    const [first, second] = await this.#addresses(signal);
    if (first === undefined) throw new TransportError("CONNECT", "the host name has no address");
    try {
      return await this.#sendTo(first, inquiry, signal);
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      if (!error.isUnsent || signal.aborted) throw failureOf(error);
    }
    try {
      return await this.#sendTo(second ?? first, inquiry, signal);
    } catch (error) {
      throw error instanceof ExchangeError ? failureOf(error) : error;
    }
  }

  async #addresses(signal: AbortSignal): Promise<readonly string[]> {
    const host = hostOf(this.#url);
    if (isIP(host)) return [host];
    const { resolve = systemResolver } = this.#options;
    try {
      return await unlessAborted(resolve(host), signal);
    } catch (error) {
      throw new TransportError("CONNECT", `the host name could not be looked up${codeOf(error)}`, {
        cause: error,
      });
    }
  }

  #sendTo(
    address: string,
    { method, contentType, headers = {}, body = "", maxBytes }: Inquiry,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { port, pathname, search, host } = this.#url;
    const isTls = this.#url.protocol === "https:";
    const name = hostOf(this.#url);
    const bytes = new TextEncoder().encode(body);
    return exchange({
      request: {
        host: address,
        port: port === "" ? (isTls ? 443 : 80) : Number(port),
        path: `${pathname}${search}`,
        method,
        headers: {
          Host: host,
          ...this.#authorization,
          ...headers,
          ...(contentType === undefined ? {} : { "Content-Type": contentType }),
          ...(method === "POST" ? { "Content-Length": String(bytes.length) } : {}),
        },
        agent: this.#agent,
        ...(isTls && !isIP(name) ? { servername: name } : {}),
      },
      isTls,
      body: bytes,
      // One more, to see that there is more.
      keptBytes: maxBytes + 1,
      clock: this.#options.clock,
      connectMs,
      signal,
    });
  }
}

const agentOf = ({ protocol }: URL, fingerprint: string): http.Agent => {
  // Without a bound of its own, as an agent gives a request that waits the connection of the one before, which its server may be closing.
  const pool = { keepAlive: false };
  if (protocol === "http:") return new http.Agent(pool);
  if (fingerprint === "") return new https.Agent(pool);
  return new PinnedAgent({ ...pool, fingerprint: parseFingerprint(fingerprint), isProxied: false });
};

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && error.code !== "" ? ` (${String(error.code)})` : "";

/** What an exchange without an answer means. Its own message may hold anything. */
const failureOf = (error: ExchangeError): TransportError =>
  error.isUnsent
    ? new TransportError("CONNECT", `no connection could be made${codeOf(error)}`, { cause: error })
    : new TransportError("CLOSED", `the connection broke before an answer came${codeOf(error)}`, {
        cause: error,
      });

/** Percent-encoded text as it is meant; what is broken stays as it is. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
