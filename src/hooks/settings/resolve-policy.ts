import { formatDuration } from "../../base/units.ts";
import type { DeliveryPolicy } from "../delivery/policy.ts";
import type { DeliveryFile, RetryFile } from "./delivery-section.ts";
import type { Findings } from "./findings.ts";
import type { DefaultsFile } from "./hook-file.ts";

/** What decides how the events of one hook are delivered. */
interface PolicyFile {
  readonly retry?: RetryFile;
  readonly delivery?: DeliveryFile;
  readonly timeout?: number;
  readonly concurrency?: number;
}

const defaultTimeoutMs = 30_000;
const defaultInitialDelayMs = 1_000;
const defaultMaxDelayMs = 60_000;

/** Defaults of one source over those of another, key by key. */
export const mergeDefaults = (base: DefaultsFile = {}, over: DefaultsFile = {}): DefaultsFile => ({
  ...base,
  ...over,
  retry: { ...base.retry, ...over.retry },
  delivery: { ...base.delivery, ...over.delivery },
});

/** How the events of a hook are delivered: what it says itself, else what `defaults` say. */
export const policyOf = (hook: PolicyFile, defaults: DefaultsFile, findings: Findings): DeliveryPolicy => {
  const retry = { ...defaults.retry, ...hook.retry };
  const delivery = { ...defaults.delivery, ...hook.delivery };
  const { initial_delay: initial, max_delay: max } = retry;
  if (initial !== undefined && max !== undefined && initial > max)
    findings
      .within("retry")
      .fault(`initial_delay ${formatDuration(initial)} is longer than max_delay ${formatDuration(max)}`);
  const guarantee = delivery.guarantee_level ?? "none";
  return {
    guarantee,
    ordering: delivery.ordering ?? "stream",
    maxAttempts: retry.max_attempts ?? (guarantee === "none" ? 1 : undefined),
    initialDelayMs: initial ?? Math.min(defaultInitialDelayMs, max ?? defaultInitialDelayMs),
    maxDelayMs: max ?? Math.max(defaultMaxDelayMs, initial ?? defaultMaxDelayMs),
    backoff: retry.backoff_strategy ?? "exponential",
    hasJitter: retry.jitter ?? true,
    retryableErrors: retry.retryable_errors,
    maxAgeMs: delivery.max_age,
    concurrency: hook.concurrency,
  };
};

/** How long one execution of a hook may take, in milliseconds: the shorter of its timeout and the wait for a confirmation. */
export const timeoutOf = (hook: PolicyFile, defaults: DefaultsFile): number =>
  Math.min(
    hook.timeout ?? defaults.timeout ?? defaultTimeoutMs,
    hook.delivery?.confirm_timeout ?? defaults.delivery?.confirm_timeout ?? Number.POSITIVE_INFINITY,
  );
