import { createHmac } from "node:crypto";
import { ConfigError } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import type { Authenticator, SignedRequest } from "./authenticator.ts";
import type { Header } from "./header.ts";
import type { AuthSettings } from "./webhook-settings.ts";

type HmacSettings = Extract<AuthSettings, { type: "hmac" }>;

/**
 * Signs with a shared secret, twice: a header of one value over the body (`X-Signature: sha256=HEX`), and the headers of Standard
 * Webhooks over id, time and body. While there are two secrets the latter carry both signatures and the former the one that was chosen.
 */
export class HmacSignature implements Authenticator {
  readonly #settings: HmacSettings;
  readonly #clock: Clock;
  readonly #keys: { readonly current: Uint8Array; readonly previous: Uint8Array | undefined };

  /** @throws ConfigError for a `whsec_` secret that holds nothing */
  constructor(settings: HmacSettings, clock: Clock) {
    const { secret, previousSecret } = settings;
    this.#settings = settings;
    this.#clock = clock;
    this.#keys = {
      current: keyOf(secret),
      previous: previousSecret === undefined ? undefined : keyOf(previousSecret),
    };
  }

  headersFor({ id, body }: SignedRequest): Promise<readonly Header[]> {
    const { algorithm, header, legacySignWith, secret, previousSecret, previousUntil } = this.#settings;
    const now = this.#clock.date().getTime();
    const isRotating = previousSecret !== undefined && (previousUntil === undefined || now < previousUntil);
    const legacySecret = isRotating && legacySignWith === "previous" ? previousSecret : secret;
    const seconds = String(Math.floor(now / 1_000));
    const { current, previous } = this.#keys;
    const signatures = [current, ...(isRotating && previous ? [previous] : [])].map(
      (key) => `v1,${createHmac("sha256", key).update(`${id}.${seconds}.`).update(body).digest("base64")}`,
    );
    return Promise.resolve([
      // Whoever checks this one takes the secret as it is written, whsec_ and all.
      [header, `${algorithm}=${createHmac(algorithm, legacySecret).update(body).digest("hex")}`],
      ["webhook-timestamp", seconds],
      ["webhook-signature", signatures.join(" ")],
    ]);
  }
}

/** The key that Standard Webhooks mean by a secret. */
const keyOf = (secret: string): Uint8Array => {
  const prefix = "whsec_";
  if (!secret.startsWith(prefix)) return Buffer.from(secret);
  const text = secret.substring(prefix.length);
  const key = Buffer.from(text, "base64");
  if (key.length === 0 || !/^[A-Za-z0-9+/_-]+=*$/.test(text))
    throw new ConfigError("secret begins with whsec_, expected Base64 behind it");
  return key;
};
