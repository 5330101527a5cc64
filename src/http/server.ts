import type { Logger } from "../base/log.ts";
import { printable } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import { type Access, type AccessAction, openAccess } from "../stream/admission.ts";
import type { HttpAddress } from "./address.ts";
import { errorResponse, notFound, responseTo } from "./error-response.ts";
import { Guard } from "./guard.ts";
import { type HttpTls, listen } from "./listening.ts";
import { allowedOrigin, foreignOrigin } from "./origins.ts";
import type { Resource } from "./resource.ts";
import { Router } from "./router.ts";
import { type RequestPeer, ServerCall, upgraded } from "./server-call.ts";
import { TrustedProxies } from "./trusted-proxies.ts";
import type { WebSocketPeer } from "./web-socket.ts";

/** What pages of other origins may do, for a preflight. */
export interface CorsOptions {
  /** Exact, with a wildcard for a part of the host, or `*`. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
}

/** What may become something else while a server goes on listening. */
export interface Served {
  readonly resources: readonly Resource[];
  /** Without it no page of another origin may read anything. */
  readonly cors?: CorsOptions;
  /** Networks of proxies that are believed when they say for whom they ask. */
  readonly trustedProxies?: readonly string[];
}

/** What an {@link HttpServer} is made of. */
export interface HttpServerOptions extends Served {
  /** Port 0 stands for one that is free. */
  readonly address: HttpAddress;
  /** HTTPS; without it HTTP. */
  readonly tls?: HttpTls | undefined;
  /**
   * Who decides who may use it, and what that is called, where it is one thing for all pages; without access everybody may use everything, and
   * without an action handlers ask themselves.
   */
  readonly access?: { readonly access: Access; readonly action?: AccessAction | undefined };
  /** A request may bring so much, in bytes. */
  readonly maxBodyBytes?: number;
  /** What it calls itself in the header `Server`; MediaMTX's name, which tools look for, unless given. */
  readonly name?: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** No request of ours needs more, in bytes. */
const defaultBodyBytes = 1024 * 1024;

/** Whoever comes by a Unix socket is on this machine: whether anybody may, the file's permissions say. */
const unixPeer: RequestPeer = { address: "127.0.0.1", port: 0 };

/**
 * Serves resources over HTTP in MediaMTX's manner: whoever is not known is told so under every path, and what is not served is plain
 * text, whatever the method.
 */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #guard: Guard;
  #router: Router;
  #cors: CorsOptions | undefined;
  #proxies: TrustedProxies;
  #tls: HttpTls | undefined;
  #server: Bun.Server<WebSocketPeer>;

  /** @throws TransportError LISTEN when the address cannot be had */
  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#router = new Router(options.resources);
    this.#cors = options.cors;
    const { clock, log, access } = options;
    this.#guard = new Guard({ access: access?.access ?? openAccess, clock, log });
    this.#proxies = new TrustedProxies(options.trustedProxies ?? []);
    this.#tls = options.tls;
    this.#server = this.#listen(options.address, options.tls);
  }

  /** The port that is listened on: the one asked for, or the one the system chose for 0; 0 for a Unix socket. */
  get port(): number {
    const { address } = this.#options;
    return this.#server.port ?? ("unix" in address ? 0 : address.port);
  }

  /** Serves something else from now on; requests that run end as they have begun. */
  use({ resources, cors, trustedProxies }: Served): void {
    this.#router = new Router(resources);
    this.#cors = cors;
    this.#proxies = new TrustedProxies(trustedProxies ?? []);
  }

  /** New connections get another certificate; those there are go on. @throws TransportError LISTEN, and then the old one stays */
  renew(tls: HttpTls): void {
    const { address } = this.#options;
    const same = "unix" in address ? address : { host: address.host, port: this.port };
    void this.#server.stop(false);
    try {
      this.#server = this.#listen(same, tls);
      this.#tls = tls;
    } catch (error) {
      this.#server = this.#listen(same, this.#tls);
      throw error;
    }
  }

  /** Accepts no more connections, lets requests that run end for at most `timeoutMs`, and cuts off the rest. */
  async stop(timeoutMs: number): Promise<void> {
    const ended = this.#server.stop(false);
    const { promise: timeout, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(timeoutMs, resolve);
    await Promise.race([ended, timeout]);
    cancel();
    await this.#server.stop(true);
  }

  #listen(address: HttpAddress, tls: HttpTls | undefined): Bun.Server<WebSocketPeer> {
    return listen({
      address,
      tls,
      maxBodyBytes: this.#options.maxBodyBytes ?? defaultBodyBytes,
      fetch: (request, server) => this.#answer(request, server),
    });
  }

  async #answer(request: Request, server: Bun.Server<WebSocketPeer>): Promise<Response | undefined> {
    const isPreflight = request.method === "OPTIONS" && request.headers.has("Access-Control-Request-Method");
    const response = isPreflight ? this.#preflight() : await this.#respond(request, server);
    if (response === upgraded) return undefined;
    response.headers.set("Server", this.#options.name ?? "mediamtx");
    const cors = this.#cors;
    if (!cors) return response;
    const origin = allowedOrigin(cors.origins, request.headers.get("Origin"));
    if (origin !== undefined) response.headers.set("Access-Control-Allow-Origin", origin);
    // A cache must not give one page the answer for another.
    if (cors.origins.some((entry) => entry !== "*")) response.headers.append("Vary", "Origin");
    return response;
  }

  #preflight(): Response {
    const { methods = [], headers = [] } = this.#cors ?? {};
    const response = new Response(null, { status: 204 });
    if (methods.length > 0) response.headers.set("Access-Control-Allow-Methods", methods.join(", "));
    if (headers.length > 0) response.headers.set("Access-Control-Allow-Headers", headers.join(", "));
    return response;
  }

  async #respond(request: Request, server: Bun.Server<WebSocketPeer>): Promise<Response> {
    const url = URL.parse(request.url);
    const path = url ? decodedPath(url) : undefined;
    const route = path === undefined ? undefined : this.#router.find(request.method, path);
    const peer = this.#peerOf(request, server);
    // Who has gone already has no address, and who has none must not pass for somebody of this machine.
    if (!peer) return errorResponse(400, "bad request");
    const call = new ServerCall(request, {
      server,
      address: this.#options.address,
      guard: this.#guard,
      proxies: this.#proxies,
      origins: this.#cors?.origins ?? [],
      own: this.#tls ? "https" : "http",
      peer,
      path: path ?? "",
      name: route?.kind === "handler" ? route.name : "",
    });
    try {
      const { access } = this.#options;
      const isUnguarded = route?.kind === "handler" && route.isUnguarded;
      const action = isUnguarded ? undefined : access?.action;
      const refusal = action && (await call.refusal({ action, path: undefined }));
      if (refusal) return refusal;
      const stranger = foreignOrigin(request, this.#cors?.origins ?? []);
      if (stranger !== undefined) return errorResponse(403, strangerText(stranger));
      if (path === undefined) return errorResponse(400, "bad request");
      if (!route) return notFound();
      if (route.kind === "elsewhere") return redirect(request, url, route.path);
      return await route.handle(request, call);
    } catch (error) {
      return responseTo(error, { log: this.#options.log, path: path ?? "" });
    }
  }

  #peerOf(request: Request, server: Bun.Server<WebSocketPeer>): RequestPeer | undefined {
    return server.requestIP(request) ?? ("unix" in this.#options.address ? unixPeer : undefined);
  }
}

const strangerText = (origin: string): string =>
  `a page of ${printable(origin)} may not change anything, expected its origin among those that are allowed`;

/** A path as it is meant, `%2F` as a slash; undefined where the escapes make no text. */
const decodedPath = ({ pathname }: URL): string | undefined => {
  try {
    return pathname.includes("%") ? decodeURIComponent(pathname) : pathname;
  } catch {
    return undefined;
  }
};

/** Other methods than GET are repeated as they are. */
const redirect = ({ method }: Request, url: URL | null, path: string): Response =>
  new Response(null, {
    status: method === "GET" ? 301 : 307,
    headers: { Location: `${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}${url?.search ?? ""}` },
  });
