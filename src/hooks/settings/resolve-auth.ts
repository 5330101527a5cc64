import type { AuthSettings } from "../webhook/webhook-settings.ts";
import type { AuthFile } from "./auth-section.ts";
import type { Findings } from "./findings.ts";

/** Shorter secrets can be guessed from a signature (Standard Webhooks asks for as many). */
const minSecretBytes = 24;

const dayMs = 86_400_000;

/** How a webhook proves where it comes from. `now` is the Unix time in milliseconds. */
export const authSettingsOf = (file: AuthFile, now: number, findings: Findings): AuthSettings => {
  switch (file.type) {
    case "api_key":
      return { type: file.type, key: file.key, header: file.header ?? "X-API-Key" };
    case "hmac":
      return hmacOf(file, now, findings);
    case "jwt":
      if ((file.algorithm ?? "HS256").startsWith("HS")) warnOfSecret(file.secret, findings.within("secret"));
      return {
        type: file.type,
        secret: file.secret,
        algorithm: file.algorithm ?? "HS256",
        issuer: file.issuer ?? "rtmp-server",
        subject: file.subject,
        audience: file.audience,
        claims: file.claims ?? {},
        ttlMs: file.ttl ?? 3_600_000,
      };
    case "oauth2":
      return {
        type: file.type,
        clientId: file.client_id,
        clientSecret: file.client_secret,
        tokenUrl: file.token_url,
        scopes: file.scopes ?? [],
        audience: file.audience,
      };
    case "basic":
      return { type: file.type, username: file.username, password: file.password };
  }
};

const hmacOf = (file: Extract<AuthFile, { type: "hmac" }>, now: number, findings: Findings): AuthSettings => {
  const { previous_secret: previous, previous_until: until, expiry } = file;
  warnOfSecret(file.secret, findings.within("secret"));
  if (file.algorithm === "sha1") findings.within("algorithm").warn("sha1 is weak, sha256 is not");
  if (previous !== undefined && until === undefined)
    findings
      .within("previous_secret")
      .warn("no previous_until, so each start of the server lengthens how long it is used");
  if (until !== undefined && until <= now)
    findings.within("previous_until").warn("has passed, previous_secret is not used");
  return {
    type: "hmac",
    secret: file.secret,
    algorithm: file.algorithm ?? "sha256",
    header: file.header ?? "X-Signature",
    previousSecret: previous,
    previousUntil: previous === undefined ? undefined : (until ?? now + (expiry ?? dayMs)),
    legacySignWith: file.legacy_sign_with ?? "previous",
  };
};

const warnOfSecret = (secret: string, findings: Findings): void => {
  const isBase64 = secret.startsWith("whsec_");
  const bytes = isBase64
    ? Buffer.from(secret.substring("whsec_".length), "base64").length
    : Buffer.byteLength(secret);
  if (bytes < minSecretBytes) findings.warn(`secret of ${bytes} bytes, ${minSecretBytes} or more are safe`);
};
