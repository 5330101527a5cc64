import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import type { DomainEvent } from "../stream/event.ts";
import { ExecutionPool, type Job, laneOf } from "./delivery/execution-pool.ts";
import type { Attempt, Hook, HookOutcome } from "./delivery/hook.ts";
import { HookStatistics } from "./delivery/hook-statistics.ts";
import { definitionOf } from "./event/catalogue.ts";
import { CountCoalescer } from "./event/count-coalescer.ts";
import type { HookEvent } from "./event/hook-event.ts";
import type { Translator } from "./event/translator.ts";
import type { HookRegistry } from "./settings/hook-registry.ts";
import type { StdioHook } from "./stdio/stdio-hook.ts";

/** What a {@link HookDispatcher} is made of. */
export interface HookDispatcherOptions {
  readonly registry: HookRegistry;
  /** Writes every event, in the order they are raised. */
  readonly stdio: StdioHook | undefined;
  readonly translator: Translator;
  /** Executions at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** True for events that may be lost first when there are too many. */
export const isTelemetry = (event: HookEvent): boolean => definitionOf(event.type)?.class === "telemetry";

/**
 * Takes what happens inside, turns it into events, and gives them to their hooks: standard output at once, scripts and webhooks
 * through the pool. Taking an event costs the caller no more than queueing it.
 */
export class HookDispatcher {
  readonly #options: HookDispatcherOptions;
  readonly #pool: ExecutionPool;
  readonly #counts: CountCoalescer;
  readonly #statistics = new Map<Hook, HookStatistics>();

  constructor(options: HookDispatcherOptions) {
    this.#options = options;
    const { concurrency, clock, log } = options;
    this.#pool = new ExecutionPool({ concurrency, clock, log });
    this.#counts = new CountCoalescer(clock, (event) => this.#dispatch(event));
  }

  /** Takes one thing that happened. Never throws for a hook's sake, never waits. */
  take(event: DomainEvent): void {
    if (event.kind === "subscriberCount") this.#counts.take(event);
    else this.#dispatch(event);
  }

  /** What each hook has done. */
  statisticsOf(hook: Hook): HookStatistics {
    const known = this.#statistics.get(hook);
    if (known) return known;
    const fresh = new HookStatistics();
    this.#statistics.set(hook, fresh);
    return fresh;
  }

  /** Waits until every event taken so far is delivered, at most `timeoutMs`; what is left is given up. */
  async close(timeoutMs: number): Promise<void> {
    this.#counts.flush();
    const { clock, log, stdio } = this.#options;
    const isDrained = await this.#pool.drain(timeoutMs);
    if (!isDrained)
      log.warn("hooks were still running at the end and were stopped", {
        waiting: this.#pool.counts.waiting,
      });
    this.#pool.close();
    // A reader that has stopped reading is not waited for.
    if (stdio)
      await Promise.race([
        stdio.drained(),
        new Promise<void>((resolve) => void clock.after(Math.min(timeoutMs, 500), resolve)),
      ]);
  }

  #dispatch(happened: DomainEvent): void {
    for (const event of this.#options.translator.translate(happened)) {
      void this.#options.stdio?.execute(attemptOf(event));
      const hooks = this.#options.registry.hooksFor(event.type);
      if (hooks.length > 0)
        this.#pool.run(
          laneOf(event),
          hooks.map((hook) => this.#jobOf(hook, event)),
        );
    }
  }

  #jobOf(hook: Hook, event: HookEvent): Job {
    return {
      isTelemetry: isTelemetry(event),
      run: async (signal) => {
        const startedAt = this.#options.clock.now();
        const outcome = await hook.execute(attemptOf(event), signal);
        const durationMs = this.#options.clock.now() - startedAt;
        this.statisticsOf(hook).executed(outcome, durationMs);
        this.#report({ hook, event, outcome, durationMs });
      },
      dropped: () => {
        this.statisticsOf(hook).dropped();
        this.#options.log.warn("Hook dropped an event", {
          hook_id: hook.id,
          event_type: event.type,
          stream_key: event.stream_key,
        });
      },
    };
  }

  #report(ended: { hook: Hook; event: HookEvent; outcome: HookOutcome; durationMs: number }): void {
    const { hook, event, outcome } = ended;
    const duration_ms = Math.round(ended.durationMs);
    const fields = {
      hook_type: hook.type,
      hook_id: hook.id,
      event_type: event.type,
      stream_key: event.stream_key,
      duration_ms,
    };
    if (outcome.kind === "done") this.#options.log.debug("Hook executed", fields);
    else
      this.#options.log.error("Hook execution failed", {
        ...fields,
        error: outcome.error,
        detail: outcome.detail,
      });
  }
}

const attemptOf = (event: HookEvent): Attempt => ({ event, body: JSON.stringify(event), number: 1 });
