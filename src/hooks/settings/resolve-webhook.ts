import type { BodyFormat, WebhookSettings } from "../webhook/webhook-settings.ts";
import { parseWebhookUrl } from "../webhook/webhook-url.ts";
import type { Findings } from "./findings.ts";
import type { DefaultsFile, WebhookFile } from "./hook-file.ts";
import { authSettingsOf } from "./resolve-auth.ts";

const isPlain = (url: string): boolean => /^http:/i.test(url);

/** A webhook as it is sent: what it says itself, else what `defaults` say. `now` is the Unix time in milliseconds. */
export const webhookSettingsOf = (
  file: WebhookFile,
  { defaults, now }: { defaults: DefaultsFile; now: number },
  findings: Findings,
): WebhookSettings => {
  const url = findings.within("url").attempt(() => parseWebhookUrl(file.url));
  const tlsPolicy = file.tls_policy ?? defaults.tls_policy ?? "public";
  if (isPlain(file.url) && tlsPolicy === "strict")
    findings.within("url").fault("http, expected https with tls_policy strict");
  const auth = file.auth && authSettingsOf(file.auth, now, findings.within("auth"));
  const headers = Object.entries(file.headers ?? {});
  warnOfAuthorization(headers, url?.authorization !== undefined, auth?.type, findings);
  return {
    url: file.url,
    method: file.method ?? "POST",
    headers,
    auth,
    format: formatOf(file, findings),
    tls: {
      ca: file.tls?.ca,
      cert: file.tls?.cert,
      key: file.tls?.key,
      fingerprint: file.tls?.fingerprint,
    },
    proxy: file.proxy,
    egress: file.egress ?? defaults.egress ?? "default",
    tlsPolicy,
  };
};

const formatOf = ({ format, template }: WebhookFile, findings: Findings): BodyFormat => {
  const named = template === "raw" ? "seed" : template;
  if (format !== undefined && named !== undefined && format !== named)
    findings.within("template").fault(`${template}, but format is ${format}, expected one of them`);
  return format ?? named ?? "seed";
};

/** Only one of all that want to be the Authorization header can. */
const warnOfAuthorization = (
  headers: readonly (readonly [string, string])[],
  isInUrl: boolean,
  type: string | undefined,
  findings: Findings,
): void => {
  const claims = [
    ...(headers.some(([name]) => name.toLowerCase() === "authorization") ? ["headers"] : []),
    ...(isInUrl ? ["the user of url"] : []),
    ...(type === "jwt" || type === "oauth2" || type === "basic" ? ["auth"] : []),
  ];
  if (claims.length > 1) findings.warn(`${claims.join(" and ")} set the header Authorization, expected one`);
};

/** Where dead letters go; undefined where there is none. Plain HTTP works, with a warning. */
export const deadLetterOf = (
  url: string,
  defaults: DefaultsFile,
  findings: Findings,
): WebhookSettings | undefined => {
  if (!findings.attempt(() => parseWebhookUrl(url))) return undefined;
  if (isPlain(url) && defaults.tls_policy === "strict")
    findings.fault("http, expected https with tls_policy strict");
  if (isPlain(url)) findings.warn("http, so anybody on the way can read what could not be delivered");
  return {
    url,
    method: "POST",
    headers: [],
    auth: undefined,
    format: "seed",
    tls: { ca: undefined, cert: undefined, key: undefined, fingerprint: undefined },
    proxy: undefined,
    egress: defaults.egress ?? "default",
    tlsPolicy: isPlain(url) ? "off" : (defaults.tls_policy ?? "public"),
  };
};
