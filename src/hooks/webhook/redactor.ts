import { unreachable } from "../../base/errors.ts";
import { basicAuthorization } from "../../outgoing/basic-authorization.ts";
import type { AuthSettings, WebhookSettings } from "./webhook-settings.ts";

/** Shorter parts of URLs and headers, such as `v=1` and `Basic`, are no keys; hiding them would only blacken text. */
const minPartCharacters = 7;

/** Hides what a receiver may repeat in its answer: what it was sent, in every form it may have been sent in. */
export class Redactor {
  readonly #secrets: readonly string[];

  /** `secrets` are hidden wherever they stand. */
  constructor(secrets: Iterable<string>) {
    const forms = [...secrets].flatMap((secret) => [
      secret,
      encodeURIComponent(secret.toWellFormed()),
      JSON.stringify(secret).replace(/^"|"$/g, ""),
    ]);
    // The longest first, since one may be a part of another.
    this.#secrets = [...new Set(forms)].filter((form) => form !== "").sort((a, b) => b.length - a.length);
  }

  /** Knows what the settings of a webhook keep secret. */
  static of(settings: WebhookSettings): Redactor {
    return new Redactor([
      ...(settings.auth ? secretsOf(settings.auth) : []),
      ...(settings.tls.key === undefined ? [] : [settings.tls.key]),
      ...secretsOfUrl(settings.url),
      ...secretsOfUrl(settings.proxy ?? ""),
      ...settings.headers.flatMap(([name, value]) => (mayBeSecret(name) ? secretsOfHeader(value) : [])),
    ]);
  }

  /** One that hides `headers` too: what proves a single request. */
  with(headers: readonly (readonly [name: string, value: string])[]): Redactor {
    return new Redactor([...this.#secrets, ...headers.flatMap(([, value]) => secretsOfHeader(value))]);
  }

  /** The length of the longest secret, in characters: so much more of a text has to be known to cut it without baring half of one. */
  get reach(): number {
    return this.#secrets[0]?.length ?? 0;
  }

  /** `text` with `***` for each secret. */
  redact(text: string): string {
    return this.#secrets.reduce((redacted, secret) => redacted.replaceAll(secret, "***"), text);
  }
}

const mayBeSecret = (name: string): boolean =>
  /auth|token|key|secret|signature|cookie|session|pass/i.test(name);

/** A header, and its parts: a token behind its scheme, each of several signatures. */
const secretsOfHeader = (value: string): string[] => {
  const parts = value.split(/[\s,;]+/).flatMap((part) => [part, part.replace(/^[\w-]+=/, "")]);
  return [value, ...parts.filter((part) => part.length >= minPartCharacters)];
};

const secretsOfUrl = (text: string): string[] => {
  const url = URL.parse(text);
  if (!url) return [];
  const { username, password, searchParams, pathname } = url;
  const values = [...searchParams.values(), ...pathname.split("/").filter((part) => part.length >= 20)];
  const [user, secret] = [decoded(username), decoded(password)];
  return [
    password,
    secret,
    // Some services take a token for a user; a real name is hidden only where it is long enough to be one.
    ...[username, user].filter((name) => name.length >= minPartCharacters),
    ...(username || password ? secretsOfHeader(basicAuthorization(user, secret)) : []),
    ...values.filter((value) => value.length >= minPartCharacters),
  ];
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const secretsOf = (auth: AuthSettings): string[] => {
  switch (auth.type) {
    case "api_key":
      return [auth.key];
    case "hmac":
      return auth.previousSecret === undefined ? [auth.secret] : [auth.secret, auth.previousSecret];
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
