import { createHash, timingSafeEqual } from "node:crypto";
import { errorResponse } from "../../http/error-response.ts";
import type { Call, Handler } from "../../http/resource.ts";

const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();

/**
 * Decides who may read and change something. With a token whoever knows it may, as `Authorization: Bearer`, or as the password of Basic
 * so that browsers ask for it; without one everybody may read, and whoever is on this machine may change.
 */
export class Entrance {
  readonly #token: Uint8Array | undefined;

  /** An empty token is none. */
  constructor(token: string) {
    this.#token = token === "" ? undefined : digest(token);
  }

  /** A handler that only reads. */
  reading(handle: Handler): Handler {
    return (request, call) => (this.#knows(request) ? handle(request, call) : refuse());
  }

  /** A handler that changes something. */
  changing(handle: Handler): Handler {
    return (request, call) => {
      if (this.#token) return this.#knows(request) ? handle(request, call) : refuse();
      if (isOnThisMachine(request, call)) return handle(request, call);
      return errorResponse(403, "changes are for this machine only, expected token to be set for others");
    };
  }

  #knows(request: Request): boolean {
    if (!this.#token) return true;
    const given = tokenOf(request.headers.get("Authorization") ?? "");
    return given !== undefined && timingSafeEqual(digest(given), this.#token);
  }
}

const refuse = (): Response => {
  const response = errorResponse(
    401,
    "no token, expected Authorization: Bearer with the token of the orchestrator",
  );
  response.headers.set("WWW-Authenticate", 'Basic realm="orchestrator"');
  return response;
};

const tokenOf = (authorization: string): string | undefined => {
  const [, scheme = "", rest = ""] = /^(\w+) +(.*)$/.exec(authorization) ?? [];
  if (/^bearer$/i.test(scheme)) return rest;
  if (!/^basic$/i.test(scheme)) return undefined;
  const pair = Buffer.from(rest, "base64").toString();
  return pair.substring(pair.indexOf(":") + 1);
};

/** What proxies say of whom they ask for. */
const proxyHeaders = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"];

/** Behind a proxy everybody seems to be. */
const isOnThisMachine = ({ headers }: Request, { client: { ip } }: Call): boolean =>
  (ip === "::1" || ip.startsWith("127.")) && !proxyHeaders.some((name) => headers.has(name));
