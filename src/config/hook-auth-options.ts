import { durationFrom, longest, parseClaim, parseHeader, parseSecret } from "./hook-values.ts";
import { listOption, nonEmpty, type Option, oneOf, optionalOption, valueOption } from "./option.ts";

const proving = "Hooks: authentication and safety";

const secretOption = (face: { flag: string; help: string }): Option<string | undefined> =>
  optionalOption({ ...face, group: proving, isSecret: true }, { placeholder: "SECRET", parse: parseSecret });

/** How webhooks prove where they come from, and where they may go. */
export const hookAuthOptions = {
  hookAuthApiKey: secretOption({
    flag: "hook-auth-api-key",
    help: "send this key with every webhook; a SECRET is the text itself, or file:/PATH to read it from a file",
  }),
  hookAuthHeader: valueOption(
    { flag: "hook-auth-header", group: proving, help: "the header that carries the key" },
    { placeholder: "NAME", fallback: "X-API-Key", parse: nonEmpty("the name of a header") },
  ),
  hookAuthHmacSecret: secretOption({
    flag: "hook-auth-hmac-secret",
    help: "sign the body of every webhook with this secret: X-Signature, webhook-signature",
  }),
  hookAuthHmacAlgorithm: valueOption(
    { flag: "hook-auth-hmac-algorithm", group: proving, help: "sha256, or sha1 for old receivers" },
    { placeholder: "NAME", fallback: "sha256", parse: oneOf(["sha256", "sha1"] as const) },
  ),
  hookAuthJwtSecret: secretOption({
    flag: "hook-auth-jwt-secret",
    help: "send a JSON Web Token with every webhook, signed with this secret (HS256)",
  }),
  hookAuthJwtIssuer: valueOption(
    { flag: "hook-auth-jwt-issuer", group: proving, help: "who the token is from (iss)" },
    { placeholder: "TEXT", fallback: "rtmp-server", parse: nonEmpty("an issuer") },
  ),
  hookAuthJwtTtlMs: valueOption(
    { flag: "hook-auth-jwt-ttl", group: proving, help: "how long the token holds" },
    { placeholder: "DURATION", fallback: "1h", parse: durationFrom("1s", longest) },
  ),
  hookAuthJwtSubject: optionalOption(
    { flag: "hook-auth-jwt-subject", group: proving, help: "what the token is about (sub)" },
    { placeholder: "TEXT", parse: nonEmpty("a subject") },
  ),
  hookAuthJwtAudience: optionalOption(
    { flag: "hook-auth-jwt-audience", group: proving, help: "who the token is for (aud)" },
    { placeholder: "TEXT", parse: nonEmpty("an audience") },
  ),
  hookAuthJwtClaims: listOption(
    { flag: "hook-auth-jwt-claim", group: proving, help: "put one more claim into the token; repeatable" },
    { placeholder: "NAME=VALUE", parse: parseClaim },
  ),
  hookHeaders: listOption(
    {
      flag: "hook-header",
      group: proving,
      help: "send one more header with every webhook, such as 'X-Source: studio'; its value may be file:/PATH; repeatable",
      isSecret: true,
    },
    { placeholder: "'NAME: VALUE'", parse: parseHeader },
  ),
  hookEgress: valueOption(
    {
      flag: "hook-egress",
      group: proving,
      help: "where webhooks may connect to: any, public-only, or default for all but link-local and cloud metadata",
    },
    {
      placeholder: "POLICY",
      fallback: "default",
      parse: oneOf(["default", "public-only", "any"] as const),
    },
  ),
  hookTlsPolicy: valueOption(
    {
      flag: "hook-tls-policy",
      group: proving,
      help: "where webhooks need https: public addresses, strict for all, or off, which is also what a --hook-webhook with http means where nothing is said",
    },
    { placeholder: "POLICY", fallback: "public", parse: oneOf(["public", "strict", "off"] as const) },
  ),
} as const satisfies Record<string, Option<unknown>>;
