import { errors, type JWTPayload, jwtVerify } from "jose";
import { withDeadline } from "../base/deadline.ts";
import { messageOf, TransportError } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { Permission } from "../config/server/auth-settings.ts";
import { Requester } from "../outgoing/requester.ts";
import type { Admission, AdmissionRequest } from "../stream/admission.ts";
import { credentialsOfQuery } from "../stream/credentials.ts";
import { allow, allowAnybody, askingMs, refuse } from "./answer.ts";
import { claimedPermissions } from "./claimed-permissions.ts";
import { KeySet } from "./key-set.ts";
import { PermissionSet } from "./permission-set.ts";
import type { Judge } from "./question.ts";

/** Whose tokens count, and what has to be in them. */
export interface JwtAccessOptions {
  /** Where the keys are. */
  readonly jwks: string;
  readonly fingerprint: string;
  readonly claimKey: string;
  /** Not checked where empty. */
  readonly issuer: string;
  /** Not checked where empty. */
  readonly audience: string;
  /** What is permitted without a token. */
  readonly exclude: readonly Permission[];
  /** Whether a token may stand in the query of an HTTP request, too. */
  readonly isInHttpQuery: boolean;
  readonly clock: Clock;
}

/** Longer tokens are none, in characters: nobody has to hash a megabyte. */
const maxTokenLength = 32_768;

/** JSON Web Tokens (RFC 7519) that say themselves what their bearer may do. The bearer's name is their subject. */
export class JwtAccess implements Judge {
  readonly #options: JwtAccessOptions;
  readonly #keys: KeySet;
  readonly #excluded: PermissionSet;

  /** @throws ConfigError for an address or a fingerprint that is none */
  constructor(options: JwtAccessOptions) {
    const { jwks, fingerprint, exclude, clock } = options;
    this.#options = options;
    const requester = new Requester({ url: jwks, fingerprint, deadlineMs: askingMs, clock });
    this.#keys = new KeySet({ requester, clock });
    this.#excluded = new PermissionSet(exclude);
  }

  /** Forgets the keys: the next token fetches them. */
  refresh(): void {
    this.#keys.refresh();
  }

  /** See {@link Judge}. */
  atOnce(request: AdmissionRequest): Admission | undefined {
    if (this.#excluded.permits(request)) return allowAnybody(request.credentials.user);
    const token = this.#tokenOf(request);
    if (token === "") return refuse("missing", `a token is needed to ${request.action} here`);
    return token.length > maxTokenLength ? refuse("denied", "the token is too long") : undefined;
  }

  /** See {@link Judge}. */
  decide(request: AdmissionRequest): Admission | Promise<Admission> {
    return this.atOnce(request) ?? this.#decideByToken(request);
  }

  /** The first that there is of: the one in a header, which no password comes with, the password, and the one in the query. */
  #tokenOf({ credentials: { password, token }, protocol, query }: AdmissionRequest): string {
    const isHttp = protocol === "" || protocol === "hls";
    const inQuery = isHttp && this.#options.isInHttpQuery ? credentialsOfQuery(query).token : "";
    return password || token || inQuery;
  }

  #decideByToken(request: AdmissionRequest): Promise<Admission> {
    const { clock } = this.#options;
    const verified = this.#verify(this.#tokenOf(request));
    return withDeadline(verified, { clock, ms: askingMs, what: "keys" }).then(
      (claims) => this.#answerTo(request, claims),
      refusalFor,
    );
  }

  async #verify(token: string): Promise<JWTPayload> {
    const { issuer, audience, clock } = this.#options;
    const { payload } = await jwtVerify(token, this.#keys.find, {
      currentDate: clock.date(),
      ...(issuer === "" ? {} : { issuer }),
      ...(audience === "" ? {} : { audience }),
    });
    return payload;
  }

  #answerTo(request: AdmissionRequest, claims: JWTPayload): Admission {
    const { claimKey } = this.#options;
    const permissions = claimedPermissions(Object.hasOwn(claims, claimKey) ? claims[claimKey] : undefined);
    if (!permissions)
      return refuse("denied", `the claim ${printable(claimKey)} of the token is no list of permissions`);
    return permissions.permits(request)
      ? allow(claims.sub ?? "")
      : refuse("denied", `the token does not permit to ${request.action} here`);
  }
}

/** What is wrong, in our words: those of jose may hold parts of the token. */
const refusalFor = (error: unknown): Admission => {
  if (error instanceof TransportError)
    return refuse("unavailable", `the keys of tokens: ${messageOf(error)}`);
  if (error instanceof errors.JWTExpired) return refuse("denied", "the token has expired");
  if (error instanceof errors.JWTClaimValidationFailed)
    return refuse("denied", `the token has another ${knownClaim(error.claim)} than is expected`);
  if (error instanceof errors.JWKSNoMatchingKey) return refuse("denied", "no known key fits the token");
  return refuse("denied", "the token is not valid");
};

const claimNames: Readonly<Record<string, string>> = { iss: "issuer", aud: "audience", nbf: "beginning" };

const knownClaim = (claim: string): string => claimNames[claim] ?? "claim";
