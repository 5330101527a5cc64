import { createHmac, timingSafeEqual } from "node:crypto";
import { webhookKeyOf } from "../../base/webhook-key.ts";

/** How far the clocks of sender and receiver may be apart, in milliseconds. Older requests may be repeated by others. */
const toleranceMs = 300_000;

/** Checks that events come from somebody who knows a secret, by the headers of Standard Webhooks. */
export class EventSignature {
  readonly #key: Uint8Array;

  /** @throws ConfigError for a `whsec_` secret that holds nothing */
  constructor(secret: string) {
    this.#key = webhookKeyOf(secret);
  }

  /** Why a request with this body does not count; undefined where it does. `now` is Unix time in milliseconds. */
  faultOf(headers: Headers, body: Uint8Array, now: number): string | undefined {
    const id = headers.get("webhook-id");
    const timestamp = headers.get("webhook-timestamp");
    const signatures = headers.get("webhook-signature");
    if (id === null || timestamp === null || signatures === null)
      return "no signature, expected webhook-id, webhook-timestamp and webhook-signature";
    const sentAt = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN;
    if (!(Math.abs(now - sentAt) <= toleranceMs))
      return "webhook-timestamp is more than 5 minutes off, expected clocks that agree";
    const expected = createHmac("sha256", this.#key).update(`${id}.${timestamp}.`).update(body).digest();
    const isSigned = signatures.split(" ").some((each) => {
      const [version, text = ""] = each.split(",");
      const given = Buffer.from(text, "base64");
      return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
    });
    return isSigned
      ? undefined
      : "the signature is another, expected one with the secret of the orchestrator";
  }
}
