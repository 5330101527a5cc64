import type { EventClass } from "../event/catalogue.ts";
import type { BreakerState } from "./circuit-breaker.ts";
import type { DeadReason, Delivery } from "./delivery.ts";
import type { HookOutcome, HookType } from "./hook.ts";

/** Upper bounds of the classes that durations are counted in, in seconds. */
export const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

/** Executions for one type of event. */
export interface TypeReport {
  readonly done: number;
  readonly failed: number;
  /** Executions by duration: one class for each of {@link durationBounds}, and one for longer ones. Not cumulative. */
  readonly durations: readonly number[];
  readonly seconds: number;
}

/** The numbers of one hook at one moment, since the server started. */
export interface HookReport {
  readonly id: string;
  readonly type: HookType;
  readonly waiting: number;
  readonly running: number;
  /** How long the first in its queue has been waiting, in milliseconds; 0 where nobody waits. */
  readonly oldestMs: number;
  readonly delivered: number;
  /** Attempts that did not work. */
  readonly failed: number;
  /** Attempts that follow another one of the same event. */
  readonly retries: number;
  /** Attempts that took too long. */
  readonly timeouts: number;
  /** Attempts that were given up from our side, and count for nothing. */
  readonly aborted: number;
  /** Events that were lost, because too many waited. */
  readonly dropped: { readonly telemetry: number; readonly other: number };
  readonly dead: Readonly<Partial<Record<DeadReason, number>>>;
  readonly breaker: BreakerState;
  readonly isDisabled: boolean;
  readonly lastError: string | undefined;
  readonly byType: Readonly<Record<string, TypeReport>>;
  /** From the event to its delivery, by the same classes. */
  readonly latencies: readonly number[];
  readonly latencySeconds: number;
}

/** The numbers of all hooks at one moment. */
export interface EngineSnapshot {
  readonly hooks: readonly HookReport[];
  /** Executions at once that are allowed, and that there are. */
  readonly concurrency: number;
  readonly running: number;
}

const emptyClasses = (): number[] => Array.from({ length: durationBounds.length + 1 }, () => 0);

const classOf = (seconds: number): number => {
  const index = durationBounds.findIndex((bound) => seconds <= bound);
  return index === -1 ? durationBounds.length : index;
};

const addTo = (classes: number[], seconds: number): void => {
  const index = classOf(seconds);
  classes[index] = (classes[index] ?? 0) + 1;
};

/** Executions for one type of event, as they are counted. */
interface TypeTally {
  done: number;
  failed: number;
  readonly durations: number[];
  seconds: number;
}

/** Counts what becomes of the events of one hook. */
export class HookTally {
  delivered = 0;
  failed = 0;
  retries = 0;
  timeouts = 0;
  aborted = 0;
  lastError: string | undefined;
  readonly dropped = { telemetry: 0, other: 0 };
  readonly dead: Partial<Record<DeadReason, number>> = {};
  readonly #byType = new Map<string, TypeTally>();
  readonly #latencies = emptyClasses();
  #latencySeconds = 0;

  /** Counts an attempt at `delivery`, as it was before, that took `durationMs`. */
  executed({ event, attempts }: Delivery, outcome: HookOutcome, durationMs: number): void {
    if (outcome.kind === "failed" && outcome.verdict === "aborted") {
      this.aborted++;
      return;
    }
    if (attempts > 0) this.retries++;
    let tally = this.#byType.get(event.type);
    if (!tally) {
      tally = { done: 0, failed: 0, durations: emptyClasses(), seconds: 0 };
      this.#byType.set(event.type, tally);
    }
    tally.seconds += durationMs / 1_000;
    addTo(tally.durations, durationMs / 1_000);
    if (outcome.kind === "done") {
      tally.done++;
      return;
    }
    tally.failed++;
    this.failed++;
    if (outcome.code === "timeout") this.timeouts++;
    this.lastError = outcome.error;
  }

  /** Counts an event that is delivered `ageMs` after it happened. */
  reached(ageMs: number): void {
    this.delivered++;
    this.#latencySeconds += ageMs / 1_000;
    addTo(this.#latencies, ageMs / 1_000);
  }

  /** Counts an event that became a dead letter. */
  died(reason: DeadReason): void {
    this.dead[reason] = (this.dead[reason] ?? 0) + 1;
  }

  /** Counts an event that is lost. */
  lost(eventClass: EventClass): void {
    this.dropped[eventClass === "telemetry" ? "telemetry" : "other"]++;
  }

  /** The numbers as of now, as plain data that does not change any more. */
  report(): Pick<
    HookReport,
    | "delivered"
    | "failed"
    | "retries"
    | "timeouts"
    | "aborted"
    | "dropped"
    | "dead"
    | "lastError"
    | "byType"
    | "latencies"
    | "latencySeconds"
  > {
    const byType = [...this.#byType].map(([type, tally]) => [
      type,
      { ...tally, durations: [...tally.durations] },
    ]);
    return {
      delivered: this.delivered,
      failed: this.failed,
      retries: this.retries,
      timeouts: this.timeouts,
      aborted: this.aborted,
      dropped: { ...this.dropped },
      dead: { ...this.dead },
      lastError: this.lastError,
      byType: Object.fromEntries(byType),
      latencies: [...this.#latencies],
      latencySeconds: this.#latencySeconds,
    };
  }
}
