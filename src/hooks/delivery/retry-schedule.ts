import type { EventClass } from "../event/catalogue.ts";
import type { HookFailure } from "./hook.ts";
import type { DeliveryPolicy } from "./policy.ts";

const hourMs = 3_600_000;

/** How old an event may be and still be tried, in milliseconds: news of a stream matter for a day, its numbers for an hour. */
export const maxAgeOf = ({ maxAgeMs }: DeliveryPolicy, eventClass: EventClass): number =>
  maxAgeMs ?? (eventClass === "telemetry" ? hourMs : 24 * hourMs);

/** How long to wait after `attempts` attempts, in milliseconds. `random` gives 0 to 1. */
export const delayAfter = (policy: DeliveryPolicy, attempts: number, random: () => number): number => {
  const { initialDelayMs, maxDelayMs, backoff, hasJitter } = policy;
  const growth = { exponential: 2 ** Math.min(attempts - 1, 60), linear: attempts, fixed: 1 }[backoff];
  const delay = Math.min(maxDelayMs, initialDelayMs * growth);
  return hasJitter ? Math.round(delay * (0.8 + 0.4 * random())) : delay;
};

/** Whether `token` names this failure: a status, a class of them, a code with or without a star, or a part of its text. */
const names = (token: string, { status, code, error }: HookFailure): boolean => {
  if (/^[1-5]xx$/i.test(token)) return status !== undefined && Math.floor(status / 100) === Number(token[0]);
  if (/^[1-5]\d\d$/.test(token)) return String(status) === token;
  const wanted = token.toLowerCase();
  const word = code?.toLowerCase();
  if (wanted.endsWith("*")) return word?.startsWith(wanted.slice(0, -1)) === true;
  return word === wanted || error.toLowerCase().includes(wanted);
};

/** What becomes of an attempt that failed: the operator's word on what is worth a retry counts before the hook's. */
export const verdictOn = (
  failure: HookFailure,
  { retryableErrors }: DeliveryPolicy,
): HookFailure["verdict"] => {
  if (!retryableErrors || failure.verdict === "aborted" || failure.verdict === "gone") return failure.verdict;
  return retryableErrors.some((token) => names(token, failure)) ? "retry" : "never";
};

/** No receiver puts its events off for longer, in milliseconds. */
const maxRetryAfterMs = 15 * 60_000;

/** What an attempt was, and when. */
export interface EndedAttempt {
  readonly failure: HookFailure;
  /** Attempts so far, this one too. */
  readonly attempts: number;
  /** Times of one clock, in milliseconds. */
  readonly now: number;
  readonly expiresAt: number;
  readonly random: () => number;
}

/** What follows an attempt that did not work. */
export type Course =
  /** Nothing was learnt and nothing spent. */
  | { readonly kind: "void" }
  | { readonly kind: "again"; readonly delayMs: number }
  | { readonly kind: "dead"; readonly reason: "permanent_status" | "exhausted" | "expired" };

/** What follows an attempt that did not work, by the policy of its hook. A delay that leads beyond the event's age is its end. */
export const courseAfter = (
  policy: DeliveryPolicy,
  { failure, attempts, now, expiresAt, random }: EndedAttempt,
): Course => {
  const verdict = verdictOn(failure, policy);
  if (verdict === "aborted") return { kind: "void" };
  if (verdict !== "retry") return { kind: "dead", reason: "permanent_status" };
  if (policy.maxAttempts !== undefined && attempts >= policy.maxAttempts)
    return { kind: "dead", reason: "exhausted" };
  const delayMs = Math.max(delayAfter(policy, attempts, random), pauseAfter(failure) ?? 0);
  return now + delayMs > expiresAt ? { kind: "dead", reason: "expired" } : { kind: "again", delayMs };
};

/** For how long a receiver that fails asks to be left alone altogether, at least, in milliseconds; undefined where it does not. */
export const pauseAfter = ({ status, retryAfterMs }: HookFailure): number | undefined =>
  retryAfterMs === undefined && status !== 429 ? undefined : Math.min(retryAfterMs ?? 0, maxRetryAfterMs);
