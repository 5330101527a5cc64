import type { LogFields, Logger } from "../../base/log.ts";
import type { Delivery } from "./delivery.ts";
import type { Hook, HookFailure, HookOutcome } from "./hook.ts";

/** Of a hook that is known to fail, or that drops events, one line is written in this time, in milliseconds. */
const quietMs = 10_000;

/** An execution that ended. */
export interface EndedExecution {
  readonly hook: Hook;
  readonly delivery: Delivery;
  readonly outcome: HookOutcome;
  readonly durationMs: number;
  /** Monotonic time, in milliseconds. */
  readonly now: number;
  /** Whether the hook was known to fail when it ended. */
  readonly isOutage: boolean;
}

/** Tells of executions: each one that worked at debug, each one that failed as an error, but not hundreds of the same outage. */
export class ExecutionLog {
  readonly #log: Logger;
  /** When something was last told, by hook. */
  readonly #failureToldAt = new Map<string, number>();
  readonly #dropToldAt = new Map<string, number>();
  readonly #dropsUntold = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Tells of an execution that ended. */
  ended({ hook, delivery, outcome, durationMs, now, isOutage }: EndedExecution): void {
    const fields: LogFields = {
      hook_type: hook.type,
      hook_id: hook.id,
      event_type: delivery.event.type,
      stream_key: delivery.event.streamKey,
      duration_ms: Math.round(durationMs),
    };
    if (outcome.kind === "done") {
      this.#log.debug("Hook executed", fields);
      return;
    }
    const isRepetition = isOutage && !isLong(this.#failureToldAt, hook.id, now);
    if (!isRepetition) this.#failureToldAt.set(hook.id, now);
    const level = isRepetition || outcome.verdict === "aborted" ? "debug" : "error";
    this.#log[level]("Hook execution failed", { ...fields, error: outcome.error, detail: outcome.detail });
  }

  /** Tells that a hook fails, and gets no more than a probe from time to time. */
  failing(hookId: string, { error }: HookFailure, failures: number): void {
    this.#log.warn("Hook keeps failing, its events wait", { hook_id: hookId, failures, error });
  }

  /** Tells that a hook works again. */
  recovered(hookId: string): void {
    this.#failureToldAt.delete(hookId);
    this.#log.info("Hook works again", { hook_id: hookId });
  }

  /** Tells that a hook gets nothing any more until somebody looks at it. */
  disabled(hookId: string, { error }: HookFailure): void {
    this.#log.error("Hook is gone, its events wait until it is configured anew or resumed", {
      hook_id: hookId,
      error,
    });
  }

  /** Tells that a hook will not get an event: at once, and then of the sum from time to time. */
  dropped({ hookId, event }: Delivery, { reason, now }: { reason: string; now: number }): void {
    const count = (this.#dropsUntold.get(hookId) ?? 0) + 1;
    if (!isLong(this.#dropToldAt, hookId, now)) {
      this.#dropsUntold.set(hookId, count);
      return;
    }
    this.#dropToldAt.set(hookId, now);
    this.#dropsUntold.delete(hookId);
    this.#log.warn("Hook dropped an event", {
      hook_id: hookId,
      event_type: event.type,
      stream_key: event.streamKey,
      reason,
      count,
    });
  }
}

const isLong = (toldAt: ReadonlyMap<string, number>, hookId: string, now: number): boolean =>
  now - (toldAt.get(hookId) ?? Number.NEGATIVE_INFINITY) >= quietMs;
