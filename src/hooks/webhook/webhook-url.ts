import { ConfigError } from "../../base/errors.ts";
import { basicAuthorization } from "../../outgoing/basic-authorization.ts";

/** Where a webhook goes to. Mint it with {@link parseWebhookUrl}. */
export interface WebhookUrl {
  /** What is requested, without user and password. */
  readonly href: string;
  /** The user and password of the URL as an `Authorization` header; undefined where it has none. */
  readonly authorization: string | undefined;
  /** For logs: no secrets. */
  readonly label: string;
}

const accepted = "expected http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH][?QUERY]";

/**
 * Reads the URL of a webhook. A user and password become Basic authorization (RFC 7617), in UTF-8.
 * @throws ConfigError for another scheme, a missing host, a fragment, or a user that Basic authorization cannot carry
 */
export const parseWebhookUrl = (text: string): WebhookUrl => {
  const label = redactUrl(text);
  const shown = JSON.stringify(label);
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  if (!/^https?$/i.test(scheme)) throw new ConfigError(`${shown} is no webhook URL, ${accepted}`);
  if (/^(?:[/?#\\:]|$)/.test(rest.replace(/^[^/?#\\]*@/, "")))
    throw new ConfigError(`${shown} has no host, ${accepted}`);
  if (text.includes("#"))
    throw new ConfigError(`${shown} has a fragment, which is never sent; write a # that is meant as %23`);
  const url = URL.parse(text);
  if (!url) throw new ConfigError(`${shown} is no webhook URL, ${accepted}`);
  const authorization = authorizationOf(url, shown);
  url.username = "";
  url.password = "";
  return { href: url.href, authorization, label };
};

const authorizationOf = ({ username, password }: URL, shown: string): string | undefined => {
  if (username === "" && password === "") return undefined;
  let user: string;
  let secret: string;
  try {
    user = decodeURIComponent(username);
    secret = decodeURIComponent(password);
  } catch {
    throw new ConfigError(`${shown} has a user or password with a % that is no escape, write it as %25`);
  }
  if (user.includes(":")) throw new ConfigError(`${shown} has a user with a colon, which cannot be sent`);
  return basicAuthorization(user, secret);
};

/** Long parts of a path with digits or capitals are keys at many services. */
const looksSecret = (segment: string): boolean => /^(?=.*[\dA-Z])[^/]{20,}$/.test(segment);

/** A URL fit for logs: user and password, the values of the query, and parts of the path that look like keys become `***`. */
export const redactUrl = (text: string): string => {
  const url = URL.parse(text);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? "";
  if (!url || url.host === "" || scheme === "") return `${scheme}***`;
  const user = url.username || url.password ? "***@" : "";
  const path = url.pathname
    .split("/")
    .map((segment) => (looksSecret(segment) ? "***" : segment))
    .join("/");
  const query = url.search
    .substring(1)
    .split("&")
    .map((pair) => (pair.includes("=") ? `${pair.substring(0, pair.indexOf("="))}=***` : pair && "***"))
    .join("&");
  return `${url.protocol}//${user}${url.host}${path}${query && `?${query}`}`;
};
