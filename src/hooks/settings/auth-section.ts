import * as v from "valibot";
import { ConfigError } from "../../base/errors.ts";
import { duration, moment, optional, text, word } from "../../config/field.ts";
import { secret } from "../../config/secret.ts";
import { choice, list, section } from "../../config/section.ts";
import { texts } from "../../config/texts.ts";
import { headerName } from "./header.ts";

/** How JWTs may be signed. */
export const jwtAlgorithms = [
  "HS256",
  "HS384",
  "HS512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

const apiKey = section("a key in a header", {
  type: word("api_key", ["api_key"]),
  key: secret("the key"),
  header: optional(text("the header that carries it; X-API-Key by default", { parse: headerName })),
});

const hmac = v.pipe(
  section("a signature over the body, and those of Standard Webhooks", {
    type: word("hmac", ["hmac"]),
    secret: secret("what the signature is made with; whsec_… is decoded from Base64 for Standard Webhooks"),
    algorithm: optional(word("sha256 by default", ["sha256", "sha1"])),
    header: optional(text("the header that carries it; X-Signature by default", { parse: headerName })),
    previous_secret: optional(
      secret("the secret before this one, for receivers that do not have the new one yet"),
    ),
    previous_until: optional(moment("when previous_secret is no longer used")),
    expiry: optional(
      duration("how long previous_secret is used, from when the configuration is read; 24h by default"),
    ),
    legacy_sign_with: optional(
      word("which of two secrets the header with one signature is made with; previous by default", [
        "previous",
        "current",
      ]),
    ),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { previous_secret, previous_until, expiry } = dataset.value;
    if (previous_until !== undefined && expiry !== undefined)
      addIssue({ message: "both previous_until and expiry, expected one of them" });
    if (previous_secret === undefined && (previous_until ?? expiry) !== undefined)
      addIssue({ message: "previous_until or expiry without previous_secret" });
  }),
);

const jwt = v.pipe(
  section("a signed token in the Authorization header, made for each request", {
    type: word("jwt", ["jwt"]),
    secret: secret("the key of HS256, HS384 and HS512, or a private key in PEM (PKCS 8) for the others"),
    algorithm: optional(word("HS256 by default", jwtAlgorithms)),
    issuer: optional(text("the claim iss; rtmp-server by default")),
    subject: optional(text("the claim sub; none by default")),
    audience: optional(text("the claim aud; none by default")),
    claims: optional(texts("further claims", { name: (name) => claimName(name) })),
    ttl: optional(duration("how long a token is good for; 1h by default", { min: "1s", max: "8760h" })),
  }),
  v.forward(
    v.check(
      ({ algorithm = "HS256", secret }) => algorithm.startsWith("HS") || secret.includes("-----BEGIN "),
      "expected a private key in PEM for this algorithm",
    ),
    ["secret"],
  ),
);

const claimName = (name: string): void => {
  if (["iss", "sub", "aud", "exp", "nbf", "iat", "jti"].includes(name))
    throw new ConfigError("a claim that the server sets by itself");
};

const tokenUrl = (given: string): string => {
  const url = URL.parse(given);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash)
    throw new ConfigError("expected http[s]://HOST[:PORT][/PATH], without user, password and fragment");
  return url.href;
};

const oauth2 = section("a token that is fetched with client credentials", {
  type: word("oauth2", ["oauth2"]),
  client_id: text("name of the client"),
  client_secret: secret("its secret"),
  token_url: text("where tokens are fetched", { parse: tokenUrl }),
  scopes: optional(list("what the token is for", text("a scope"))),
  audience: optional(text("whom the token is for; none by default")),
});

const basic = section("user and password", {
  type: word("basic", ["basic"]),
  username: text("user, without a colon", {
    parse: (user) => {
      if (user.includes(":")) throw new ConfigError("a user with a colon, which cannot be sent");
      return user;
    },
  }),
  password: secret("password"),
});

/** How a webhook proves where it comes from. */
export const authSection = choice("how a request proves where it comes from", "type", [
  apiKey,
  hmac,
  jwt,
  oauth2,
  basic,
]);

/** What {@link authSection} gives. */
export type AuthFile = v.InferOutput<typeof authSection>;
