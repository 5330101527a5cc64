import type { Attempt } from "../../../src/hooks/delivery/hook.ts";
import type { WebhookSettings } from "../../../src/hooks/webhook/webhook-settings.ts";
import { sampleEvent } from "../sample-event.ts";

/** A webhook without anything that is not asked for. */
export const sampleSettings = (changes: Partial<WebhookSettings> = {}): WebhookSettings => ({
  url: "http://127.0.0.1/",
  method: "POST",
  headers: [],
  auth: undefined,
  format: "seed",
  tls: { ca: undefined, cert: undefined, key: undefined, fingerprint: undefined },
  proxy: undefined,
  egress: "default",
  tlsPolicy: "public",
  ...changes,
});

/** The first try to deliver a sample. */
export const sampleAttempt = (changes: Partial<Attempt> = {}): Attempt => {
  const event = changes.event ?? sampleEvent();
  return { event, body: JSON.stringify(event), number: 1, ...changes };
};
