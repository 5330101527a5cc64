import { messageOf, TransportError } from "../base/errors.ts";
import { formatHostPort, type HostPort } from "../base/host-port.ts";
import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { errorResponse, responseTo } from "./error-response.ts";
import type { Method, Resource } from "./resource.ts";

/** What an {@link HttpServer} is made of. */
export interface HttpServerOptions {
  /** An empty host means every interface; port 0 one that is free. */
  readonly address: HostPort;
  /** What it serves, each under a path of its own. */
  readonly resources: readonly Resource[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** A connection that brings nothing for so long is closed, in seconds. */
const idleTimeoutSeconds = 30;

/** No request of ours needs more, in bytes. */
const maxBodyBytes = 1024 * 1024;

/** Serves resources over HTTP. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #resources: ReadonlyMap<string, Resource>;
  readonly #server: Bun.Server<undefined>;

  /** @throws TransportError LISTEN when the address cannot be had */
  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#resources = new Map(options.resources.map((resource) => [resource.path, resource]));
    this.#server = this.#listen(options.address);
  }

  /** The port that is listened on: the one asked for, or the one the system chose for 0. */
  get port(): number {
    return this.#server.port ?? this.#options.address.port;
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

  /** An empty host means every interface: both families where the system has both. */
  #listen(address: HostPort): Bun.Server<undefined> {
    const hosts = address.host === "" ? ["::", "0.0.0.0"] : [address.host];
    let failure: unknown;
    for (const hostname of hosts) {
      try {
        return Bun.serve({
          hostname,
          port: address.port,
          development: false,
          // Without development Bun would share the port with any other program that does.
          reusePort: false,
          idleTimeout: idleTimeoutSeconds,
          maxRequestBodySize: maxBodyBytes,
          fetch: (request) => this.#answer(request),
        });
      } catch (error) {
        failure = error;
        if (codeOf(error) === "EADDRINUSE") break;
      }
    }
    throw new TransportError("LISTEN", listenFailure(address, failure), { cause: failure });
  }

  async #answer(request: Request): Promise<Response> {
    const path = pathOf(request);
    let response: Response;
    try {
      response = path === undefined ? errorResponse(400, "bad request") : await this.#route(request, path);
    } catch (error) {
      response = responseTo(error, { log: this.#options.log, path: path ?? "" });
    }
    response.headers.set("Server", "rtmp-server");
    return response;
  }

  async #route(request: Request, path: string): Promise<Response> {
    const resource = this.#resources.get(path);
    if (!resource) return errorResponse(404, "nothing is served under this path");
    const { method } = request;
    const handle = resource.methods[(method === "HEAD" ? "GET" : method) as Method];
    if (handle) return handle(request);
    const allowed = Object.keys(resource.methods).flatMap((name) =>
      name === "GET" ? ["GET", "HEAD"] : [name],
    );
    const response = errorResponse(405, `method ${method}, expected ${allowed.join(" or ")}`);
    response.headers.set("Allow", allowed.join(", "));
    return response;
  }
}

/** The path that was asked for; undefined where the Host header makes no URL of it. */
const pathOf = ({ url }: Request): string | undefined => URL.parse(url)?.pathname;

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

const listenFailure = (address: HostPort, error: unknown): string => {
  const at = `cannot listen for HTTP on ${formatHostPort(address)}`;
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return `${at}: the port is in use by another program`;
    case "EACCES":
      return `${at}: not permitted, ports below 1024 need privileges`;
    case "EADDRNOTAVAIL":
      return `${at}: this machine has no such address`;
    default:
      return `${at}: ${messageOf(error)}`;
  }
};
