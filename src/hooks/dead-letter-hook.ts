import type { AttemptRecord, OutgoingEvent, Settlement } from "./delivery/delivery.ts";
import type { DeliveryPolicy } from "./delivery/policy.ts";
import type { HookDefinition } from "./settings/settings.ts";
import type { KeptAttempt } from "./store/history.ts";
import type { WebhookSettings } from "./webhook/webhook-settings.ts";

/** The hook that dead letters are posted by, and the type of what it posts. */
export const deadLetterHookId = "hook_dead_letter";

/** For one post of a dead letter, in milliseconds. */
const timeoutMs = 30_000;

/** A dead letter is tried for an hour: it lies in the store in any case. */
const policyOf = (isDurable: boolean): DeliveryPolicy => ({
  guarantee: isDurable ? "at-least-once" : "none",
  ordering: "none",
  maxAttempts: isDurable ? undefined : 1,
  initialDelayMs: 1_000,
  maxDelayMs: 60_000,
  backoff: "exponential",
  hasJitter: true,
  retryableErrors: undefined,
  maxAgeMs: 3_600_000,
  concurrency: 1,
});

/** The hook that posts dead letters. */
export const deadLetterHook = (webhook: WebhookSettings, isDurable: boolean): HookDefinition => ({
  kind: "webhook",
  id: deadLetterHookId,
  isEnabled: true,
  eventTypes: [],
  filter: {
    eventTypes: undefined,
    streamPatterns: undefined,
    requiresStream: false,
    conditions: [],
    rateLimit: undefined,
    minSeverity: undefined,
  },
  policy: policyOf(isDurable),
  timeoutMs,
  webhook,
});

const keptOf = ({ at, durationMs, failure }: AttemptRecord): KeptAttempt => ({
  at,
  duration_ms: Math.round(durationMs),
  ...(failure?.status === undefined ? {} : { status: failure.status }),
  ...(failure ? { error: failure.error } : {}),
});

const dateOf = (at: number): string => new Date(at).toISOString();

/**
 * A dead letter as an event of its own: which hook, why, the attempts that are remembered (the last few), and the event as it was
 * sent. Its id is made of the event's and the hook's, so that it is the same however often it is made.
 */
export const deadLetterWrapper = (
  { delivery, reason, attempt }: Extract<Settlement, { kind: "dead" }>,
  earlier: readonly KeptAttempt[],
  now: Date,
): OutgoingEvent => {
  const attempts = attempt ? [...earlier, keptOf(attempt)] : earlier;
  const [first, last] = [attempts[0], attempts.at(-1)];
  const id = `${delivery.event.id}-${delivery.hookId}`.replaceAll(".", "_");
  const head = {
    type: deadLetterHookId,
    id,
    time: now.toISOString(),
    hook_id: delivery.hookId,
    reason,
    attempt_count: delivery.attempts,
    attempts: attempts.map(({ at, ...rest }) => ({ at: dateOf(at), ...rest })),
    ...(first ? { first_attempt: dateOf(first.at) } : {}),
    ...(last ? { last_attempt: dateOf(last.at) } : {}),
  };
  return {
    id,
    type: deadLetterHookId,
    class: "error",
    streamKey: delivery.event.streamKey,
    lane: "",
    sessionId: "",
    at: now.getTime(),
    // The event's own bytes, not a copy that might differ.
    body: `${JSON.stringify(head).slice(0, -1)},"event":${delivery.event.body}}`,
    hooks: [deadLetterHookId],
  };
};
