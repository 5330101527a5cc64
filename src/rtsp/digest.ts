import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type AuthHeader, quoted } from "./auth-header.ts";

/** Hash of a digest, as headers name it. RFC 7616 3.3. */
export type DigestAlgorithm = "MD5" | "SHA-256";

const hash = (algorithm: DigestAlgorithm, text: string): string =>
  createHash(algorithm === "MD5" ? "md5" : "sha256")
    .update(text)
    .digest("hex");

/** What goes into a digest. */
type DigestInput = {
  readonly algorithm: DigestAlgorithm;
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  /** Of RFC 2617 and later; without it the older form is meant, which FFmpeg, GStreamer and live555 use for RTSP. */
  readonly quality?: { readonly qop: string; readonly nc: string; readonly cnonce: string } | undefined;
};

const digestOf = (input: DigestInput): string => {
  const { algorithm, user, realm, password, nonce, method, uri, quality } = input;
  const secret = hash(algorithm, `${user}:${realm}:${password}`);
  const request = hash(algorithm, `${method}:${uri}`);
  const middle = quality ? `${nonce}:${quality.nc}:${quality.cnonce}:${quality.qop}` : nonce;
  return hash(algorithm, `${secret}:${middle}:${request}`);
};

const algorithmOf = (parameters: ReadonlyMap<string, string>): DigestAlgorithm | undefined => {
  switch ((parameters.get("algorithm") ?? "MD5").toUpperCase()) {
    case "MD5":
      return "MD5";
    case "SHA-256":
      return "SHA-256";
    default:
      return undefined;
  }
};

const nonceTimeDigits = 12;

/**
 * Nonces without a memory: each is its time with a seal over it, so that any number of challenges costs nothing, and none holds longer than
 * it may. Within that time a client may use it for all its requests, as RTSP clients do.
 */
export class Nonces {
  readonly #secret: Uint8Array;
  readonly #maxAgeMs: number;

  /** `secret`: random bytes that leave the process nowhere, 16 or more. */
  constructor(secret: Uint8Array, maxAgeMs: number) {
    this.#secret = secret;
    this.#maxAgeMs = maxAgeMs;
  }

  /** A nonce of the moment `nowMs`, in milliseconds above zero. */
  issue(nowMs: number): string {
    const time = Math.floor(nowMs).toString(16).padStart(nonceTimeDigits, "0");
    return `${time}${this.#seal(time)}`;
  }

  /** `stale`: ours, but too old; the client may try again with the same password. `unknown`: not ours. */
  check(nonce: string, nowMs: number): "fresh" | "stale" | "unknown" {
    const time = nonce.substring(0, nonceTimeDigits);
    if (!/^[0-9a-f]{12}$/.test(time) || !isSame(nonce.substring(nonceTimeDigits), this.#seal(time)))
      return "unknown";
    const age = nowMs - Number.parseInt(time, 16);
    return age <= this.#maxAgeMs && age >= -1000 ? "fresh" : "stale";
  }

  #seal(time: string): string {
    return createHmac("sha256", this.#secret).update(time).digest("hex").substring(0, 32);
  }
}

const isSame = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** A WWW-Authenticate value that asks for a digest. */
export const digestChallenge = (challenge: {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  readonly isStale?: boolean;
}): string => {
  const { realm, nonce, algorithm, isStale = false } = challenge;
  const parts = [`Digest realm=${quoted(realm)}`, `nonce=${quoted(nonce)}`];
  // Old clients know no algorithm but MD5, and some trip over its name.
  if (algorithm !== "MD5") parts.push(`algorithm=${algorithm}`);
  if (isStale) parts.push("stale=true");
  return parts.join(", ");
};

/** Who a digest says to be, and with which nonce; its truth is for {@link isDigestOf}. */
export type DigestClaim = {
  readonly user: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
};

/** The claim of an Authorization header; undefined where it is no digest, or one that we did not ask for. */
export const digestClaim = ({ scheme, parameters }: AuthHeader): DigestClaim | undefined => {
  const user = parameters.get("username");
  const nonce = parameters.get("nonce");
  const uri = parameters.get("uri");
  if (scheme !== "digest" || user === undefined || nonce === undefined || uri === undefined) return undefined;
  if (algorithmOf(parameters) === undefined || !parameters.has("response")) return undefined;
  return { user, realm: parameters.get("realm") ?? "", nonce, uri };
};

/**
 * True when the header was made with this password for this request. The nonce and the user are for the caller to check. The URI that was
 * signed has to be that of the request, or of the session it is about: clients sign the session's URL when they set up a track of it.
 */
export const isDigestOf = (
  header: AuthHeader,
  expected: {
    readonly password: string;
    readonly realm: string;
    readonly method: string;
    readonly url: string;
  },
): boolean => {
  const claim = digestClaim(header);
  const algorithm = algorithmOf(header.parameters);
  if (!claim || !algorithm || claim.realm !== expected.realm || !isUriOf(claim.uri, expected.url))
    return false;
  const qop = header.parameters.get("qop");
  if (qop !== undefined && qop !== "auth") return false;
  const response = digestOf({
    algorithm,
    user: claim.user,
    password: expected.password,
    realm: expected.realm,
    nonce: claim.nonce,
    method: expected.method,
    uri: claim.uri,
    quality:
      qop === undefined
        ? undefined
        : { qop, nc: header.parameters.get("nc") ?? "", cnonce: header.parameters.get("cnonce") ?? "" },
  });
  return isSame((header.parameters.get("response") ?? "").toLowerCase(), response);
};

const pathOf = (url: string): string => url.replace(/^rtsps?:\/\/[^/]*/i, "").replace(/\/$/, "");

/** The same, or the session of which the URL is a track: one part more. */
const isUriOf = (signed: string, url: string): boolean => {
  const [a, b] = [pathOf(signed), pathOf(url)];
  if (a === b) return true;
  if (a === "" || !b.startsWith(a)) return false;
  const more = b.substring(a.length);
  return more.startsWith("?") || /^\/[^/]*$/.test(more);
};

/** The Authorization value that answers a server's digest challenge; undefined for one of a kind that we do not know. */
export const answerDigest = (
  { parameters }: AuthHeader,
  request: {
    readonly user: string;
    readonly password: string;
    readonly method: string;
    readonly url: string;
    /** Random text, for servers that want `qop`. */
    readonly cnonce: string;
  },
): string | undefined => {
  const { user, password, method, url, cnonce } = request;
  const algorithm = algorithmOf(parameters);
  const nonce = parameters.get("nonce");
  if (!algorithm || nonce === undefined) return undefined;
  const realm = parameters.get("realm") ?? "";
  const offered = parameters
    .get("qop")
    ?.split(",")
    .map((each) => each.trim());
  if (offered && !offered.includes("auth")) return undefined;
  const quality = offered && { qop: "auth", nc: "00000001", cnonce };
  const response = digestOf({ algorithm, user, password, realm, nonce, method, uri: url, quality });
  const opaque = parameters.get("opaque");
  return [
    `Digest username=${quoted(user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(url)}`,
    ...(parameters.has("algorithm") ? [`algorithm=${algorithm}`] : []),
    ...(quality ? [`qop=auth, nc=${quality.nc}, cnonce=${quoted(cnonce)}`] : []),
    `response=${quoted(response)}`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ].join(", ");
};
