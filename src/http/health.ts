import { withDeadline } from "../base/deadline.ts";
import { messageOf } from "../base/errors.ts";
import type { Clock } from "../base/time.ts";
import { type HooksHealth, judgeHooks } from "./hook-health.ts";
import { type Handler, json, type Resource } from "./resource.ts";

/** Who knows how the server does. */
export interface HealthSources {
  /** Why the server should get no traffic, one line each; none where it should. */
  readonly unreadiness: () => readonly string[] | Promise<readonly string[]>;
  /** How hooks do; undefined where there are none. */
  readonly hooks: () => HooksHealth | undefined | Promise<HooksHealth | undefined>;
  readonly clock: Clock;
}

/** Whoever asks for health gives up soon; an answer in time that says so is better, in milliseconds. */
const answerMs = 2_000;

const noHooks: HooksHealth = {
  activeHooks: 0,
  failedDeliveries: 0,
  lastEventTime: 0,
  hooks: [],
  store: undefined,
};

/**
 * `/healthz`: that it is answered says that the process is alive. `/readyz`: 200, or 503 with the reasons. `/health/hooks`: how hooks do,
 * 503 only where events may be lost. Who does not answer in time is taken for broken.
 */
export const healthResources = (sources: HealthSources): readonly Resource[] => [
  forProbes("/healthz", () => json({ status: "ok" })),
  forProbes("/readyz", () => readiness(sources)),
  { path: "/health/hooks", methods: getAndHead(() => hooksHealth(sources)) },
];

const getAndHead = (handle: Handler): Resource["methods"] => ({ GET: handle, HEAD: handle });

/** Probes of container platforms have no credentials; what they learn is no secret. */
const forProbes = (path: string, handle: Handler): Resource => ({
  path,
  methods: getAndHead(handle),
  isUnguarded: true,
});

const readiness = async ({ unreadiness, clock }: HealthSources): Promise<Response> => {
  let reasons: readonly string[];
  try {
    reasons = await withDeadline(unreadiness(), { clock, ms: answerMs, what: "readiness" });
  } catch (error) {
    reasons = [messageOf(error)];
  }
  return reasons.length === 0 ? json({ status: "ready" }) : json({ status: "not_ready", reasons }, 503);
};

const hooksHealth = async ({ hooks, clock }: HealthSources): Promise<Response> => {
  try {
    const health = await withDeadline(hooks(), { clock, ms: answerMs, what: "hooks" });
    const { status, reasons } = judgeHooks(health ?? noHooks);
    return json(hooksBody(health ?? noHooks, { status, reasons }), status === "unhealthy" ? 503 : 200);
  } catch (error) {
    return json(hooksBody(noHooks, { status: "unhealthy", reasons: [messageOf(error)] }), 503);
  }
};

const hooksBody = (
  { activeHooks, failedDeliveries, lastEventTime, hooks, store }: HooksHealth,
  { status, reasons }: ReturnType<typeof judgeHooks>,
): unknown => ({
  hook_manager_status: status,
  active_hooks: activeHooks,
  failed_deliveries: failedDeliveries,
  last_event_time: lastEventTime > 0 ? new Date(lastEventTime * 1_000).toISOString() : null,
  reasons,
  hooks: hooks.map(({ id, type, breaker, backlog, oldestSeconds }) => ({
    id,
    type,
    breaker,
    backlog,
    oldest_seconds: oldestSeconds,
  })),
  ...(store ? { store: { writable: store.isWritable, nearly_full: store.isNearlyFull } } : {}),
});
