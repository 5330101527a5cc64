import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { HookOutcome, HookType } from "../../../src/hooks/delivery/hook.ts";
import type { DeliveryPolicy, Ordering } from "../../../src/hooks/delivery/policy.ts";
import { done, EngineBench, type FakeHook, refused } from "./engine-bench.ts";

const outcomes: readonly HookOutcome[] = [
  done,
  done,
  done,
  refused,
  refused,
  { kind: "failed", error: "status 400", status: 400, verdict: "never" },
  { kind: "failed", error: "status 429", status: 429, verdict: "retry", retryAfterMs: 3_000 },
  { kind: "failed", error: "aborted", verdict: "aborted" },
];

const kinds: readonly { id: string; type: HookType; policy: Partial<DeliveryPolicy> }[] = [
  { id: "kept", type: "webhook", policy: {} },
  { id: "strict", type: "webhook", policy: { ordering: "strict", maxAttempts: 3 } },
  { id: "loose", type: "webhook", policy: { ordering: "none", concurrency: 2 } },
  { id: "fleeting", type: "webhook", policy: { guarantee: "none", maxAttempts: 2 } },
  { id: "script", type: "shell", policy: { maxAttempts: 4 } },
  { id: "strict-script", type: "shell", policy: { ordering: "strict", guarantee: "none", maxAttempts: 2 } },
  { id: "other-script", type: "shell", policy: { guarantee: "none", maxAttempts: 1 } },
];

const lanes = ["", "live/a", "live/b", "live/c"];

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("raise" as const),
      lane: fc.constantFrom(...lanes),
      hooks: fc.subarray(kinds.map(({ id }) => id)),
      isTelemetry: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      pick: fc.nat(),
      outcome: fc.constantFrom(...outcomes),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.constantFrom(1, 500, 1_000, 5_000, 60_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("configure" as const),
      ids: fc.subarray(
        kinds.map(({ id }) => id),
        { minLength: 5 },
      ),
      ordering: fc.constantFrom<Ordering | undefined>("stream", "strict", "none", undefined),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("step" as const), ms: fc.constantFrom(-3_600_000, 3_600_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("refill" as const) }) },
);

/** An engine with hooks of all kinds, and what has been raised for each. */
class World {
  readonly bench: EngineBench;
  readonly hooks: FakeHook[];
  readonly concurrency: number;
  added = 0;

  constructor(concurrency: number) {
    this.concurrency = concurrency;
    const window = { deliveries: 6, bytes: 1_000_000 };
    this.bench = new EngineBench({ concurrency, limits: { window, unstored: 8, unstoredAtAll: 16 } });
    this.hooks = kinds.map(({ id, type }) => this.bench.hook(id, type));
    this.configure(
      kinds.map(({ id }) => id),
      undefined,
    );
  }

  configure(ids: readonly string[], ordering: Ordering | undefined): void {
    // One that was closed comes back as another one of the same name.
    for (const hook of this.hooks) hook.isClosed = false;
    this.bench.configure(
      ...kinds.flatMap(({ id, policy }, index): [FakeHook, Partial<DeliveryPolicy>][] =>
        ids.includes(id)
          ? [[this.hooks[index]!, { ...policy, ...(ordering && id === "kept" ? { ordering } : {}) }]]
          : [],
      ),
    );
  }

  raise(lane: string, { hooks, isTelemetry }: { hooks: readonly string[]; isTelemetry: boolean }): void {
    const made = this.bench.make(hooks, { lane, class: isTelemetry ? "telemetry" : "lifecycle" });
    const isKept = (id: string): boolean => kinds.find((kind) => kind.id === id)!.policy.guarantee !== "none";
    this.bench.engine.add(made.map((one) => (isKept(one.hookId) ? this.bench.store.store(one) : one)));
    this.added += made.length;
  }

  get running() {
    return this.hooks.flatMap(({ running }) => running);
  }

  /** Delivered, dead, lost, in the store, or in memory only: each exactly once. */
  checkSum(): void {
    const { bench } = this;
    const inMemoryOnly =
      this.added -
      bench.of("delivered").length -
      bench.of("dead").length -
      bench.dropped.length -
      bench.store.rows.size;
    expect(inMemoryOnly).toBeGreaterThanOrEqual(0);
    const ends = [...bench.of("delivered"), ...bench.of("dead"), ...bench.dropped].map(
      ({ delivery }) => `${delivery.hookId} ${delivery.event.id}`,
    );
    expect(new Set(ends).size).toBe(ends.length);
  }

  checkLimits(): void {
    expect(this.running.length).toBeLessThanOrEqual(this.concurrency);
    expect(this.bench.engine.snapshot().running).toBe(this.running.length);
    for (const hook of this.hooks) {
      // Nothing of one event runs twice at once.
      const ids = hook.running.map(({ attempt }) => attempt.event.id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  }

  /** First attempts of each hook and stream come in the order of the events. */
  checkOrder(id: string): void {
    const lasts = new Map<string, number>();
    const hook = this.hooks.find((one) => one.id === id)!;
    for (const { attempt } of hook.calls) {
      const lane = this.lane(attempt.event.id);
      if (lane === "") continue;
      const index = Number(attempt.event.id.substring(1));
      expect(index).toBeGreaterThanOrEqual(lasts.get(lane) ?? 0);
      lasts.set(lane, index);
    }
  }

  readonly lanes = new Map<string, string>();
  lane(id: string): string {
    return this.lanes.get(id) ?? "";
  }
}

describe("whatever happens when", () => {
  test("nothing is lost or delivered twice, limits hold, and all is done once everything works", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80, size: "max" }),
        fc.integer({ min: 1, max: 8 }),
        async (steps, concurrency) => {
          const world = new World(concurrency);
          const { bench } = world;
          for (const each of steps) {
            if (each.kind === "raise") world.raise(each.lane, each);
            else if (each.kind === "pass") await bench.pass(each.ms, Math.max(1, each.ms / 4));
            else if (each.kind === "step") bench.clock.stepMs += each.ms;
            else if (each.kind === "refill") bench.engine.refill();
            else if (each.kind === "configure") world.configure(each.ids, each.ordering);
            else await world.running[each.pick % world.running.length]?.end(each.outcome);
            await bench.settle();
            world.checkSum();
            world.checkLimits();
          }
          for (const hook of world.hooks) hook.answer = () => done;
          world.configure(
            kinds.map(({ id }) => id),
            undefined,
          );
          for (const call of world.running) await call.end(done);
          await bench.pass(900_000, 5_000);
          world.checkSum();
          expect(bench.of("delivered").length + bench.of("dead").length + bench.dropped.length).toBe(
            world.added,
          );
          expect([bench.store.rows.size, bench.isQuiet, await bench.engine.drain(0)]).toEqual([
            0,
            true,
            true,
          ]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("each lane keeps its order, retries included, and scripts of a stream theirs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          step.filter(({ kind }) => kind === "raise" || kind === "end" || kind === "pass"),
          { maxLength: 80, size: "max" },
        ),
        fc.integer({ min: 1, max: 8 }),
        async (steps, concurrency) => {
          const world = new World(concurrency);
          let raised = 0;
          for (const each of steps) {
            if (each.kind === "raise") {
              world.lanes.set(`e${++raised}`, each.lane);
              world.raise(each.lane, each);
            } else if (each.kind === "pass") await world.bench.pass(each.ms);
            else if (each.kind === "end")
              await world.running[each.pick % world.running.length]?.end(each.outcome);
            await world.bench.settle();
            for (const { running, id } of world.hooks) {
              if (id === "loose") continue;
              const lanesNow = running
                .map(({ attempt }) => world.lane(attempt.event.id))
                .filter((lane) => lane !== "");
              expect(lanesNow.length).toBe(new Set(lanesNow).size);
            }
          }
          for (const { id } of kinds) if (id !== "loose") world.checkOrder(id);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("scripts of a later event never start before the first attempts of an earlier one, where no hook is held", async () => {
    const scripts = ["a", "b", "c"];
    const action = fc.oneof(
      fc.record({
        kind: fc.constant("raise" as const),
        lane: fc.constantFrom("live/a", "live/b"),
        hooks: fc.subarray(scripts, { minLength: 1 }),
      }),
      fc.record({ kind: fc.constant("end" as const), pick: fc.nat() }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 60, size: "max" }),
        fc.integer({ min: 1, max: 4 }),
        async (actions, concurrency) => {
          const bench = new EngineBench({ concurrency });
          const hooks = scripts.map((id) => bench.hook(id, "shell"));
          bench.configure(
            ...hooks.map(
              (hook) => [hook, { guarantee: "none", maxAttempts: 1 }] as [FakeHook, Partial<DeliveryPolicy>],
            ),
          );
          const open = new Map<string, { lane: string; left: number; index: number }>();
          let raised = 0;
          for (const each of actions) {
            if (each.kind === "raise") {
              const [first] = bench.toss(each.hooks, { lane: each.lane });
              open.set(first!.event.id, { lane: each.lane, left: each.hooks.length, index: ++raised });
            } else {
              const running = hooks.flatMap((hook) => hook.running);
              const call = running[each.pick % running.length];
              if (call) {
                open.get(call.attempt.event.id)!.left--;
                await call.end(refused);
              }
            }
            await bench.settle();
            const running = hooks.flatMap((hook) => hook.running);
            for (const { attempt } of running) {
              const own = open.get(attempt.event.id)!;
              for (const other of open.values())
                if (other.lane === own.lane && other.index < own.index) expect(other.left).toBe(0);
            }
            // A free slot that some lane can use is used.
            const waits = [...open.values()].filter(({ left }) => left > 0);
            const usable = new Set(waits.map(({ lane }) => lane)).size;
            if (running.length < Math.min(1, concurrency)) expect(usable).toBe(0);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
