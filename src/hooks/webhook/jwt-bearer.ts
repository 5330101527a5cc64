import { createPrivateKey, createSecretKey, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { ConfigError } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { Authenticator, SignedRequest } from "./authenticator.ts";
import type { Header } from "./header.ts";
import type { AuthSettings } from "./webhook-settings.ts";

type JwtSettings = Extract<AuthSettings, { type: "jwt" }>;

/** Receivers whose clocks are a little behind take a token too. */
const toleranceSeconds = 30;

/** A token that is signed anew for each request. Its `jti` is the id of the event, so a receiver can tell a second one. */
export class JwtBearer implements Authenticator {
  readonly #settings: JwtSettings;
  readonly #clock: Clock;
  readonly #key: KeyObject;

  /** @throws ConfigError for a key that does not go with the algorithm */
  constructor(settings: JwtSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#key = keyOf(settings);
  }

  async headersFor({ id }: SignedRequest): Promise<readonly Header[]> {
    const { algorithm, issuer, subject, audience, claims, ttlMs } = this.#settings;
    const now = Math.floor(this.#clock.date().getTime() / 1_000);
    const token = new SignJWT({ ...claims })
      .setProtectedHeader({ alg: algorithm, typ: "JWT" })
      .setIssuer(issuer)
      .setIssuedAt(now)
      .setNotBefore(now - toleranceSeconds)
      .setExpirationTime(now + Math.ceil(ttlMs / 1_000))
      .setJti(id);
    if (subject !== undefined) token.setSubject(subject);
    if (audience !== undefined) token.setAudience(audience);
    return [["Authorization", `Bearer ${await token.sign(this.#key)}`]];
  }

  /** Nothing to forget: the next token is another one in any case, and the clocks may have met by then. */
  readonly refused = (): void => undefined;
}

/** What kind of key each algorithm wants, as `node:crypto` calls it, and its curve. */
const keyKinds: Readonly<Record<string, { readonly type: string; readonly curve?: string }>> = {
  RS256: { type: "rsa" },
  RS384: { type: "rsa" },
  RS512: { type: "rsa" },
  PS256: { type: "rsa" },
  PS384: { type: "rsa" },
  PS512: { type: "rsa" },
  ES256: { type: "ec", curve: "prime256v1" },
  ES384: { type: "ec", curve: "secp384r1" },
  ES512: { type: "ec", curve: "secp521r1" },
  EdDSA: { type: "ed25519" },
};

const keyOf = ({ algorithm, secret }: JwtSettings): KeyObject => {
  if (/^HS(?:256|384|512)$/.test(algorithm)) {
    if (secret === "") throw new ConfigError("secret is empty, expected the key of the token");
    return createSecretKey(Buffer.from(secret));
  }
  const kind = Object.hasOwn(keyKinds, algorithm) ? keyKinds[algorithm] : undefined;
  if (!kind)
    throw new ConfigError(
      `algorithm ${JSON.stringify(algorithm)}, expected HS256 or one of ${Object.keys(keyKinds).join(", ")}`,
    );
  const expected = `expected a private key in PEM for ${algorithm}: ${kind.type}${kind.curve ? ` on ${kind.curve}` : ""}`;
  let key: KeyObject;
  try {
    key = createPrivateKey(secret);
  } catch {
    // The cause may repeat a part of the key.
    throw new ConfigError(`secret is no private key, ${expected}`);
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== kind.type || (kind.curve !== undefined && details?.namedCurve !== kind.curve))
    throw new ConfigError(`secret is a key of another kind (${type}), ${expected}`);
  return key;
};
