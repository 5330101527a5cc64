import { messageOf } from "../../base/errors.ts";
import type { Answer } from "../../outgoing/exchange.ts";
import type { HookFailure, HookOutcome } from "../delivery/hook.ts";
import { EgressError } from "./egress.ts";
import type { Redactor } from "./redactor.ts";

/** A receiver is not left alone for longer than this, whatever it asks for, in milliseconds. */
const maxRetryAfterMs = 15 * 60_000;

/** The most of an answer that is kept for a person to look at, in bytes. */
export const maxDetailBytes = 1_024;

/** The same request would be refused again. */
const permanent = [400, 405, 406, 411, 413, 414, 415, 422, 431, 501, 505];

const verdictOf = (status: number): HookFailure["verdict"] => {
  if (status === 410) return "gone";
  return (status >= 300 && status < 400) || permanent.includes(status) ? "never" : "retry";
};

/** What an answer means. Secrets are taken out of what it says. `now` is what a date in it is compared with. */
export const outcomeOf = (
  answer: Answer,
  { redactor, now }: { redactor: Redactor; now: Date },
): HookOutcome => {
  const { status, statusText } = answer;
  if (status >= 200 && status < 300)
    // The status is the answer. A body that is cut off by us says nothing; one that breaks may be a receiver that died.
    return answer.broken ? failureOf(answer.broken, redactor) : { kind: "done" };
  const verdict = verdictOf(status);
  const text = status >= 300 && status < 400 ? ", redirects are not followed" : "";
  const retryAfterMs = verdict === "retry" ? retryAfterOf(answer.retryAfter, now) : undefined;
  const detail = detailOf(answer.head, redactor);
  return {
    kind: "failed",
    error: oneLine(`${`status ${status} ${redactor.redact(statusText)}`.trim()}${text}`),
    verdict,
    status,
    ...(detail === "" ? {} : { detail }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
};

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110 10.2.3); undefined for anything else. */
const retryAfterOf = (text: string | undefined, now: Date): number | undefined => {
  const given = text?.trim() ?? "";
  if (/^\d+$/.test(given)) return Math.min(Number(given) * 1_000, maxRetryAfterMs);
  const date = /^[A-Za-z]{3,9},? /.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(date)) return undefined;
  return Math.min(Math.max(0, date - now.getTime()), maxRetryAfterMs);
};

/** How many bytes of an answer have to be kept, so that {@link outcomeOf} can show the first of them without baring half a secret. */
export const keptBytesFor = (redactor: Redactor): number => maxDetailBytes + 4 * redactor.reach;

const detailOf = (head: Uint8Array, redactor: Redactor): string => {
  const text = redactor.redact(new TextDecoder().decode(head));
  // The end of what was kept may be the first half of a secret.
  const isCut = head.length >= keptBytesFor(redactor);
  const safe = isCut ? text.substring(0, text.length - redactor.reach) : text;
  const bytes = new TextEncoder().encode(safe);
  return new TextDecoder().decode(bytes.subarray(0, maxDetailBytes), { stream: true });
};

/** What the codes of connections mean. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection closed before the answer was whole",
  EPIPE: "connection closed before the request was whole",
  ETIMEDOUT: "no connection in time",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "host name could not be looked up",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  EPROTO: "TLS handshake failed",
  ERR_PROXY_TUNNEL: "proxy refused the way to the host",
};

/** What came instead of an answer, without secrets. Whatever a policy forbids stays forbidden; all else may pass. */
export const failureOf = (error: unknown, redactor: Redactor): HookFailure => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = oneLine(redactor.redact(messageOf(error)));
  return {
    kind: "failed",
    error: `${reasonOf(code, text)}${code === "" || error instanceof EgressError ? "" : ` (${code})`}`,
    verdict: error instanceof EgressError ? "never" : "retry",
    ...(code === "" ? {} : { code }),
  };
};

const reasonOf = (code: string, text: string): string => {
  const known = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (known !== undefined) return known;
  if (code.startsWith("HPE_")) return "answer is not HTTP";
  if (code.startsWith("ERR_SSL_")) return "TLS handshake failed";
  return /CERT|ISSUER|ALTNAME|HOSTNAME/.test(code) ? `certificate refused: ${text}` : text;
};

/** Text from outside in one line that is not too long. */
const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, " ").substring(0, 200);
