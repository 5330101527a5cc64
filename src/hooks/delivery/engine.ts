import type { Clock } from "../../base/time.ts";
import type { Delivery } from "./delivery.ts";
import { inOrder } from "./delivery-order.ts";
import { Drains } from "./drains.ts";
import type { DeliveryEngineOptions } from "./engine-options.ts";
import { type DropReason, Executions } from "./executions.ts";
import { FirstAttempts } from "./first-attempts.ts";
import { type DeliveryTarget, HookQueue } from "./hook-queue.ts";
import type { EngineSnapshot, HookReport } from "./hook-report.ts";
import { type MemoryLimits, makeRoom, memoryLimits } from "./memory.ts";
import type { DeliveryNotice } from "./notice.ts";
import { Slots } from "./slots.ts";
import { SteadyClock } from "./steady-clock.ts";
import { WakeTimer } from "./wake-timer.ts";
import { bytesOf, type DeliverySource } from "./window.ts";

/** What a host of the engine has to do with. */
export type {
  DeliveryEngineOptions,
  DeliveryNotice,
  DeliverySource,
  DeliveryTarget,
  DropReason,
  EngineSnapshot,
  HookReport,
  MemoryLimits,
};

/** Starting a script takes most of a millisecond; after so much of it answers and new events have their turn. */
const maxStartMs = 2;

/** Hooks end soon after they are aborted; one that does not is left behind. */
const maxAbortMs = 10_000;

/** However long an event was put off before a restart, it is not put off for longer than the longest wait we know: a clock may be wrong. */
const maxDeferralMs = 15 * 60_000;

/**
 * Delivers events to hooks: in order where order matters, side by side where it does not, again where it did not work, and never so that one
 * receiver's trouble is felt by another. It keeps nothing itself: deliveries with a row are in a store, and `settled` says what to write there.
 *
 * Each hook has a queue of lanes. In each turn of the event loop the hooks get the free slots one after the other, one at a time. One timer
 * waits for the next moment at which something may start, and none runs while nothing waits for a moment. All waiting is counted by the
 * clock that never runs backwards; {@link SteadyClock} says what a step of the other one does.
 */
export class DeliveryEngine {
  readonly #clock: Clock;
  readonly #steady: SteadyClock;
  readonly #source: DeliverySource;
  readonly #defer: (run: () => void) => void;
  readonly #limits: MemoryLimits;
  readonly #slots: Slots;
  readonly #firsts = new FirstAttempts();
  readonly #executions: Executions;
  readonly #drains: Drains;
  readonly #timer: WakeTimer;
  #queues: HookQueue[] = [];
  readonly #byId = new Map<string, HookQueue>();
  /** Hooks that are not configured any more, while something of theirs runs. */
  readonly #leaving = new Map<string, HookQueue>();
  /** Whose turn it is. */
  #turn = 0;
  #isPumpDue = false;
  #isClosed = false;

  constructor(options: DeliveryEngineOptions) {
    const { clock, log, concurrency, settled, noticed } = options;
    this.#clock = clock;
    this.#steady = new SteadyClock(clock);
    this.#source = options.source ?? { load: () => [] };
    this.#defer = options.defer ?? setImmediate;
    this.#limits = { ...memoryLimits, ...options.limits };
    this.#slots = new Slots(concurrency);
    this.#drains = new Drains(clock, () => this.#isQuiet);
    this.#timer = new WakeTimer(clock, () => this.#pump());
    this.#executions = new Executions({
      slots: this.#slots,
      firsts: this.#firsts,
      steady: this.#steady,
      random: options.random ?? Math.random,
      dropped: options.dropped ?? (() => undefined),
      ended: () => this.#ended(),
      ...{ clock, log, settled, noticed },
    });
  }

  /** Deliveries in memory that do not run. */
  get waiting(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.waiting, 0);
  }

  /**
   * Replaces the hooks, which are told apart by their ids. One with a known id keeps its queue, its breaker and its numbers; what it runs ends
   * under the hook object that began it, which is closed then. A pause of its receiver's ends. What waits for a hook that is gone stays in the
   * store, or is dropped where it is in none.
   */
  configure(targets: readonly DeliveryTarget[], concurrency = this.#slots.concurrency): void {
    const before = new Map(this.#byId);
    this.#slots.resize(concurrency);
    this.#byId.clear();
    this.#queues = targets.map((target) => {
      const known = before.get(target.hook.id);
      before.delete(target.hook.id);
      const queue = known ? this.#retarget(known, target) : this.#open(target);
      this.#byId.set(queue.id, queue);
      return queue;
    });
    for (const queue of before.values()) this.#remove(queue);
    this.#firsts.reconsider();
    this.#pumpSoon();
  }

  /** Takes in deliveries in the order of their events; nothing is started before this returns. What is for no hook of ours is dropped. */
  add(deliveries: readonly Delivery[]): void {
    const now = this.#clock.now();
    for (const delivery of inOrder(deliveries)) this.#add(delivery, now);
    this.#pumpSoon();
  }

  /** Looks over all of the store for deliveries, because somebody else wrote there. Settlements so far must be in the store by now. */
  refill(): void {
    for (const queue of this.#queues) queue.window.rewind();
    this.#pumpSoon();
  }

  /** Lets a hook go on whose receiver was gone, or asked for a pause. Gives false where there is no such hook. */
  resume(hookId: string): boolean {
    const queue = this.#byId.get(hookId);
    if (!queue) return false;
    queue.isDisabled = false;
    queue.pausedUntil = 0;
    this.#pumpSoon();
    return true;
  }

  /**
   * Gives true as soon as nothing runs and nothing waits that is in memory only or that could be delivered now, and false if that takes longer
   * than `timeoutMs`. What waits in the store for a receiver that fails, or for its next attempt, is not waited for.
   */
  drain(timeoutMs: number): Promise<boolean> {
    return this.#drains.wait(timeoutMs);
  }

  /** Takes nothing in any more, drops what is in memory only, aborts what runs, and resolves when that has ended and the hooks are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer.set(undefined);
    for (const queue of this.#queues)
      for (const entry of queue.idle()) this.#executions.forget(queue, entry, "shutdown");
    this.#executions.abort();
    this.#drains.look();
    await this.drain(maxAbortMs);
    const retired = Promise.all(this.#queues.map(({ target }) => this.#executions.uses.retire(target.hook)));
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(maxAbortMs, resolve);
    await Promise.race([retired, isLate]);
    cancel();
  }

  /** The numbers as of now, as plain data. */
  snapshot(): EngineSnapshot {
    const now = this.#clock.now();
    const hooks = this.#queues.map((queue) => queue.report(now));
    return { hooks, concurrency: this.#slots.concurrency, running: this.#slots.running };
  }

  #open(target: DeliveryTarget): HookQueue {
    const leaving = this.#leaving.get(target.hook.id);
    if (leaving) {
      this.#leaving.delete(target.hook.id);
      leaving.isRemoved = false;
      this.#executions.uses.keep(target.hook);
      this.#slots.enter(leaving.share, target.policy.concurrency);
      leaving.retarget(target);
      return leaving;
    }
    const queue = new HookQueue({
      target,
      share: this.#slots.share(target.policy.concurrency),
      firsts: this.#firsts,
      windowLimits: this.#limits.window,
      now: () => this.#clock.now(),
    });
    // What is found in the store has waited through a restart, and may be a lot.
    queue.window.load(queue.id, this.#source, (delivery) => {
      queue.breaker.restart();
      this.#hold(queue, delivery, this.#clock.now());
    });
    return queue;
  }

  #retarget(queue: HookQueue, target: DeliveryTarget): HookQueue {
    const { hook } = queue.target;
    queue.retarget(target);
    queue.isDisabled = false;
    queue.pausedUntil = 0;
    this.#slots.limit(queue.share, target.policy.concurrency);
    if (hook !== target.hook) void this.#executions.uses.retire(hook);
    return queue;
  }

  #remove(queue: HookQueue): void {
    queue.isRemoved = true;
    for (const entry of queue.idle()) this.#executions.forget(queue, entry, "hook_removed");
    queue.window.rewind();
    this.#slots.remove(queue.share);
    if (queue.running > 0) this.#leaving.set(queue.id, queue);
    void this.#executions.uses.retire(queue.target.hook);
  }

  #add(delivery: Delivery, now: number): void {
    const queue = this.#byId.get(delivery.hookId);
    const executions = this.#executions;
    if (delivery.row !== undefined) {
      if (queue && !this.#isClosed && queue.window.admit(delivery.row, bytesOf(delivery)))
        this.#hold(queue, delivery, now);
    } else if (!queue) executions.refuse(delivery, "hook_removed", undefined);
    else if (this.#isClosed) executions.refuse(delivery, "shutdown", queue);
    else if (makeRoom(queue, delivery, this.#limits, (entry) => executions.forget(queue, entry, "overflow")))
      this.#hold(queue, delivery, now);
    else executions.refuse(delivery, "overflow", queue);
  }

  #hold(queue: HookQueue, delivery: Delivery, now: number): void {
    const waitMs = delivery.dueAt === 0 ? 0 : delivery.dueAt - this.#steady.time();
    const longestMs = Math.max(maxDeferralMs, queue.target.policy.maxDelayMs);
    queue.add(delivery, {
      dueAt: waitMs <= 0 ? 0 : now + Math.min(waitMs, longestMs),
      // What was sent again by hand is young again: its age is why it lay there.
      bornAt: now - (delivery.isReplay ? 0 : this.#steady.ageOf(delivery.event.at)),
    });
  }

  #pumpSoon(): void {
    if (this.#isPumpDue || this.#isClosed) return;
    this.#isPumpDue = true;
    this.#defer(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  /** Starts whatever may start, for a while, and sees to it that this goes on when it has to. */
  #pump(): void {
    if (this.#isClosed) return;
    const now = this.#clock.now();
    for (const queue of this.#queues) {
      queue.window.load(queue.id, this.#source, (delivery) => this.#hold(queue, delivery, now));
      for (const entry of queue.expired(now)) {
        this.#executions.bury(queue, entry, { reason: "expired", attempt: undefined });
        // There may be room for more of the store now.
        this.#pumpSoon();
      }
    }
    let isSpent = false;
    for (let queue = this.#next(now); queue && !isSpent; queue = this.#next(now)) {
      const entry = queue.take(now);
      if (entry) void this.#executions.start(queue, entry);
      isSpent = this.#clock.now() >= now + maxStartMs;
    }
    if (isSpent) this.#pumpSoon();
    else this.#timer.set(this.#nextAt(now));
    this.#drains.look();
  }

  /** The hook whose turn it is of those that may start something. */
  #next(now: number): HookQueue | undefined {
    const { length } = this.#queues;
    for (let step = 0; step < length; step++) {
      const index = (this.#turn + step) % length;
      const queue = this.#queues[index];
      if (!queue?.mayStart(now) || !this.#slots.mayTake(queue.share)) continue;
      this.#turn = index + 1;
      return queue;
    }
    return undefined;
  }

  #nextAt(now: number): number | undefined {
    let next: number | undefined;
    for (const queue of this.#queues) {
      const at = queue.nextAt(now);
      // What could start already waits for a slot, not for a moment.
      if (at !== undefined && at > now) next = Math.min(next ?? at, at);
    }
    return next;
  }

  #ended(): void {
    for (const [id, queue] of this.#leaving) if (queue.running === 0) this.#leaving.delete(id);
    this.#pumpSoon();
    this.#drains.look();
  }

  get #isQuiet(): boolean {
    if ((this.#isPumpDue && !this.#isClosed) || this.#leaving.size > 0) return false;
    const now = this.#clock.now();
    return this.#queues.every((queue) => (this.#isClosed ? queue.running === 0 : queue.isQuiet(now)));
  }
}
