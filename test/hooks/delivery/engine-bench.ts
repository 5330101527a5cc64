import { expect } from "bun:test";
import { type Logger, silentLogger } from "../../../src/base/log.ts";
import type { Delivery, Settlement } from "../../../src/hooks/delivery/delivery.ts";
import {
  DeliveryEngine,
  type DeliveryEngineOptions,
  type DeliveryNotice,
  type DropReason,
} from "../../../src/hooks/delivery/engine.ts";
import type { Attempt, Hook, HookOutcome, HookType } from "../../../src/hooks/delivery/hook.ts";
import type { DeliveryPolicy } from "../../../src/hooks/delivery/policy.ts";
import { FakeClock } from "../../base/fake-clock.ts";

/** A wall clock that a test may set, over a monotonic one that it moves. */
export class SteppingClock extends FakeClock {
  stepMs = 0;

  override date(): Date {
    return new Date(super.date().getTime() + this.stepMs);
  }
}

/** As phase after phase of a test needs it: nothing is lost, nothing is limited. */
export const durable: DeliveryPolicy = {
  guarantee: "at-least-once",
  ordering: "stream",
  maxAttempts: undefined,
  initialDelayMs: 1_000,
  maxDelayMs: 60_000,
  backoff: "exponential",
  hasJitter: false,
  retryableErrors: undefined,
  maxAgeMs: undefined,
  concurrency: undefined,
};

/** Memory only, one attempt. */
export const fleeting: DeliveryPolicy = { ...durable, guarantee: "none", maxAttempts: 1 };

/** One execution under way. */
export interface Call {
  readonly hook: FakeHook;
  readonly attempt: Attempt;
  readonly at: number;
  readonly signal: AbortSignal;
  end(outcome: HookOutcome): Promise<void>;
}

export const done: HookOutcome = { kind: "done" };
export const refused: HookOutcome = {
  kind: "failed",
  error: "connection refused",
  code: "ECONNREFUSED",
  verdict: "retry",
};

/** A hook that answers as the test says: by hand, or by a rule, at once or after a while. */
export class FakeHook implements Hook {
  readonly id: string;
  readonly type: HookType;
  readonly calls: Call[] = [];
  isClosed = false;
  /** Undefined: the test ends each call by hand. */
  answer: ((attempt: Attempt) => HookOutcome) | undefined;
  delayMs = 0;
  readonly #bench: EngineBench;
  #running = new Set<Call>();

  constructor(bench: EngineBench, id: string, type: HookType = "webhook") {
    this.#bench = bench;
    this.id = id;
    this.type = type;
  }

  get running(): readonly Call[] {
    return [...this.#running];
  }

  /** Ids of the events it was asked to deliver, in order. */
  get asked(): string[] {
    return this.calls.map(({ attempt }) => attempt.event.id);
  }

  execute(attempt: Attempt, signal: AbortSignal): Promise<HookOutcome> {
    expect(this.isClosed).toBe(false);
    const { promise, resolve } = Promise.withResolvers<HookOutcome>();
    const finish = (outcome: HookOutcome): void => {
      this.#running.delete(call);
      resolve(outcome);
    };
    const call: Call = {
      hook: this,
      attempt,
      at: this.#bench.clock.now(),
      signal,
      end: async (outcome) => {
        finish(outcome);
        await this.#bench.settle();
      },
    };
    this.calls.push(call);
    this.#running.add(call);
    this.#bench.calls.push(call);
    signal.addEventListener("abort", () => finish({ kind: "failed", error: "aborted", verdict: "aborted" }));
    const { answer } = this;
    if (answer) {
      if (this.delayMs === 0) finish(answer(attempt));
      else this.#bench.clock.after(this.delayMs, () => finish(answer(attempt)));
    }
    return promise;
  }

  async close(): Promise<void> {
    expect(this.#running.size).toBe(0);
    this.isClosed = true;
  }
}

/** A store as the engine knows it: rows that are there until they are settled. */
export class FakeStore {
  readonly rows = new Map<number, Delivery>();
  loads = 0;
  #row = 0;

  store(delivery: Delivery): Delivery {
    const stored = { ...delivery, row: ++this.#row };
    this.rows.set(stored.row, stored);
    return stored;
  }

  take(settlement: Settlement): void {
    const { delivery } = settlement;
    if (delivery.row === undefined) return;
    expect(this.rows.has(delivery.row)).toBe(true);
    if (settlement.kind === "deferred") this.rows.set(delivery.row, delivery);
    else this.rows.delete(delivery.row);
  }

  load(hookId: string, afterRow: number, limit: number): Delivery[] {
    this.loads++;
    const found: Delivery[] = [];
    for (const [row, delivery] of this.rows) {
      if (found.length === limit) break;
      if (row > afterRow && delivery.hookId === hookId) found.push(delivery);
    }
    return found;
  }
}

/** An engine with a clock, a store and hooks of the test's, and the journal of what happened. */
export class EngineBench {
  readonly clock = new SteppingClock();
  readonly store = new FakeStore();
  readonly calls: Call[] = [];
  readonly settlements: Settlement[] = [];
  readonly dropped: { delivery: Delivery; reason: DropReason }[] = [];
  readonly notices: DeliveryNotice[] = [];
  readonly lines: { level: keyof Logger; message: string; fields: object }[] = [];
  readonly engine: DeliveryEngine;
  readonly #deferred: (() => void)[] = [];
  #events = 0;

  constructor(options: Partial<DeliveryEngineOptions> = {}) {
    const line =
      (level: keyof Logger) =>
      (message: string, fields = {}): void =>
        void this.lines.push({ level, message, fields });
    this.engine = new DeliveryEngine({
      clock: this.clock,
      log: { ...silentLogger, info: line("info"), warn: line("warn"), error: line("error") },
      concurrency: 10,
      source: this.store,
      settled: (settlement) => {
        this.settlements.push(settlement);
        this.store.take(settlement);
      },
      noticed: (notice) => this.notices.push(notice),
      dropped: (delivery, reason) => this.dropped.push({ delivery, reason }),
      random: () => 0.5,
      defer: (run) => this.#deferred.push(run),
      ...options,
    });
  }

  hook(id: string, type: HookType = "webhook", answer?: FakeHook["answer"]): FakeHook {
    const hook = new FakeHook(this, id, type);
    hook.answer = answer;
    return hook;
  }

  configure(...targets: [FakeHook, Partial<DeliveryPolicy>?][]): void {
    this.engine.configure(targets.map(([hook, policy]) => ({ hook, policy: { ...durable, ...policy } })));
  }

  /** One event for each of the hooks, in memory only. */
  make(hookIds: readonly string[], changes: Partial<Delivery["event"]> = {}): Delivery[] {
    const id = changes.id ?? `e${++this.#events}`;
    const event: Delivery["event"] = {
      id,
      type: "publish_start",
      class: "lifecycle",
      streamKey: "live/a",
      lane: "live/a",
      sessionId: "s",
      at: this.clock.date().getTime(),
      body: JSON.stringify({ id, type: "publish_start" }),
      ...changes,
    };
    return hookIds.map((hookId) => ({
      row: undefined,
      hookId,
      event,
      attempts: 0,
      dueAt: 0,
      isReplay: false,
    }));
  }

  /** Raises an event that is stored first. */
  raise(hookIds: readonly string[], changes: Partial<Delivery["event"]> = {}): Delivery[] {
    const stored = this.make(hookIds, changes).map((delivery) => this.store.store(delivery));
    this.engine.add(stored);
    return stored;
  }

  /** Raises an event that is in memory only. */
  toss(hookIds: readonly string[], changes: Partial<Delivery["event"]> = {}): Delivery[] {
    const made = this.make(hookIds, changes);
    this.engine.add(made);
    return made;
  }

  /** Lets everything happen that is due. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 6; quiet++) {
      await Promise.resolve();
      for (const run of this.#deferred.splice(0)) {
        run();
        quiet = 0;
      }
    }
  }

  /** Lets time pass in steps, with everything that is due at each. */
  async pass(ms: number, stepMs = ms): Promise<void> {
    await this.settle();
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left));
      await this.settle();
    }
  }

  of<Kind extends Settlement["kind"]>(kind: Kind): Extract<Settlement, { kind: Kind }>[] {
    return this.settlements.filter((one): one is Extract<Settlement, { kind: Kind }> => one.kind === kind);
  }

  report(hookId: string) {
    const report = this.engine.snapshot().hooks.find(({ id }) => id === hookId);
    if (!report) throw new Error(`no hook ${hookId}`);
    return report;
  }

  get isQuiet(): boolean {
    return this.#deferred.length === 0 && this.clock.timers === 0;
  }
}
