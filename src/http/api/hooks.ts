import { formatRfc3339 } from "../../base/rfc3339.ts";
import { errorResponse } from "../error-response.ts";
import { type HooksHealth, judgeHooks } from "../hook-health.ts";
import { json } from "../resource.ts";
import { type DeadLettersPort, deadLetterRoutes } from "./dead-letters.ts";
import { type HooksStatusObject, hooksStatusSchema } from "./own-objects.ts";
import { nameOf } from "./paths.ts";
import { type ApiRoute, ok, okSchema } from "./route.ts";

/** How hooks do, and what an operator may do about it. */
export interface HooksPort {
  /** Undefined where there are none. @throws TransportError where whoever knows does not answer */
  status(): HooksHealth | undefined | Promise<HooksHealth | undefined>;
  /** Lets a hook go on whose receiver was gone, or asked for a pause. False where there is no hook of that id. */
  resume?(id: string): boolean | Promise<boolean>;
  readonly deadLetters?: DeadLettersPort;
}

const none: HooksHealth = {
  activeHooks: 0,
  failedDeliveries: 0,
  lastEventTime: 0,
  hooks: [],
  store: undefined,
};

const statusObject = (health: HooksHealth): HooksStatusObject => {
  const { activeHooks, failedDeliveries, lastEventTime, hooks, store } = health;
  return {
    ...judgeHooks(health),
    activeHooks,
    failedDeliveries,
    lastEventTime: lastEventTime > 0 ? formatRfc3339(new Date(lastEventTime * 1_000)) : null,
    hooks: hooks.map(({ id, type, breaker, ...numbers }) => ({
      id,
      type,
      breaker,
      backlog: numbers.backlog,
      oldestSeconds: numbers.oldestSeconds,
      delivered: numbers.delivered,
      failed: numbers.failed,
      dead: numbers.dead,
      lastError: numbers.lastError,
    })),
    store: store ? { isWritable: store.isWritable, isNearlyFull: store.isNearlyFull } : null,
  };
};

/** `/v3/hooks/…` */
export const hookRoutes = (hooks: HooksPort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/hooks/status",
    summary: "tells how hooks do",
    answer: hooksStatusSchema,
    refusals: [504],
    handle: async () => json(statusObject((await hooks.status()) ?? none)),
  },
  ...(hooks.deadLetters ? deadLetterRoutes(hooks.deadLetters) : []),
  ...(hooks.resume ? [resumeRoute((id) => hooks.resume?.(id) ?? false)] : []),
];

const resumeRoute = (resume: (id: string) => boolean | Promise<boolean>): ApiRoute => ({
  method: "POST",
  path: "/v3/hooks/resume/{id...}",
  summary: "lets a hook go on whose receiver was gone, or asked for a pause",
  answer: okSchema,
  refusals: [400, 404],
  handle: async (_, call) => ((await resume(nameOf(call))) ? ok() : errorResponse(404, "hook not found")),
});
