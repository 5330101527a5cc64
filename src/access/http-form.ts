import { printable } from "../base/stream-path.ts";
import type { AdmissionRequest } from "../stream/admission.ts";

/** What an answer of the server that is asked means. */
export type Verdict = { readonly kind: "allowed" } | Refusing;

/** No; `unusable` where it is no answer to what was asked, so that nobody gets in. */
export interface Refusing {
  readonly kind: "denied" | "unusable";
  /** In our words, behind "the access server". */
  readonly why: string;
  /** In its words, which may hold anything. */
  readonly reason?: string;
}

/** An answer: its status, and its body, which is whole. */
export interface FormReply {
  readonly status: number;
  readonly body: string;
}

/** How a server is asked, and what its answers mean. */
export interface HttpForm {
  readonly contentType: string;
  /** The longest body of an answer, in bytes. */
  readonly maxBytes: number;
  /** Whether the name of a stream may be the secret, so that a no is one even where no credentials were shown. */
  readonly isNameSecret: boolean;
  /** The body of the request; undefined for what cannot be asked in this form. */
  bodyFor(request: AdmissionRequest): string | undefined;
  /** What an answer means. */
  judge(reply: FormReply): Verdict;
}

/** Yes. */
export const allowed: Verdict = { kind: "allowed" };

/** The usual body of a form that reads it, in bytes. */
export const maxJsonBytes = 16_384;

/** What a status means that is no success: a redirect is not followed, and what a server says of itself is no verdict about others. */
export const verdictOfStatus = (status: number): Verdict => {
  if (status >= 200 && status <= 299) return allowed;
  if (status >= 300 && status <= 399)
    return { kind: "denied", why: `answered with the redirect ${status}, which is not followed` };
  return { kind: status >= 500 ? "unusable" : "denied", why: `answered with status ${status}` };
};

/** An object of JSON; undefined for everything else. */
export const objectOf = (body: string): Readonly<Record<string, unknown>> | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
};

/** A reason that a server gave, without what was shown to it: some repeat it. Empty where it holds any of that. */
export const reasonWithoutSecrets = (
  reason: string,
  { credentials, query }: Pick<AdmissionRequest, "credentials" | "query">,
): string => {
  const secrets = [
    ...[credentials.user, credentials.password, credentials.token, query],
    ...query.split("&").map((part) => part.substring(part.indexOf("=") + 1)),
    ...new URLSearchParams(query).values(),
  ].filter((secret) => secret !== "");
  return reason === "" || secrets.some((secret) => reason.includes(secret)) ? "" : printable(reason);
};
