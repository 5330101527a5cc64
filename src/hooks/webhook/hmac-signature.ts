import { createHmac } from "node:crypto";
import type { Clock } from "../../base/time.ts";
import { webhookKeyOf } from "../../base/webhook-key.ts";
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
      current: webhookKeyOf(secret),
      previous: previousSecret === undefined ? undefined : webhookKeyOf(previousSecret),
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
