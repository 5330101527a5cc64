import { ConfigError, messageOf } from "../../base/errors.ts";
import { formatDuration } from "../../base/units.ts";
import { version } from "../../base/version.ts";
import type { Attempt, Hook, HookOutcome } from "../delivery/hook.ts";
import type { HookEvent } from "../event/hook-event.ts";

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
  const authorization = basicAuthorization(url, shown);
  url.username = "";
  url.password = "";
  return { href: url.href, authorization, label };
};

const basicAuthorization = ({ username, password }: URL, shown: string): string | undefined => {
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
  return `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
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

/** What a {@link WebhookHook} is made of. */
export interface WebhookHookOptions {
  readonly id: string;
  readonly url: WebhookUrl;
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
  /** `rtmp-server/VERSION` where left out. */
  readonly userAgent?: string;
}

/** Timers fire at once for longer delays. */
const maxTimeoutMs = 2 ** 31 - 1;

/**
 * Posts each event as JSON. Any 2xx is success; a redirect is not followed, since it would carry the event to where nobody sent it.
 * `webhook-id` is the same whenever the event is sent, `X-RTMP-Delivery` never.
 */
export class WebhookHook implements Hook {
  readonly type = "webhook";
  readonly id: string;
  /** Where it posts to, fit for logs. */
  readonly label: string;
  readonly #url: WebhookUrl;
  readonly #timeoutMs: number;
  readonly #userAgent: string;

  constructor(options: WebhookHookOptions) {
    this.id = options.id;
    this.label = options.url.label;
    this.#url = options.url;
    this.#timeoutMs = Math.min(options.timeoutMs, maxTimeoutMs);
    this.#userAgent = options.userAgent ?? `rtmp-server/${version}`;
  }

  async execute({ event, body }: Attempt, signal: AbortSignal): Promise<HookOutcome> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const end = AbortSignal.any([timeout, signal]);
    try {
      const response = await fetch(this.#url.href, {
        method: "POST",
        body,
        headers: this.#headers(event),
        redirect: "manual",
        signal: end,
        ...bunOptions,
      });
      return await outcomeOf(response, end);
    } catch (error) {
      if (signal.aborted) return { kind: "failed", error: "aborted", verdict: "aborted" };
      if (timeout.aborted)
        return {
          kind: "failed",
          error: `timed out after ${formatDuration(this.#timeoutMs)}`,
          verdict: "retry",
        };
      return {
        kind: "failed",
        error: reasonOf(error).replaceAll(this.#url.href, this.label),
        verdict: "retry",
      };
    }
  }

  #headers(event: HookEvent): Record<string, string> {
    const { authorization } = this.#url;
    return {
      "Content-Type": "application/json",
      "User-Agent": this.#userAgent,
      "Accept-Encoding": "identity",
      "X-RTMP-Event": event.type,
      "X-RTMP-Delivery": Bun.randomUUIDv7(),
      "X-RTMP-Attempt": "1",
      "webhook-id": event.id,
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    };
  }
}

/** Bun would give up after five minutes by itself, and unpack a few compressed bytes to any size. */
const bunOptions = { timeout: false, decompress: false };

/** The most of an answer that is read before its connection is closed, in bytes. */
const maxAnswerBytes = 65_536;

/** The most of an answer that is kept for a person to look at, in bytes. */
const maxDetailBytes = 1_024;

/** @throws what broke the connection of an answer that said yes, but did not end */
const outcomeOf = async (response: Response, end: AbortSignal): Promise<HookOutcome> => {
  const answer = await readAnswer(response);
  if (response.ok) {
    // The status is the answer. A body that is cut off by us says nothing; one that breaks may be a receiver that died.
    if (answer.error !== undefined && !end.aborted) throw answer.error;
    return { kind: "done" };
  }
  const { status } = response;
  const text = status >= 300 && status < 400 ? ", redirects are not followed" : "";
  const error = oneLine(`${`status ${status} ${response.statusText}`.trim()}${text}`);
  return answer.detail === ""
    ? { kind: "failed", error, verdict: "retry" }
    : { kind: "failed", error, detail: answer.detail, verdict: "retry" };
};

/** What was read of an answer, and what kept it from being read on. */
interface Answer {
  readonly detail: string;
  readonly error?: unknown;
}

/** Reads an answer, so that its connection can be used again; one that is too long is cut off. */
const readAnswer = async ({ body }: Response): Promise<Answer> => {
  if (!body) return { detail: "" };
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let length = 0;
  let detail = "";
  try {
    while (length < maxAnswerBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      const kept = value.subarray(0, Math.max(0, maxDetailBytes - length));
      detail += decoder.decode(kept, { stream: true });
      length += value.length;
    }
    return { detail: detail + decoder.decode() };
  } catch (error) {
    return { detail: detail + decoder.decode(), error };
  } finally {
    // Where the connection is broken already, this says so once more.
    reader.cancel().catch(() => undefined);
  }
};

/** What the codes of `fetch` mean. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection closed before the answer was whole",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name could not be looked up",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  EPROTO: "TLS handshake failed",
  Malformed_HTTP_Response: "answer is not HTTP",
};

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (known !== undefined) return `${known} (${code})`;
  const text = oneLine(messageOf(error));
  return /CERT|ISSUER|ALTNAME|HOSTNAME/.test(code) ? `certificate refused: ${text} (${code})` : text;
};

/** Text from outside in one line that is not too long. */
const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ").substring(0, 200);
