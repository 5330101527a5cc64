/** How one hook does. */
export interface HookHealth {
  readonly id: string;
  readonly type: string;
  /** Open while the hook is given a rest because it fails; paused until an operator looks at it. */
  readonly breaker: "closed" | "half_open" | "open" | "paused";
  /** Events that wait for it. */
  readonly backlog: number;
  /** For how long the first of them has waited, in seconds; 0 where none waits. */
  readonly oldestSeconds: number;
  /** Events that it got, attempts that did not work, and events that were given up, since the server started. */
  readonly delivered: number;
  readonly failed: number;
  readonly dead: number;
  /** Why an attempt did not work last; empty where none has failed. */
  readonly lastError: string;
}

/** How hooks do as a whole, at one moment. */
export interface HooksHealth {
  readonly activeHooks: number;
  /** Deliveries that were given up since the server started. */
  readonly failedDeliveries: number;
  /** When the last event was raised, in Unix seconds; 0 before the first. */
  readonly lastEventTime: number;
  readonly hooks: readonly HookHealth[];
  /** Undefined where nothing is stored. */
  readonly store: { readonly isWritable: boolean; readonly isNearlyFull: boolean } | undefined;
}

/** In one word. Degraded: events are late, or will be lost if it goes on. Unhealthy: events may be lost now. */
export type HooksStatus = "healthy" | "degraded" | "unhealthy";

/** An event that waits longer than this says that something is wrong, in seconds. */
const lateSeconds = 60;

/** The word for how hooks do, and what speaks against a better one. */
export const judgeHooks = ({ hooks, store }: HooksHealth): { status: HooksStatus; reasons: string[] } => {
  const failures = store?.isWritable === false ? ["hook store cannot be written"] : [];
  const troubles = store?.isNearlyFull ? ["hook store is more than 80 per cent full"] : [];
  for (const { id, breaker, oldestSeconds } of hooks) {
    if (breaker === "paused")
      troubles.push(`hook ${id} is switched off until the configuration is loaded again`);
    else if (breaker !== "closed") troubles.push(`hook ${id} is failing`);
    if (oldestSeconds > lateSeconds)
      troubles.push(`hook ${id} is ${Math.round(oldestSeconds)} seconds behind`);
  }
  const status = failures.length > 0 ? "unhealthy" : troubles.length > 0 ? "degraded" : "healthy";
  return { status, reasons: [...failures, ...troubles] };
};
