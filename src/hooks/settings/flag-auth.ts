import { forFlag } from "../../base/errors.ts";
import type { AuthFile } from "./auth-section.ts";
import { givenOf } from "./given.ts";
import { headerName, headerValue } from "./header.ts";
import type { HookFlags } from "./hook-flags.ts";

/** Gives the secret that a text stands for; `name` says what it is for, such as `HOOK_HMAC_SECRET`. @throws ConfigError without the secret */
export type SecretReader = (given: string, name: string) => string;

/** How every webhook of the command line proves where it comes from. */
export interface FlagAuth {
  readonly auth: AuthFile | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly warnings: readonly string[];
}

/**
 * Reads what the flags say about authentication. A webhook has one kind of it: a signature comes before a token, a token before a
 * key, and a key beside another kind is a header like any other.
 * @throws ConfigError that names the flag
 */
export const flagAuthOf = (flags: HookFlags, secret: SecretReader): FlagAuth => {
  const { auth } = flags;
  const warnings: string[] = [];
  const headers = headersOf(flags, { secret, warn: (warning) => warnings.push(warning) });
  const key = apiKeyOf(auth, secret);
  const main = hmacOf(auth, secret) ?? jwtOf(auth, secret);
  if (auth.hmacSecret !== undefined && auth.jwtSecret !== undefined)
    warnings.push("--hook-auth-jwt-secret: not used beside --hook-auth-hmac-secret, webhooks are signed");
  if (main?.type === "jwt" && [...headers.keys(), key?.header].some((name) => isAuthorization(name)))
    warnings.push("--hook-auth-jwt-secret: the token needs the header Authorization, which is given too");
  // A key is but a header.
  if (main && key) setHeader(headers, { name: key.header, value: key.key });
  const isPlainKey = key !== undefined && main === undefined;
  return {
    auth: isPlainKey ? key : main,
    headers: headers.size > 0 ? Object.fromEntries(headers) : undefined,
    warnings,
  };
};

const isAuthorization = (name: string | undefined): boolean => name?.toLowerCase() === "authorization";

const apiKeyOf = ({ apiKey, apiKeyHeader = "X-API-Key" }: HookFlags["auth"], secret: SecretReader) => {
  const header = forFlag("hook-auth-header", () => headerName(apiKeyHeader));
  if (apiKey === undefined) return undefined;
  const key = forFlag("hook-auth-api-key", () => headerValue(secret(apiKey, "HOOK_API_KEY")));
  return { type: "api_key", key, header } as const;
};

const hmacOf = ({ hmacSecret, hmacAlgorithm }: HookFlags["auth"], secret: SecretReader) => {
  if (hmacSecret === undefined) return undefined;
  const read = forFlag("hook-auth-hmac-secret", () => secret(hmacSecret, "HOOK_HMAC_SECRET"));
  return givenOf({ type: "hmac" as const, secret: read, algorithm: hmacAlgorithm });
};

const jwtOf = (auth: HookFlags["auth"], secret: SecretReader) => {
  const { jwtSecret, jwtIssuer, jwtSubject, jwtAudience, jwtClaims, jwtTtlMs } = auth;
  if (jwtSecret === undefined) return undefined;
  return givenOf({
    type: "jwt" as const,
    secret: forFlag("hook-auth-jwt-secret", () => secret(jwtSecret, "HOOK_JWT_SECRET")),
    issuer: jwtIssuer,
    subject: jwtSubject,
    audience: jwtAudience,
    claims: jwtClaims.length > 0 ? Object.fromEntries(jwtClaims) : undefined,
    ttl: jwtTtlMs,
  });
};

/** Sets a header, whatever the case of its name. Gives whether it was set before. */
const setHeader = (headers: Map<string, string>, header: { name: string; value: string }): boolean => {
  const known = [...headers.keys()].find((name) => name.toLowerCase() === header.name.toLowerCase());
  headers.set(known ?? header.name, header.value);
  return known !== undefined;
};

const headersOf = (
  flags: HookFlags,
  { secret, warn }: { secret: SecretReader; warn: (warning: string) => void },
): Map<string, string> => {
  const headers = new Map<string, string>();
  for (const [given, text] of flags.headers) {
    forFlag("hook-header", () => {
      const name = headerName(given);
      const variable = `HOOK_HEADER_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
      const isSet = setHeader(headers, {
        name,
        value: headerValue(secret(text, variable)),
      });
      if (isSet) warn(`--hook-header: ${name} is given more than once, the last one counts`);
    });
  }
  return headers;
};
