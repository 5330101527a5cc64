import { Ages } from "./ages.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import type { Delivery } from "./delivery.ts";
import type { FirstAttempts } from "./first-attempts.ts";
import type { Hook } from "./hook.ts";
import { type HookReport, HookTally } from "./hook-report.ts";
import type { Entry } from "./lane.ts";
import { Lanes } from "./lanes.ts";
import type { DeliveryPolicy } from "./policy.ts";
import { maxAgeOf } from "./retry-schedule.ts";
import type { Share } from "./slots.ts";
import { bytesOf, Window, type WindowLimits } from "./window.ts";

/** A hook and how its events are delivered. */
export interface DeliveryTarget {
  readonly hook: Hook;
  readonly policy: DeliveryPolicy;
}

/** What a {@link HookQueue} is made of. */
export interface HookQueueOptions {
  readonly target: DeliveryTarget;
  readonly share: Share;
  readonly firsts: FirstAttempts;
  readonly windowLimits: WindowLimits;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Times of a delivery, in monotonic milliseconds. */
export type EntryTimes = Pick<Entry, "dueAt" | "bornAt">;

/** The queue of one hook: what waits for it, which of that may start, and whether and when the hook may be asked at all. */
export class HookQueue {
  readonly tally = new HookTally();
  readonly breaker = new CircuitBreaker();
  readonly share: Share;
  readonly window: Window;
  /** Nothing starts before this. */
  pausedUntil = 0;
  /** Nothing starts until an operator has looked at the receiver. */
  isDisabled = false;
  /** It is not configured any more, and only ends what runs. */
  isRemoved = false;
  #target: DeliveryTarget;
  readonly #firsts: FirstAttempts;
  readonly #now: () => number;
  readonly #lanes: Lanes;
  readonly #ages = new Ages();
  #running = 0;
  #orders = 0;
  #unstoredBytes = 0;

  constructor({ target, share, firsts, windowLimits, now }: HookQueueOptions) {
    this.#target = target;
    this.share = share;
    this.#firsts = firsts;
    this.#now = now;
    this.window = new Window(windowLimits);
    const mayStart = ({ ticket }: Entry, again: () => void): boolean =>
      !ticket || firsts.mayStart(ticket, again);
    this.#lanes = new Lanes({ ordering: target.policy.ordering, now, mayStart });
  }

  get target(): DeliveryTarget {
    return this.#target;
  }

  get id(): string {
    return this.#target.hook.id;
  }

  /** Only what is kept in a store can wait for a receiver to come back. */
  get isDurable(): boolean {
    return this.#target.policy.guarantee === "at-least-once";
  }

  /** Deliveries in memory, those that run too. */
  get size(): number {
    return this.#ages.length;
  }

  /** Deliveries in memory that do not run. */
  get waiting(): number {
    return this.size - this.#running;
  }

  get running(): number {
    return this.#running;
  }

  /** Deliveries that are in memory only, those that run too. */
  get unstored(): number {
    return this.size - this.window.size;
  }

  /** Bytes of their bodies. */
  get unstoredBytes(): number {
    return this.#unstoredBytes;
  }

  /** True while the receiver, or what it asked for, keeps everything from starting. */
  isHeld(now: number): boolean {
    return this.isDisabled || this.isRemoved || now < this.pausedUntil || this.breaker.state !== "closed";
  }

  /** True where nothing can be delivered at present, except what waits for its next attempt in the store. */
  isQuiet(now: number): boolean {
    if (this.#running > 0 || this.unstored > 0) return false;
    return this.isHeld(now) || (this.#lanes.ready === 0 && !this.window.isBehind);
  }

  /** Puts another hook or another policy in place. What runs ends as it began. */
  retarget(target: DeliveryTarget): void {
    this.#target = target;
    if (!this.isDurable) this.breaker.reset();
    const { ordering } = target.policy;
    if (ordering === this.#lanes.ordering) return;
    this.#lanes.reorder(ordering, this.#ages.all());
  }

  /** When an entry is too old to be tried again. */
  expiryOf({ bornAt, delivery }: Entry): number {
    return bornAt + maxAgeOf(this.#target.policy, delivery.event.class);
  }

  /** Adds a delivery behind those that are there. One with a row has been let in by the window. */
  add(delivery: Delivery, { dueAt, bornAt }: EntryTimes): void {
    const entry: Entry = {
      delivery,
      lane: undefined,
      dueAt,
      bornAt,
      order: ++this.#orders,
      bytes: bytesOf(delivery),
      isRunning: false,
      lanePlace: undefined,
      agePlace: undefined,
      ticket: undefined,
    };
    this.#ages.add(entry);
    if (delivery.row === undefined) this.#unstoredBytes += entry.bytes;
    this.#join(entry);
    this.#lanes.enter(entry);
  }

  /** Lets those start whose time has come, and tells whether one may, were there a free slot. */
  mayStart(now: number): boolean {
    if (this.isDisabled || this.isRemoved || now < this.pausedUntil) return false;
    this.#lanes.ring(now);
    const { breaker } = this;
    if (breaker.state === "closed") return this.#lanes.ready > 0 && this.#running < breaker.concurrency;
    return breaker.probeAt !== undefined && now >= breaker.probeAt && this.#probe(now) !== undefined;
  }

  /** Takes the entry that is to start, as {@link mayStart} has allowed; from now on it runs. */
  take(now: number): Entry | undefined {
    const entry = this.breaker.state === "closed" ? this.#lanes.first : this.#probe(now);
    if (!entry) return undefined;
    this.#lanes.started(entry);
    this.#running++;
    return entry;
  }

  /** An entry that ran waits for its next attempt, which is not made before `dueAt`. */
  putBack(entry: Entry, delivery: Delivery, dueAt: number): void {
    entry.delivery = delivery;
    entry.dueAt = dueAt;
    this.#running--;
    if (delivery.attempts > 0) this.#leave(entry);
    this.#lanes.halted(entry);
    // Events of other streams behind it wait longer now, and nobody has to wait for their scripts.
    if (this.#lanes.ordering === "strict") this.#firsts.reconsider();
  }

  /** An entry is settled, whether it ran or not. */
  settle(entry: Entry): void {
    const { row } = entry.delivery;
    if (row !== undefined) this.window.settle(row, entry.bytes);
    this.#remove(entry);
  }

  /** An entry is lost, or left to the store, whether it ran or not. */
  forget(entry: Entry): void {
    const { row } = entry.delivery;
    if (row !== undefined) this.window.forget(row, entry.bytes);
    this.#remove(entry);
  }

  /** Whatever waits for its next attempt may start now. */
  wake(): void {
    this.#lanes.wake();
  }

  /** Those that wait and are too old to be tried again. Each may be removed before the next is asked for. */
  expired(now: number): Iterable<Entry> {
    return this.#ages.while((entry) => this.expiryOf(entry) <= now);
  }

  /** Telemetry in memory only that has waited longest. */
  get oldestTelemetry(): Entry | undefined {
    return this.#ages.oldestTelemetry;
  }

  /** Everything that does not run. */
  idle(): Entry[] {
    return this.#ages.all().filter(({ isRunning }) => !isRunning);
  }

  /** When something changes by itself that keeps entries from starting, or from being given up; undefined where time changes nothing. */
  nextAt(now: number): number | undefined {
    if (this.waiting === 0 || this.isRemoved) return undefined;
    const moments = this.#ages.oldest.map((entry) => this.expiryOf(entry));
    const start = this.isDisabled ? undefined : this.#nextStart(now);
    return Math.min(...moments, start ?? Number.POSITIVE_INFINITY);
  }

  /** The numbers as of now. */
  report(now: number): HookReport {
    const bornAt = this.#ages.oldest.map((entry) => entry.bornAt);
    return {
      id: this.id,
      type: this.#target.hook.type,
      waiting: this.waiting,
      running: this.#running,
      oldestMs: now - Math.min(now, ...bornAt),
      breaker: this.breaker.state,
      isDisabled: this.isDisabled,
      ...this.tally.report(),
    };
  }

  #remove(entry: Entry): void {
    if (entry.isRunning) this.#running--;
    this.#ages.remove(entry);
    if (entry.delivery.row === undefined) this.#unstoredBytes -= entry.bytes;
    // In this order: whoever looks again must find the next one of the lane at its head.
    this.#lanes.leave(entry);
    this.#leave(entry);
  }

  /** The first attempt of a script makes those of later events of its stream wait, whichever hook they are for. */
  #join(entry: Entry): void {
    const { event, attempts } = entry.delivery;
    const { hook, policy } = this.#target;
    if (hook.type !== "shell" || policy.ordering === "none" || event.lane === "" || attempts > 0) return;
    const holdsUp = (): boolean => !this.isHeld(this.#now()) && entry.lane?.isRetrying !== true;
    entry.ticket = this.#firsts.join(event.lane, event.id, { hookId: hook.id, holdsUp });
  }

  #leave(entry: Entry): void {
    const { ticket } = entry;
    entry.ticket = undefined;
    if (ticket) this.#firsts.leave(ticket);
  }

  /**
   * What is worth asking a receiver with that failed: the oldest that is due. Where none is, the oldest of all, unless it has only so many
   * attempts, which are not ours to spend.
   */
  #probe(now: number): Entry | undefined {
    const isAnyFit = this.#target.policy.maxAttempts === undefined;
    const isFit = (entry: Entry): boolean =>
      entry.lane?.isFree === true &&
      !entry.lane.isParked &&
      entry.lane.entries.first === entry &&
      (entry.dueAt <= now || (isAnyFit && this.#lanes.ready === 0));
    if (this.#lanes.ready === 0 && !isAnyFit) return undefined;
    return this.#ages.first(isFit);
  }

  #nextStart(now: number): number | undefined {
    if (now < this.pausedUntil) return this.pausedUntil;
    const { state, probeAt } = this.breaker;
    if (state === "half-open") return undefined;
    if (probeAt !== undefined && probeAt > now) return probeAt;
    return this.#lanes.nextAt;
  }
}
