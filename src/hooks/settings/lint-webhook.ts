import ipaddr from "ipaddr.js";
import { unreachable } from "../../base/errors.ts";
import type { AuthSettings, WebhookSettings } from "../webhook/webhook-settings.ts";
import { redactUrl } from "../webhook/webhook-url.ts";

/** How far away a host is, as far as its name says. */
export type Reach = "loopback" | "private" | "link-local" | "public";

/** How far away the host of a URL is. A name without a dot, and one that ends like those of local networks, is private. */
export const reachOf = (url: string): Reach => {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(host)) return reachOfAddress(host);
  if (/(?:^|\.)localhost$/.test(host)) return "loopback";
  return !host.includes(".") || /\.(?:local|internal|lan|home|corp|intranet|home\.arpa)$/.test(host)
    ? "private"
    : "public";
};

const reachOfAddress = (host: string): Reach => {
  const range = ipaddr.process(host).range();
  if (range === "loopback") return "loopback";
  if (range === "linkLocal") return "link-local";
  return ["private", "uniqueLocal", "carrierGradeNat"].includes(range) ? "private" : "public";
};

/** What is odd about a webhook: one line each, without secrets. */
export const lintWebhook = (webhook: WebhookSettings): string[] => [
  ...lintEncryption(webhook),
  ...lintEgress(webhook),
  ...lintAuth(webhook),
  ...lintHeaders(webhook),
];

const lintEncryption = ({ url, tlsPolicy }: WebhookSettings): string[] => {
  if (new URL(url).protocol !== "http:" || reachOf(url) !== "public") return [];
  const shown = redactUrl(url);
  return tlsPolicy === "off"
    ? [`anybody on the way can read and change what is sent to ${shown}: plain http to a public host`]
    : [`never sent: ${shown} is plain http to a public host, and tls_policy is ${tlsPolicy}; use https`];
};

/** What an egress policy keeps from being sent: one line at most, without secrets. */
export const lintEgress = ({ url, egress }: WebhookSettings): string[] => {
  const [reach, shown] = [reachOf(url), redactUrl(url)];
  if (reach === "link-local" && egress !== "any")
    return [`never sent: ${shown} is a link-local address, and egress is ${egress}`];
  if ((reach === "private" || reach === "loopback") && egress === "public-only")
    return [`never sent: ${shown} is no public address, and egress is public-only`];
  return [];
};

const lintAuth = ({ url, auth, headers }: WebhookSettings): string[] => {
  const shown = redactUrl(url);
  const { username, password } = new URL(url);
  const hasOwn = headers.some(([name]) => /auth|token|key|signature|secret/i.test(name));
  // The URLs of many services are secrets themselves.
  const isProven = auth || hasOwn || username || password || shown.includes("***");
  return !isProven && reachOf(url) === "public"
    ? [`${shown} is public and cannot know who sent an event; give it auth`]
    : [];
};

/** The header Authorization was told of when the webhook was read. */
const lintHeaders = ({ auth, headers }: WebhookSettings): string[] => {
  const own = auth?.type === "api_key" || auth?.type === "hmac" ? auth.header : undefined;
  const twice = headers.find(([name]) => name.toLowerCase() === own?.toLowerCase());
  return twice ? [`header ${twice[0]} is set by auth too`] : [];
};

/** The secrets of one kind of authentication. */
export const secretsOf = (auth: AuthSettings): readonly string[] => {
  switch (auth.type) {
    case "api_key":
      return [auth.key];
    case "hmac":
    case "jwt":
      return [auth.secret];
    case "oauth2":
      return [auth.clientSecret];
    case "basic":
      return [auth.password];
    default:
      return unreachable(auth);
  }
};
