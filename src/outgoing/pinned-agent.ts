import { Agent, type AgentOptions, type RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { ConfigError } from "../base/errors.ts";

/** What an agent tells of a connection that it was asked for. */
type Done = (error: Error | null, socket: Duplex) => void;

/** What {@link PinnedAgent} wants to know of a request, beside what agents know. */
export interface PinnedRequest {
  /** Ends a handshake that nobody waits for any more; nobody else can reach its socket. */
  readonly abandoned?: AbortSignal;
}

/**
 * The fingerprint of a certificate, SHA-256, as Node writes it: `AB:CD:…`.
 * @throws ConfigError for anything else than 64 hexadecimal digits, with or without colons
 */
export const parseFingerprint = (text: string): string => {
  const digits = text
    .replace(/^sha-?256[:=]/i, "")
    .replace(/[:\s]/g, "")
    .toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits))
    throw new ConfigError(
      "fingerprint is no SHA-256, expected 64 hexadecimal digits such as openssl x509 -fingerprint -sha256 writes",
    );
  return digits.replace(/..(?=.)/g, "$&:");
};

/**
 * Trusts one certificate, whoever signed it and whatever names it bears. The check is made before a byte of a request is written.
 * (`checkServerIdentity` cannot do this: it is called only for certificates that are trusted already, by `fetch` as well as here.)
 */
export class PinnedAgent extends Agent {
  readonly #fingerprint: string;
  readonly #isProxied: boolean;

  /** `fingerprint` as {@link parseFingerprint} gives it. */
  constructor(options: AgentOptions & { readonly fingerprint: string; readonly isProxied: boolean }) {
    const { fingerprint, isProxied, ...rest } = options;
    super({ ...rest, rejectUnauthorized: false });
    this.#fingerprint = fingerprint;
    this.#isProxied = isProxied;
  }

  /** @internal What the agent calls for each connection. */
  override createConnection(options: RequestOptions & PinnedRequest, callback?: Done): undefined {
    let isDone = false;
    let stopWatching = (): void => undefined;
    const done = (error: Error | null, socket?: TLSSocket): void => {
      if (isDone) return;
      isDone = true;
      // From here on the connection may serve other requests.
      stopWatching();
      callback?.(error, socket as Duplex);
    };
    const check = (socket: TLSSocket): void => {
      if (socket.getPeerCertificate()?.fingerprint256 === this.#fingerprint) {
        done(null, socket);
        return;
      }
      socket.destroy();
      done(Object.assign(new Error("not the one that is expected"), { code: "CERT_FINGERPRINT" }));
    };
    const watch = (socket: TLSSocket): void => {
      socket.once("error", done);
      socket.once("close", () => done(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })));
      const abandon = (): void => void socket.destroy();
      options.abandoned?.addEventListener("abort", abandon);
      stopWatching = () => options.abandoned?.removeEventListener("abort", abandon);
      // What came through a proxy has shaken hands already.
      if (socket.getPeerCertificate()?.fingerprint256) check(socket);
      else socket.once("secureConnect", () => check(socket));
    };
    const made = super.createConnection({ ...options, rejectUnauthorized: false }, (error, socket) => {
      if (error) done(error);
      else if (this.#isProxied) watch(socket as TLSSocket);
    });
    // With a proxy this is the way to the proxy; the way through it comes later.
    if (!this.#isProxied) watch(made as TLSSocket);
    return undefined;
  }
}
