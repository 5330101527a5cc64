import { formatHostPort } from "../base/host-port.ts";
import { printable } from "../base/stream-path.ts";
import type { HttpAddress } from "./address.ts";
import { errorResponse } from "./error-response.ts";
import type { Guard } from "./guard.ts";
import { strangeReader } from "./origins.ts";
import { rawQueryOf } from "./raw-query.ts";
import type { Call, CallWish, Entrance } from "./resource.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";
import type { WebSocketPeer } from "./web-socket.ts";

/** Where a request comes from. */
export interface RequestPeer {
  readonly address: string;
  readonly port: number;
}

/** What a {@link ServerCall} knows of its server and its request. */
export interface ServerCallFacts {
  readonly server: Bun.Server<WebSocketPeer>;
  /** What the server was told to listen on. */
  readonly address: HttpAddress;
  readonly guard: Guard;
  readonly proxies: TrustedProxies;
  /** Whose pages may read what is here. */
  readonly origins: readonly string[];
  /** By which scheme the server itself is asked. */
  readonly own: "http" | "https";
  readonly peer: RequestPeer;
  readonly path: string;
  readonly name: string;
}

/** A call as a server makes it. What few handlers ask for is found out when they do: viewers of HLS ask thousands of times a second. */
export class ServerCall implements Call {
  readonly path: string;
  readonly name: string;
  readonly #request: Request;
  readonly #facts: ServerCallFacts;
  #query: URLSearchParams | undefined;
  #client: Call["client"] | undefined;

  constructor(request: Request, facts: ServerCallFacts) {
    this.path = facts.path;
    this.name = facts.name;
    this.#request = request;
    this.#facts = facts;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(rawQueryOf(this.#request.url));
    return this.#query;
  }

  get client(): Call["client"] {
    const { proxies, peer } = this.#facts;
    this.#client ??= { ip: proxies.clientOf(plainIp(peer), this.#request.headers), port: peer.port };
    return this.#client;
  }

  get scheme(): "http" | "https" {
    const { proxies, peer, own } = this.#facts;
    return proxies.schemeOf(plainIp(peer), { headers: this.#request.headers, own });
  }

  get local(): string {
    const { server, address } = this.#facts;
    if ("unix" in address) return address.unix;
    return formatHostPort({ host: server.hostname ?? address.host, port: server.port ?? address.port });
  }

  extend(seconds: number): void {
    this.#facts.server.timeout(this.#request, seconds);
  }

  async refusal(wish: CallWish): Promise<Response | undefined> {
    const entrance = await this.enter(wish);
    return "refusal" in entrance ? entrance.refusal : undefined;
  }

  enter(wish: CallWish): Promise<Entrance> {
    return this.#facts.guard.enter(this.#request, { ...wish, client: this.client });
  }

  /** Browsers let any page open a WebSocket and read it: what other answers leave to them has to be looked at here. */
  upgrade(data: WebSocketPeer, headers: Readonly<Record<string, string>>): Response {
    const { server, origins } = this.#facts;
    const stranger = strangeReader(this.#request, origins);
    if (stranger !== undefined)
      return errorResponse(
        403,
        `a page of ${printable(stranger)} may not read this, expected its origin among those that are allowed`,
      );
    if (server.upgrade(this.#request, { data, headers })) return upgraded;
    return errorResponse(400, "expected the handshake of a WebSocket");
  }
}

/** Stands for the answer to a request that has become a WebSocket. */
export const upgraded = new Response(null, { status: 204 });

/** IPv4 that came mapped into IPv6 as IPv4. */
const plainIp = ({ address }: RequestPeer): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
