import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";
import { createSecureContext, rootCertificates } from "node:tls";
import { ConfigError, messageOf } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import { type Answer, ExchangeError, exchange } from "../../outgoing/exchange.ts";
import { PinnedAgent, parseFingerprint } from "../../outgoing/pinned-agent.ts";
import { hostOf, type Resolver, systemResolver } from "../../outgoing/resolver.ts";
import { unlessAborted } from "../../outgoing/unless-aborted.ts";
import { addressesFor, EgressError } from "./egress.ts";
import type { EgressPolicy, TlsPolicy, WebhookSettings } from "./webhook-settings.ts";

/** What a {@link Transport} is made of. */
export interface TransportOptions {
  readonly egress: EgressPolicy;
  readonly tlsPolicy: TlsPolicy;
  readonly tls: Partial<WebhookSettings["tls"]>;
  /** All requests go through it, and then it decides which addresses they reach. */
  readonly proxy: string | undefined;
  readonly clock: Clock;
  /** The system's where left out. */
  readonly resolve?: Resolver | undefined;
}

/** A request before it is known which address it goes to. */
export interface WebRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Borrowed until the answer is there. */
  readonly body: Uint8Array;
  /** How much of the answer's body is wanted, in bytes. */
  readonly keptBytes: number;
}

/** Servers made with Node close a connection that has been quiet for 5 s: better to close it before, in milliseconds. */
const idleMs = 4_000;

/** Connections to one address that are kept for the next request. */
const maxIdleConnections = 8;

/**
 * Sends requests to where they are allowed to go. Each time the host name is looked up anew, each address judged, and the connection
 * made to a judged address and nothing else. It keeps connections of its own, so no other receiver can use them up.
 * With a proxy the name is left to the proxy, and so is the judgement.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #agents: { readonly http: http.Agent; readonly https: https.Agent };

  /** @throws ConfigError for TLS material or a proxy that cannot be used */
  constructor(options: TransportOptions) {
    this.#options = options;
    this.#agents = agentsOf(options);
  }

  /**
   * Sends `request`; the addresses of its host are tried in turn until one takes a connection. Where a kept connection turns out to
   * have been dead, it is sent once more over a new one. Redirects are not followed. It ends soon after `signal` is aborted.
   * @throws EgressError where no address is allowed, ExchangeError where none answers, and what the resolver throws
   */
  async send(request: WebRequest, signal: AbortSignal): Promise<Answer> {
    try {
      return await this.#sendOnce(request, signal);
    } catch (error) {
      if (!(error instanceof ExchangeError && error.isStale) || signal.aborted) throw error;
      // A receiver that was restarted has left all of them dead.
      this.#closeIdle();
      return await this.#sendOnce(request, signal);
    }
  }

  /** Closes the connections, those in use when their answer is there. Nothing is sent after it. */
  close(): void {
    this.#agents.http.maxFreeSockets = 0;
    this.#agents.https.maxFreeSockets = 0;
    this.#closeIdle();
  }

  async #sendOnce(request: WebRequest, signal: AbortSignal): Promise<Answer> {
    const { proxy, resolve = systemResolver } = this.#options;
    if (proxy !== undefined) {
      this.#checkProxied(request.url);
      return await this.#sendTo(hostOf(request.url), request, signal);
    }
    const addresses = await unlessAborted(addressesFor(request.url, this.#options, resolve), signal);
    for (const [index, address] of addresses.entries()) {
      const isLast = index === addresses.length - 1;
      try {
        return await this.#sendTo(address, request, signal, isLast ? undefined : connectMs);
      } catch (error) {
        const isNext = error instanceof ExchangeError && error.isUnsent;
        if (isLast || !isNext || signal.aborted) throw error;
      }
    }
    throw new TypeError("no address");
  }

  #checkProxied(url: URL): void {
    const { tlsPolicy } = this.#options;
    if (url.protocol === "http:" && tlsPolicy !== "off")
      throw new EgressError(
        "plain http through a proxy, which may send it anywhere, expected https, or tls_policy off",
      );
  }

  #sendTo(host: string, request: WebRequest, signal: AbortSignal, limitMs?: number): Promise<Answer> {
    const { url, method, headers, body, keptBytes } = request;
    const isTls = url.protocol === "https:";
    const name = hostOf(url);
    return exchange({
      request: {
        host,
        port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
        path: `${url.pathname}${url.search}`,
        method,
        headers: { Host: url.host, ...headers, "Content-Length": String(body.length) },
        agent: isTls ? this.#agents.https : this.#agents.http,
        ...(isTls && !isIP(name) ? { servername: name } : {}),
      },
      isTls,
      body,
      keptBytes,
      clock: this.#options.clock,
      connectMs: limitMs,
      signal,
    });
  }

  #closeIdle(): void {
    for (const { freeSockets } of [this.#agents.http, this.#agents.https])
      for (const socket of Object.values(freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
  }
}

/** An address that does not answer has this long while there is another one, in milliseconds. */
const connectMs = 1_000;

const agentsOf = ({ tls, proxy }: TransportOptions): { http: http.Agent; https: https.Agent } => {
  const proxyEnv =
    proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxyHref(proxy), HTTPS_PROXY: proxyHref(proxy) } };
  const pool = { keepAlive: true, maxFreeSockets: maxIdleConnections, timeout: idleMs, ...proxyEnv };
  const secure = { ...pool, ...certificatesOf(tls) };
  const { fingerprint } = tls;
  return {
    http: new http.Agent(pool),
    https:
      fingerprint === undefined
        ? new https.Agent(secure)
        : new PinnedAgent({
            ...secure,
            fingerprint: parseFingerprint(fingerprint),
            isProxied: proxy !== undefined,
          }),
  };
};

const proxyHref = (text: string): string => {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ConfigError("proxy is no URL, expected http[s]://[USER:PASSWORD@]HOST[:PORT]");
  return url.href;
};

/** An authority of the operator's is trusted beside those that everybody trusts. */
const certificatesOf = ({ ca, cert, key }: Partial<WebhookSettings["tls"]>): https.AgentOptions => {
  if (ca === undefined && cert === undefined && key === undefined) return {};
  if ((cert === undefined) !== (key === undefined))
    throw new ConfigError("tls has only one of cert and key, expected both or none");
  const own = {
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
  try {
    // Read once, and not at each connection.
    return { secureContext: createSecureContext(own) } as https.AgentOptions;
  } catch (error) {
    throw new ConfigError(`tls cannot be used: ${messageOf(error)}`, { cause: error });
  }
};
