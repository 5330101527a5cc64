import { messageOf, unreachable } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";
import type { AttemptRecord, DeadReason, Delivery, Settlement } from "./delivery.ts";
import { ExecutionLog } from "./execution-log.ts";
import type { FirstAttempts } from "./first-attempts.ts";
import type { Hook, HookFailure, HookOutcome } from "./hook.ts";
import type { HookQueue } from "./hook-queue.ts";
import { HookUses } from "./hook-uses.ts";
import type { Entry } from "./lane.ts";
import type { DeliveryNotice } from "./notice.ts";
import { courseAfter, delayAfter, pauseAfter } from "./retry-schedule.ts";
import type { Slots } from "./slots.ts";
import type { SteadyClock } from "./steady-clock.ts";
import { StoredAttempt } from "./stored-attempt.ts";

/** Why a delivery that was in memory only is lost. */
export type DropReason = "overflow" | "hook_removed" | "shutdown";

/** What {@link Executions} are made of. */
export interface ExecutionsOptions {
  readonly slots: Slots;
  readonly firsts: FirstAttempts;
  readonly clock: Clock;
  readonly steady: SteadyClock;
  readonly log: Logger;
  readonly random: () => number;
  readonly settled: (settlement: Settlement) => void;
  readonly noticed: (notice: DeliveryNotice) => void;
  readonly dropped: (delivery: Delivery, reason: DropReason) => void;
  /** Called after the end of each execution: others may start. */
  readonly ended: () => void;
}

/** An attempt that was given up from our side is made again after this long, in milliseconds. */
const abortedPauseMs = 1_000;

/** Makes attempts, and does what follows from them: settlements, the state of the breaker, notices, numbers and lines of the log. */
export class Executions {
  /** Who is to be closed, and when. */
  readonly uses: HookUses;
  readonly #options: ExecutionsOptions;
  readonly #log: ExecutionLog;
  readonly #abort = new AbortController();

  constructor(options: ExecutionsOptions) {
    this.#options = options;
    this.#log = new ExecutionLog(options.log);
    this.uses = new HookUses((hook, error) => {
      options.log.warn("a hook could not be closed", { hook_id: hook.id, error: messageOf(error) });
    });
  }

  /** Aborts what runs. What is in memory only and has not worked by then is lost. */
  abort(): void {
    this.#abort.abort();
  }

  /** Makes an attempt at an entry that was taken from its queue, and holds a slot until it has ended. */
  async start(queue: HookQueue, entry: Entry): Promise<void> {
    const { slots, clock } = this.#options;
    const { hook } = queue.target;
    const { delivery } = entry;
    const isProbe = queue.breaker.started();
    slots.take(queue.share);
    this.uses.started(hook);
    const at = clock.date().getTime();
    const startedAt = clock.now();
    const outcome = await this.#attempt(hook, delivery);
    const now = clock.now();
    const durationMs = now - startedAt;
    slots.release(queue.share);
    this.uses.ended(hook);
    queue.tally.executed(delivery, outcome, durationMs);
    if (outcome.kind === "done") {
      const attempt = { at, durationMs, failure: undefined };
      this.#succeeded(queue, entry, { attempt, isProbe, now });
    } else {
      const attempt = { at, durationMs, failure: outcome };
      this.#failed(queue, entry, { attempt, failure: outcome, isProbe, now });
    }
    const isOutage = queue.breaker.state !== "closed";
    this.#log.ended({ hook, delivery, outcome, durationMs, now, isOutage });
    this.#options.ended();
  }

  /** Ends a delivery that is not to be tried (again). */
  bury(
    queue: HookQueue,
    entry: Entry,
    parts: { reason: DeadReason; attempt: AttemptRecord | undefined },
  ): void {
    queue.settle(entry);
    queue.tally.died(parts.reason);
    this.#options.settled({ kind: "dead", delivery: entry.delivery, ...parts });
  }

  /** Gives up a delivery that is in memory only; one with a row waits in the store. */
  forget(queue: HookQueue, entry: Entry, reason: DropReason): void {
    queue.forget(entry);
    if (entry.delivery.row === undefined) this.refuse(entry.delivery, reason, queue);
  }

  /** Tells and counts that a delivery in memory only is lost. */
  refuse(delivery: Delivery, reason: DropReason, queue: HookQueue | undefined): void {
    queue?.tally.lost(delivery.event.class);
    this.#log.dropped(delivery, { reason, now: this.#options.clock.now() });
    this.#options.dropped(delivery, reason);
  }

  async #attempt(hook: Hook, delivery: Delivery): Promise<HookOutcome> {
    try {
      return await hook.execute(new StoredAttempt(delivery), this.#abort.signal);
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#options.log.error("a hook failed in a way it should not", {
        hook_id: hook.id,
        error: messageOf(error),
        stack,
      });
      return { kind: "failed", error: "the hook itself is broken, see the log", verdict: "retry" };
    }
  }

  #succeeded(
    queue: HookQueue,
    entry: Entry,
    { attempt, isProbe, now }: { attempt: AttemptRecord; isProbe: boolean; now: number },
  ): void {
    queue.tally.reached(now - entry.bornAt);
    entry.delivery = tried(entry.delivery);
    queue.settle(entry);
    this.#options.settled({ kind: "delivered", delivery: entry.delivery, attempt });
    this.#answered(queue, isProbe, now);
  }

  #failed(
    queue: HookQueue,
    entry: Entry,
    ended: { attempt: AttemptRecord; failure: HookFailure; isProbe: boolean; now: number },
  ): void {
    const { attempt, failure, isProbe, now } = ended;
    const { policy } = queue.target;
    const delivery = tried(entry.delivery);
    const course = courseAfter(policy, {
      failure,
      attempts: delivery.attempts,
      now,
      expiresAt: queue.expiryOf(entry),
      random: this.#options.random,
    });
    switch (course.kind) {
      case "void":
        this.#wasAborted(queue, entry, now);
        break;
      case "dead":
        entry.delivery = delivery;
        this.bury(queue, entry, { reason: course.reason, attempt });
        break;
      case "again":
        this.#putOff(queue, entry, { delivery, attempt, delayMs: course.delayMs, now });
        break;
      default:
        unreachable(course);
    }
    this.#learn(queue, { failure, attempts: delivery.attempts, isProbe, now });
  }

  #wasAborted(queue: HookQueue, entry: Entry, now: number): void {
    if (this.#abort.signal.aborted) this.forget(queue, entry, "shutdown");
    else if (queue.isRemoved) this.forget(queue, entry, "hook_removed");
    else queue.putBack(entry, entry.delivery, now + abortedPauseMs);
  }

  #putOff(
    queue: HookQueue,
    entry: Entry,
    {
      attempt,
      delayMs,
      now,
      ...parts
    }: { delivery: Delivery; attempt: AttemptRecord; delayMs: number; now: number },
  ): void {
    const delivery = { ...parts.delivery, dueAt: Math.ceil(this.#options.steady.time() + delayMs) };
    queue.putBack(entry, delivery, now + delayMs);
    this.#options.settled({ kind: "deferred", delivery, attempt });
    if (queue.isRemoved) this.forget(queue, entry, "hook_removed");
    else if (this.#abort.signal.aborted) this.forget(queue, entry, "shutdown");
  }

  /** What a failure says about the receiver, and so about its other events. */
  #learn(
    queue: HookQueue,
    {
      failure,
      attempts,
      isProbe,
      now,
    }: { failure: HookFailure; attempts: number; isProbe: boolean; now: number },
  ): void {
    const { breaker } = queue;
    const pauseMs = pauseAfter(failure);
    if (pauseMs !== undefined) {
      const backoffMs = delayAfter(queue.target.policy, attempts, this.#options.random);
      queue.pausedUntil = Math.max(queue.pausedUntil, now + Math.max(pauseMs, backoffMs));
    }
    if (!queue.isDurable) return;
    if (failure.verdict === "aborted" || failure.status === 429) breaker.voided(now, isProbe);
    else if (failure.verdict === "never") this.#answered(queue, isProbe, now);
    else if (failure.verdict === "gone") {
      breaker.voided(now, isProbe);
      this.#disable(queue, failure);
    } else if (breaker.failed(now, isProbe)) {
      this.#log.failing(queue.id, failure, breaker.failures);
      this.#notice(queue, "hookFailing", failure.error);
    }
    if (queue.isHeld(now)) this.#options.firsts.reconsider();
  }

  /** The receiver is there, whatever it thinks of this event. */
  #answered(queue: HookQueue, isProbe: boolean, now: number): void {
    if (!queue.isDurable || !queue.breaker.succeeded(now, isProbe)) return;
    queue.wake();
    this.#log.recovered(queue.id);
    this.#notice(queue, "hookRecovered", "it works again");
  }

  #disable(queue: HookQueue, failure: HookFailure): void {
    if (queue.isDisabled) return;
    queue.isDisabled = true;
    this.#log.disabled(queue.id, failure);
    this.#notice(queue, "hookDisabled", failure.error);
  }

  #notice(queue: HookQueue, kind: DeliveryNotice["kind"], reason: string): void {
    this.#options.noticed({ kind, hookId: queue.id, reason, failures: queue.breaker.failures });
  }
}

const tried = (delivery: Delivery): Delivery => ({ ...delivery, attempts: delivery.attempts + 1 });
