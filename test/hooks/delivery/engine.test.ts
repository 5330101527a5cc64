import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../../src/base/log.ts";
import type { DeadReason } from "../../../src/hooks/delivery/delivery.ts";
import { DeliveryEngine } from "../../../src/hooks/delivery/engine.ts";
import type { DeliveryPolicy, Ordering } from "../../../src/hooks/delivery/policy.ts";
import { done, durable, EngineBench, type FakeHook, fleeting, refused } from "./engine-bench.ts";

describe("the delivery engine keeps order", () => {
  test("one lane per stream by default: the next event waits for the one before, other streams do not", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a");
    bench.configure([hook]);
    for (const lane of ["live/a", "live/a", "live/b", "", ""]) bench.raise(["a"], { lane });
    await bench.settle();
    expect(hook.asked).toEqual(["e1", "e3", "e4", "e5"]);
    await hook.calls[0]!.end(refused);
    expect(hook.asked.length).toBe(4);
    await bench.pass(1_000);
    await hook.calls[4]!.end(done);
    expect(hook.asked).toEqual(["e1", "e3", "e4", "e5", "e1", "e2"]);
  });

  test.each<{ ordering: Ordering; asked: string[] }>([
    { ordering: "strict", asked: ["e1"] },
    { ordering: "none", asked: ["e1", "e2", "e3"] },
  ])("or as the policy says: $ordering", async ({ ordering, asked }) => {
    const bench = new EngineBench();
    const hook = bench.hook("a");
    bench.configure([hook, { ordering }]);
    for (const lane of ["live/a", "live/a", "live/b"]) bench.raise(["a"], { lane });
    await bench.settle();
    expect(hook.asked).toEqual(asked);
  });

  test("scripts of one event run side by side, and those of the next one after all of them, whatever the hook", async () => {
    const bench = new EngineBench();
    const [start, stop, both] = ["start", "stop", "both"].map((id) => bench.hook(id, "shell"));
    bench.configure([start!, fleeting], [stop!, fleeting], [both!, fleeting]);
    bench.toss(["start", "both"]);
    bench.toss(["stop", "both"]);
    bench.toss(["start"], { lane: "live/b" });
    await bench.settle();
    expect([start!.asked, both!.asked, stop!.asked]).toEqual([["e1", "e3"], ["e1"], []]);
    await both!.calls[0]!.end(done);
    expect([both!.asked, stop!.asked]).toEqual([["e1"], []]);
    await start!.calls[0]!.end({ kind: "failed", error: "exit status 1", verdict: "retry" });
    expect([both!.asked, stop!.asked]).toEqual([["e1", "e2"], ["e2"]]);
  });

  test("scripts wait for those of stored and of fleeting hooks alike, though they come in any order", async () => {
    const bench = new EngineBench();
    const [kept, passing] = [bench.hook("kept", "shell"), bench.hook("passing", "shell")];
    bench.configure([kept], [passing, fleeting]);
    const first = bench.make(["passing"]);
    bench.clock.advance(1);
    const second = bench.make(["kept"]).map((delivery) => bench.store.store(delivery));
    bench.engine.add([...second, ...first]);
    await bench.settle();
    expect([passing.asked, kept.asked]).toEqual([["e1"], []]);
    await passing.calls[0]!.end(done);
    expect(kept.asked).toEqual(["e2"]);
  });

  test("a script that waits for its second attempt, or for its breaker, holds up its own stream and hook only", async () => {
    const bench = new EngineBench();
    const [broken, fine] = [bench.hook("broken", "shell"), bench.hook("fine", "shell", () => done)];
    bench.configure([broken], [fine]);
    bench.raise(["broken", "fine"]);
    bench.raise(["broken", "fine"]);
    bench.raise(["broken", "fine"]);
    await bench.settle();
    expect([broken.asked, fine.asked]).toEqual([["e1"], ["e1"]]);
    await broken.calls[0]!.end(refused);
    expect([broken.asked, fine.asked]).toEqual([["e1"], ["e1", "e2", "e3"]]);
    broken.answer = () => refused;
    await bench.pass(30_000, 100);
    expect(bench.report("broken").breaker).toBe("open");
    bench.raise(["broken", "fine"], { lane: "live/new" });
    bench.raise(["fine"], { lane: "live/new" });
    await bench.settle();
    expect(fine.asked).toEqual(["e1", "e2", "e3", "e4", "e5"]);
  });

  test("nobody waits any longer for the scripts of a hook whose breaker opens", async () => {
    const bench = new EngineBench({ concurrency: 100 });
    const [broken, fine] = [bench.hook("broken", "shell"), bench.hook("fine", "shell", () => done)];
    bench.configure([broken, { concurrency: 5 }], [fine]);
    for (let i = 0; i < 5; i++) bench.raise(["broken"], { lane: `live/${i}` });
    bench.raise(["broken"], { id: "start", lane: "live/late" });
    bench.raise(["fine"], { id: "stop", lane: "live/late" });
    await bench.settle();
    for (const call of broken.running.toReversed()) {
      expect(fine.asked).toEqual([]);
      void call.end(refused);
    }
    await bench.settle();
    expect([bench.report("broken").breaker, fine.asked]).toEqual(["open", ["stop"]]);
  });

  test("nobody waits for scripts that stand behind another attempt of a strict hook", async () => {
    const bench = new EngineBench();
    const [strict, fine] = [bench.hook("strict", "shell"), bench.hook("fine", "shell", () => done)];
    bench.configure([strict, { ordering: "strict" }], [fine]);
    bench.raise(["strict"], { lane: "live/a" });
    bench.raise(["strict"], { lane: "live/b" });
    bench.raise(["fine"], { lane: "live/b" });
    await bench.settle();
    expect(fine.asked).toEqual([]);
    await strict.calls[0]!.end(refused);
    expect(fine.asked).toEqual(["e3"]);
  });

  test("webhooks of different hooks do not wait for each other", async () => {
    const bench = new EngineBench();
    const [slow, quick] = [bench.hook("slow"), bench.hook("quick", "webhook", () => done)];
    bench.configure([slow], [quick]);
    bench.raise(["slow"]);
    bench.raise(["quick"]);
    await bench.settle();
    expect(quick.asked).toEqual(["e2"]);
  });

  test("another ordering holds for what waits already, and still waits for what runs", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a");
    bench.configure([hook, { ordering: "none" }]);
    for (let i = 0; i < 3; i++) bench.raise(["a"]);
    await bench.settle();
    bench.raise(["a"]);
    bench.configure([hook, { ordering: "strict" }]);
    bench.raise(["a"], { lane: "live/b" });
    await bench.settle();
    expect(hook.asked).toEqual(["e1", "e2", "e3"]);
    for (const call of hook.running) await call.end(done);
    expect(hook.asked).toEqual(["e1", "e2", "e3", "e4"]);
    await hook.calls[3]!.end(done);
    expect(hook.asked.at(-1)).toBe("e5");
  });
});

describe("the delivery engine shares its slots", () => {
  test("the hooks get them in turn, and so do the lanes of a hook, however much waits in one", async () => {
    const bench = new EngineBench({ concurrency: 1 });
    const [busy, other] = [bench.hook("busy"), bench.hook("other")];
    bench.configure([busy], [other]);
    for (let i = 0; i < 3; i++) bench.raise(["busy"], { lane: "live/a", id: `a${i}` });
    bench.raise(["busy"], { lane: "live/b", id: "b" });
    bench.raise(["other"], { lane: "live/c", id: "c" });
    await bench.settle();
    for (let i = 0; i < 5; i++) await bench.calls[i]!.end(done);
    expect(bench.calls.map(({ attempt }) => attempt.event.id)).toEqual(["a0", "c", "b", "a1", "a2"]);
  });

  test("one hook alone may have all, beside others at most 60 %, and never the reserve of the others", async () => {
    const bench = new EngineBench({ concurrency: 10 });
    const hooks = ["a", "b", "c"].map((id) => bench.hook(id));
    const flood = (ids: string[]): void => {
      for (let i = 0; i < 20; i++) bench.raise(ids, { lane: "" });
    };
    bench.configure([hooks[0]!]);
    flood(["a"]);
    await bench.settle();
    expect(hooks[0]!.running.length).toBe(10);
    for (const call of hooks[0]!.running) await call.end(done);
    for (const call of hooks[0]!.running) await call.end(done);
    bench.configure(...hooks.map((hook) => [hook] as [FakeHook]));
    flood(["a"]);
    await bench.settle();
    expect(hooks[0]!.running.length).toBe(6);
    flood(["b"]);
    await bench.settle();
    expect(hooks.map(({ running }) => running.length)).toEqual([6, 3, 0]);
    flood(["c"]);
    await bench.settle();
    expect(hooks.map(({ running }) => running.length)).toEqual([6, 3, 1]);
  });

  test("a live hook beside three that hang gets its events within one turn", async () => {
    const bench = new EngineBench({ concurrency: 10 });
    const dead = ["d1", "d2", "d3"].map((id) => bench.hook(id));
    const live = bench.hook("live", "webhook", () => done);
    bench.configure(...[...dead, live].map((hook) => [hook, fleeting] as [FakeHook, typeof fleeting]));
    for (let i = 0; i < 50; i++) bench.toss(["d1", "d2", "d3"], { lane: `live/${i}` });
    await bench.settle();
    for (let i = 0; i < 100; i++) {
      bench.toss(["d1", "d2", "d3", "live"], { lane: `live/${i}` });
      await bench.settle();
      expect(live.calls.length).toBe(i + 1);
    }
  });

  test("a policy's own limit holds, and other limits hold from when they are configured", async () => {
    const bench = new EngineBench({ concurrency: 10 });
    const hook = bench.hook("a");
    bench.configure([hook, { concurrency: 2 }]);
    for (let i = 0; i < 20; i++) bench.raise(["a"], { lane: "" });
    await bench.settle();
    expect(hook.running.length).toBe(2);
    bench.configure([hook, { concurrency: 4 }]);
    await bench.settle();
    expect(hook.running.length).toBe(4);
    bench.engine.configure([{ hook, policy: durable }], 7);
    await bench.settle();
    expect([hook.running.length, bench.engine.snapshot().concurrency]).toEqual([7, 7]);
  });

  test("nothing starts before add returns, and after two milliseconds of starting others have their turn", async () => {
    const bench = new EngineBench();
    const deferred: (() => void)[] = [];
    const engine = new DeliveryEngine({
      clock: bench.clock,
      log: silentLogger,
      concurrency: 10,
      settled: () => undefined,
      noticed: () => undefined,
      defer: (run) => deferred.push(run),
    });
    const hook = bench.hook("a");
    engine.configure([
      {
        hook: {
          id: "a",
          type: "shell",
          execute: (attempt, signal) => {
            bench.clock.advance(1);
            return hook.execute(attempt, signal);
          },
        },
        policy: fleeting,
      },
    ]);
    for (let i = 0; i < 5; i++) engine.add(bench.make(["a"], { lane: "" }));
    const perTurn = [hook.calls.length];
    while (deferred.length > 0) {
      deferred.shift()?.();
      perTurn.push(hook.calls.length);
    }
    expect(perTurn).toEqual([0, 2, 4, 5]);
  });
});

describe("the delivery engine tries again", () => {
  test("after the delays of the policy, with the same event and a higher number, until it works", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a", "webhook", () => refused);
    bench.configure([hook]);
    const [delivery] = bench.raise(["a"]);
    await bench.settle();
    await bench.pass(999);
    expect(hook.calls.length).toBe(1);
    await bench.pass(1);
    expect(hook.calls.length).toBe(2);
    hook.answer = () => done;
    await bench.pass(2_000);
    expect(hook.calls.map(({ attempt }) => attempt.number)).toEqual([1, 2, 3]);
    expect(new Set(hook.asked).size).toBe(1);
    const at = (ms: number): number => delivery!.event.at + ms;
    expect(
      bench.settlements.map(({ kind, delivery: { attempts, dueAt } }) => ({ kind, attempts, dueAt })),
    ).toEqual([
      { kind: "deferred", attempts: 1, dueAt: at(1_000) },
      { kind: "deferred", attempts: 2, dueAt: at(3_000) },
      { kind: "delivered", attempts: 3, dueAt: at(3_000) },
    ]);
    expect(bench.isQuiet).toBe(true);
  });

  test.each<{ name: DeadReason; policy: Partial<DeliveryPolicy>; calls: number }>([
    { name: "exhausted", policy: { maxAttempts: 2 }, calls: 2 },
    { name: "expired", policy: { maxAgeMs: 3_500 }, calls: 3 },
  ])("and gives up: $name", async ({ name, policy, calls }) => {
    const bench = new EngineBench();
    const hook = bench.hook("a", "webhook", () => refused);
    bench.configure([hook, policy]);
    bench.raise(["a"]);
    await bench.pass(60_000, 500);
    expect(hook.calls.length).toBe(calls);
    expect(
      bench.of("dead").map(({ reason, delivery: { attempts }, attempt }) => ({
        reason,
        attempts,
        failure: attempt?.failure,
      })),
    ).toMatchObject([{ reason: name, attempts: calls, failure: refused }]);
    expect(bench.report("a").dead).toEqual({ [name]: 1 });
    expect(bench.isQuiet).toBe(true);
  });

  test("telemetry for an hour, everything else for a day, whether it was ever tried or not", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a", "webhook", () => ({ kind: "failed", error: "gone", verdict: "gone" }));
    bench.configure([hook]);
    bench.raise(["a"], { id: "first" });
    await bench.settle();
    bench.raise(["a"], { id: "numbers", class: "telemetry" });
    bench.raise(["a"], { id: "stop" });
    const dead = () => bench.of("dead").map(({ delivery, reason }) => [delivery.event.id, reason]);
    await bench.pass(3_600_000 - 1);
    expect(dead()).toEqual([["first", "permanent_status"]]);
    await bench.pass(1);
    expect(dead().at(-1)).toEqual(["numbers", "expired"]);
    await bench.pass(23 * 3_600_000);
    expect(dead().at(-1)).toEqual(["stop", "expired"]);
    expect([hook.calls.length, bench.isQuiet]).toEqual([1, true]);
  });

  test("never what will never work", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a", "webhook", ({ event }) =>
      event.id === "bad" ? { kind: "failed", error: "status 400", status: 400, verdict: "never" } : done,
    );
    bench.configure([hook]);
    bench.raise(["a"], { id: "bad" });
    bench.raise(["a"], { id: "good" });
    await bench.settle();
    expect(bench.settlements.map(({ kind, delivery }) => [kind, delivery.event.id])).toEqual([
      ["dead", "bad"],
      ["delivered", "good"],
    ]);
    expect(bench.of("dead")[0]!.reason).toBe("permanent_status");
  });

  test("nothing at all for a receiver that is gone, until it is resumed or configured anew", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a", "webhook", () => ({
      kind: "failed",
      error: "status 410",
      status: 410,
      verdict: "gone",
    }));
    bench.configure([hook]);
    for (let i = 0; i < 4; i++) bench.raise(["a"]);
    await bench.pass(60_000, 1_000);
    expect([hook.calls.length, bench.report("a").waiting, bench.report("a").isDisabled]).toEqual([
      1,
      3,
      true,
    ]);
    expect(bench.notices).toEqual([{ kind: "hookDisabled", hookId: "a", reason: "status 410", failures: 0 }]);
    expect([bench.engine.resume("a"), bench.engine.resume("b")]).toEqual([true, false]);
    await bench.settle();
    expect(hook.calls.length).toBe(2);
    bench.configure([hook]);
    await bench.settle();
    expect(hook.calls.length).toBe(3);
    expect(bench.of("dead").length).toBe(3);
  });

  test("an attempt that was given up from our side counts for nothing", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a");
    bench.configure([hook, { maxAttempts: 1 }]);
    bench.raise(["a"]);
    await bench.settle();
    await hook.calls[0]!.end({ kind: "failed", error: "aborted", verdict: "aborted" });
    expect(bench.settlements).toEqual([]);
    await bench.pass(999);
    expect(hook.calls.length).toBe(1);
    await bench.pass(1);
    expect(hook.calls[1]!.attempt.number).toBe(1);
    await hook.calls[1]!.end(done);
    expect([bench.of("delivered").length, bench.report("a").aborted, bench.report("a").failed]).toEqual([
      1, 1, 0,
    ]);
  });

  test("a hook that breaks its contract is a failure like others, and said so", async () => {
    const bench = new EngineBench();
    const fails = (): never => {
      throw new TypeError("broken");
    };
    const policy = { ...fleeting, ordering: "none" as const };
    bench.engine.configure([
      { hook: { id: "a", type: "shell", execute: fails }, policy },
      { hook: { id: "b", type: "shell", execute: async () => fails() }, policy },
    ]);
    bench.toss(["a", "b"]);
    await bench.settle();
    expect(bench.of("dead").map(({ reason }) => reason)).toEqual(["exhausted", "exhausted"]);
    expect(
      bench.lines.filter(({ message }) => message === "a hook failed in a way it should not").length,
    ).toBe(2);
  });
});

describe("the delivery engine leaves receivers alone that ask for it", () => {
  test.each([
    { status: 429, retryAfterMs: 7_000, breaker: "closed", pauseMs: 7_000 },
    { status: 429, retryAfterMs: undefined, breaker: "closed", pauseMs: 1_000 },
    { status: 503, retryAfterMs: 500, breaker: "closed", pauseMs: 1_000 },
    { status: 503, retryAfterMs: 3_600_000, breaker: "closed", pauseMs: 900_000 },
  ])(
    "status $status, retry after $retryAfterMs ms: all its events wait",
    async ({ status, retryAfterMs, pauseMs }) => {
      const bench = new EngineBench();
      const failure = {
        kind: "failed" as const,
        error: `status ${status}`,
        status,
        verdict: "retry" as const,
      };
      const hook = bench.hook("a", "webhook", () =>
        retryAfterMs === undefined ? failure : { ...failure, retryAfterMs },
      );
      bench.configure([hook]);
      bench.raise(["a"]);
      await bench.settle();
      hook.answer = () => done;
      bench.raise(["a"], { lane: "live/b" });
      await bench.pass(pauseMs - 1);
      expect(hook.calls.length).toBe(1);
      await bench.pass(1);
      expect([hook.calls.length, bench.of("delivered").length]).toEqual([3, 2]);
    },
  );

  test("however often: too many requests do not open the breaker", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a", "webhook", () => ({
      kind: "failed",
      error: "status 429",
      status: 429,
      verdict: "retry",
    }));
    bench.configure([hook, { backoff: "fixed" }]);
    for (let i = 0; i < 30; i++) bench.raise(["a"], { lane: "" });
    await bench.pass(30_000, 100);
    expect([bench.report("a").breaker, bench.notices]).toEqual(["closed", []]);
    expect(hook.calls.length).toBeGreaterThan(20);
  });
});

describe("the delivery engine survives outages", () => {
  test("30 s at 500 events a second: under 40 requests, and all delivered within 10 s of the recovery, in order", async () => {
    const bench = new EngineBench();
    let isUp = false;
    const hook = bench.hook("a", "webhook", () => (isUp ? done : refused));
    hook.delayMs = 2;
    bench.configure([hook]);
    let sent = 0;
    for (let ms = 0; ms < 30_000; ms += 10) {
      for (let i = 0; i < 5; i++, sent++) bench.raise(["a"], { lane: `live/${sent % 100}`, id: `e${sent}` });
      await bench.pass(10);
    }
    expect(hook.calls.length).toBeLessThan(40);
    expect(hook.calls.length).toBeGreaterThan(5);
    isUp = true;
    await bench.pass(10_000, 2);
    expect([bench.of("delivered").length, bench.store.rows.size, bench.of("dead").length]).toEqual([
      sent,
      0,
      0,
    ]);
    const lasts = new Map<string, number>();
    for (const { delivery } of bench.of("delivered")) {
      const index = Number(delivery.event.id.substring(1));
      expect(index).toBeGreaterThan(lasts.get(delivery.event.lane) ?? -1);
      lasts.set(delivery.event.lane, index);
    }
    expect(bench.notices.map(({ kind, failures }) => [kind, failures])).toEqual([
      ["hookFailing", 5],
      ["hookRecovered", 0],
    ]);
    const messages = bench.lines.map(({ level, message }) => `${level} ${message}`);
    expect(messages.filter((line) => line === "error Hook execution failed").length).toBeLessThan(10);
    expect(messages).toContain("warn Hook keeps failing, its events wait");
    expect(messages.at(-1)).toBe("info Hook works again");
  });

  test("probes with what is oldest, one at a time, and wakes everything when two have worked", async () => {
    const bench = new EngineBench();
    let isUp = false;
    const hook = bench.hook("a", "webhook", () => (isUp ? done : refused));
    bench.configure([hook, { initialDelayMs: 60_000 }]);
    for (let i = 0; i < 20; i++) bench.raise(["a"], { lane: `live/${i}` });
    await bench.settle();
    // Ten started together; what they say beyond the fifth changes nothing.
    expect([hook.calls.length, bench.report("a").breaker]).toEqual([10, "open"]);
    hook.calls.length = 0;
    await bench.pass(20_000, 100);
    expect(hook.calls.map(({ at }) => at - 1_000)).toEqual([1_000, 3_000, 7_000, 12_000, 17_000]);
    expect(hook.asked).toEqual(["e11", "e12", "e13", "e14", "e15"]);
    isUp = true;
    await bench.pass(2_000, 100);
    expect([bench.of("delivered").length, bench.report("a").breaker]).toEqual([20, "closed"]);
  });

  test("a receiver that comes back gets one, two, four, eight at a time first", async () => {
    const bench = new EngineBench({ concurrency: 100 });
    const hook = bench.hook("a", "webhook", () => refused);
    bench.configure([hook]);
    for (let i = 0; i < 200; i++) bench.raise(["a"], { lane: "" });
    await bench.settle();
    hook.answer = undefined;
    await bench.pass(1_000);
    await hook.running[0]!.end(done);
    await hook.running[0]!.end(done);
    const widths: number[] = [];
    for (let i = 0; i < 5; i++) {
      widths.push(hook.running.length);
      const running = [...hook.running];
      for (const call of running) void call.end(done);
      await bench.settle();
    }
    expect(widths).toEqual([1, 2, 4, 8, 100]);
  });

  test("hooks without a guarantee have no breaker", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a", "webhook", () => refused);
    bench.configure([hook, fleeting]);
    for (let i = 0; i < 100; i++) bench.toss(["a"]);
    await bench.settle();
    expect([hook.calls.length, bench.report("a").breaker, bench.notices]).toEqual([100, "closed", []]);
  });
});

describe("the delivery engine keeps within its memory", () => {
  test("stored deliveries beyond the window stay in the store, and follow in order", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a");
    bench.configure([hook]);
    for (let i = 0; i < 5_000; i++) bench.raise(["a"]);
    await bench.settle();
    expect(bench.report("a").waiting + bench.report("a").running).toBe(2_000);
    hook.answer = () => done;
    await hook.calls[0]!.end(done);
    expect(bench.of("delivered").map(({ delivery }) => delivery.event.id)).toEqual(
      Array.from({ length: 5_000 }, (_, index) => `e${index + 1}`),
    );
    expect(bench.store.loads).toBeLessThan(12);
    bench.raise(["a"]);
    await bench.settle();
    expect([bench.store.rows.size, bench.isQuiet]).toEqual([0, true]);
  });

  test("and so do bodies beyond 16 MiB", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a");
    bench.configure([hook]);
    const body = "x".repeat(200_000);
    for (let i = 0; i < 300; i++) bench.raise(["a"], { body });
    expect(bench.report("a").waiting).toBe(84);
    await bench.settle();
    hook.answer = () => done;
    await hook.calls[0]!.end(done);
    expect([bench.of("delivered").length, bench.store.rows.size]).toEqual([300, 0]);
  });

  test("what the store has from before is delivered first, after the wait it had left", async () => {
    const bench = new EngineBench();
    const [early] = bench
      .make(["a"])
      .map((delivery) => bench.store.store({ ...delivery, attempts: 3, dueAt: delivery.event.at + 5_000 }));
    bench.store.store(bench.make(["a"])[0]!);
    const hook = bench.hook("a", "webhook", () => done);
    bench.configure([hook]);
    bench.raise(["a"]);
    await bench.pass(4_999);
    expect(hook.calls.length).toBe(0);
    await bench.pass(1);
    expect(hook.asked).toEqual(["e1", "e2", "e3"]);
    expect(hook.calls.map(({ attempt }) => attempt.number)).toEqual([4, 1, 1]);
    expect(early!.attempts).toBe(3);
  });

  test("what somebody else stores is found when told so, and nothing twice", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a");
    bench.configure([hook]);
    bench.raise(["a"], { id: "before" });
    bench.store.store({ ...bench.make(["a"], { id: "hand", lane: "live/b" })[0]!, isReplay: true });
    bench.raise(["a"], { id: "after" });
    await bench.settle();
    expect(hook.asked).toEqual(["before"]);
    bench.engine.refill();
    await bench.settle();
    expect(hook.asked).toEqual(["before", "hand"]);
    expect(hook.calls[1]!.attempt.occasion).toBe("replay");
    hook.answer = () => done;
    for (const call of hook.running) await call.end(done);
    expect(hook.asked).toEqual(["before", "hand", "after"]);
    expect(bench.store.rows.size).toBe(0);
  });

  test("what expires in memory makes room for the rest of the store, and what is left there is looked for again", async () => {
    const bench = new EngineBench({ limits: { window: { deliveries: 4, bytes: 1_000_000 } } });
    const hook = bench.hook("a");
    bench.configure([hook, { maxAgeMs: 60_000 }]);
    for (let i = 0; i < 4; i++) bench.raise(["a"]);
    await bench.settle();
    await bench.pass(59_000);
    for (let i = 0; i < 4; i++) bench.raise(["a"], { lane: "live/b" });
    await bench.pass(1_000);
    expect(bench.of("dead").map(({ delivery }) => delivery.event.id)).toEqual(["e2", "e3", "e4"]);
    expect(hook.asked).toEqual(["e1", "e5"]);
    bench.engine.refill();
    const again = bench.hook("a", "webhook", () => done);
    bench.configure();
    bench.configure([again]);
    for (const call of hook.running) await call.end(done);
    expect([again.asked, bench.store.rows.size]).toEqual([["e6", "e7", "e8"], 0]);
  });

  test("drops the oldest telemetry beyond 10,000 in memory only, then new telemetry, then at 50,000 anything new", async () => {
    const bench = new EngineBench();
    bench.configure([bench.hook("a"), fleeting]);
    const flood = (count: number, eventClass: "telemetry" | "lifecycle"): void => {
      for (let i = 0; i < count; i++) bench.toss(["a"], { class: eventClass });
    };
    flood(10_001, "telemetry");
    expect(bench.dropped.map(({ delivery, reason }) => [delivery.event.id, reason])).toEqual([
      ["e1", "overflow"],
    ]);
    flood(50_001, "lifecycle");
    flood(1, "telemetry");
    const { waiting, dropped } = bench.report("a");
    expect({ waiting, dropped }).toEqual({ waiting: 50_000, dropped: { telemetry: 10_002, other: 1 } });
    expect(bench.lines.filter(({ message }) => message === "Hook dropped an event").length).toBe(1);
  });

  test("telemetry that is dropped leaves the order of its lane as it is", async () => {
    const bench = new EngineBench({ limits: { unstored: 3, unstoredAtAll: 10 } });
    const hook = bench.hook("a");
    bench.configure([hook, fleeting]);
    for (const kind of [
      "lifecycle",
      "telemetry",
      "lifecycle",
      "lifecycle",
      "telemetry",
      "lifecycle",
    ] as const)
      bench.toss(["a"], { class: kind });
    await bench.settle();
    hook.answer = () => done;
    await hook.calls[0]!.end(done);
    expect(hook.asked).toEqual(["e1", "e3", "e4", "e6"]);
    expect(bench.dropped.map(({ delivery }) => delivery.event.id)).toEqual(["e2", "e5"]);
  });
});

describe("the delivery engine and a clock that is set", () => {
  const hour = 3_600_000;
  test.each([{ stepMs: hour }, { stepMs: -hour }])(
    "a step of $stepMs ms starts nothing early and expires nothing",
    async ({ stepMs }) => {
      const bench = new EngineBench();
      const hook = bench.hook("a", "webhook", () => refused);
      bench.configure([hook, { initialDelayMs: 30_000, backoff: "fixed" }]);
      for (let i = 0; i < 4; i++) bench.raise(["a"], { lane: "", class: "telemetry" });
      await bench.pass(10_000, 1_000);
      bench.clock.stepMs = stepMs;
      for (let i = 0; i < 3_000; i++) bench.raise(["a"], { class: "telemetry", lane: "live/b" });
      hook.answer = () => done;
      await bench.pass(1_000);
      expect(bench.of("dead")).toEqual([]);
      expect(hook.calls.length).toBe(3_004);
      expect(bench.of("delivered").length).toBe(3_000);
      await bench.pass(19_000, 1_000);
      expect([bench.of("delivered").length, bench.store.rows.size]).toEqual([3_004, 0]);
    },
  );

  test.each([{ stepMs: hour }, { stepMs: -hour }])(
    "after $stepMs ms what was put off is found again in time",
    async ({ stepMs }) => {
      const bench = new EngineBench();
      const hook = bench.hook("a", "webhook", () => refused);
      bench.configure([hook, { initialDelayMs: 30_000, backoff: "fixed" }]);
      bench.clock.stepMs = stepMs;
      bench.raise(["a"]);
      await bench.settle();
      bench.configure();
      hook.answer = () => done;
      const again = bench.hook("a", "webhook", () => done);
      bench.configure([again]);
      await bench.pass(29_999);
      expect(again.calls.length).toBe(0);
      await bench.pass(1);
      expect(again.calls.length).toBe(1);
    },
  );
});

describe("the delivery engine changes its hooks", () => {
  test("what runs ends under the old one, which is closed then, and what waits goes to the new one", async () => {
    const bench = new EngineBench();
    const before = bench.hook("a");
    const after = bench.hook("a", "webhook", () => done);
    bench.configure([before]);
    bench.raise(["a"]);
    bench.raise(["a"]);
    await bench.settle();
    bench.configure([after]);
    await bench.settle();
    expect([before.isClosed, after.calls.length]).toEqual([false, 0]);
    await before.calls[0]!.end(done);
    expect([before.isClosed, after.asked, bench.report("a").delivered]).toEqual([true, ["e2"], 2]);
  });

  test("what waits for one that is gone stays in the store and is found again, or is dropped where it is in none", async () => {
    const bench = new EngineBench();
    const before = bench.hook("a");
    bench.configure([before]);
    for (let i = 0; i < 3; i++) bench.raise(["a"]);
    bench.toss(["a"]);
    await bench.settle();
    bench.configure();
    expect(bench.dropped.map(({ delivery, reason }) => [delivery.event.id, reason])).toEqual([
      ["e4", "hook_removed"],
    ]);
    bench.raise(["a"]);
    bench.toss(["a"]);
    expect(bench.dropped.length).toBe(2);
    const after = bench.hook("a", "webhook", () => done);
    bench.configure([after]);
    await bench.settle();
    // The first of their lane is still under way.
    expect(after.asked).toEqual([]);
    await before.calls[0]!.end(done);
    expect(after.asked).toEqual(["e2", "e3", "e5"]);
    expect([bench.store.rows.size, before.isClosed, bench.isQuiet]).toEqual([0, true, true]);
  });

  test("a removed hook that fails once more is not tried again, and its event waits in the store", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a");
    bench.configure([hook]);
    bench.raise(["a"]);
    await bench.settle();
    bench.configure();
    await hook.calls[0]!.end(refused);
    await bench.pass(60_000, 1_000);
    expect([hook.calls.length, bench.store.rows.size, bench.isQuiet]).toEqual([1, 1, true]);
  });

  test("a kept hook keeps its breaker, its place in it and its numbers", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a", "webhook", () => refused);
    bench.configure([hook]);
    for (let i = 0; i < 9; i++) bench.raise(["a"], { lane: "" });
    await bench.settle();
    bench.configure([bench.hook("a", "webhook", () => refused)], [bench.hook("b")]);
    expect(bench.report("a")).toMatchObject({ breaker: "open", failed: 9, waiting: 9 });
  });
});

describe("the delivery engine ends", () => {
  test("drains: true once nothing is left, false when that takes too long, and no timer stays", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a");
    bench.configure([hook]);
    await bench.settle();
    expect(await bench.engine.drain(0)).toBe(true);
    bench.toss(["a"]);
    const late = bench.engine.drain(100);
    const patient = bench.engine.drain(1_000);
    await bench.pass(100);
    expect(await late).toBe(false);
    bench.raise(["a"]);
    await bench.settle();
    await hook.calls[0]!.end(done);
    await hook.calls[1]!.end(done);
    expect(await patient).toBe(true);
    expect(bench.isQuiet).toBe(true);
  });

  test("does not wait for what waits in the store for a receiver or its next attempt, but for what is in memory only", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a", "webhook", () => refused);
    bench.configure([hook]);
    for (let i = 0; i < 20; i++) bench.raise(["a"], { lane: "" });
    await bench.settle();
    expect(bench.report("a").breaker).toBe("open");
    expect(await bench.engine.drain(0)).toBe(true);
    bench.toss(["a"]);
    const drained = bench.engine.drain(500);
    await bench.pass(500);
    expect(await drained).toBe(false);
  });

  test("closes: drops what is in memory only, aborts what runs, takes nothing in, and closes the hooks", async () => {
    const bench = new EngineBench({ concurrency: 2 });
    const [kept, passing] = [bench.hook("kept"), bench.hook("passing")];
    bench.configure([kept], [passing, fleeting]);
    for (let i = 0; i < 2; i++) {
      bench.raise(["kept"]);
      bench.toss(["passing"]);
    }
    await bench.settle();
    const closed = bench.engine.close();
    await bench.settle();
    await closed;
    bench.toss(["passing"]);
    bench.raise(["kept"]);
    expect(bench.dropped.map(({ delivery, reason }) => [delivery.event.id, reason])).toEqual([
      ["e4", "shutdown"],
      ["e2", "shutdown"],
      ["e5", "shutdown"],
    ]);
    expect(bench.calls.every(({ signal }) => signal.aborted)).toBe(true);
    expect([kept.isClosed, passing.isClosed, bench.settlements, bench.store.rows.size]).toEqual([
      true,
      true,
      [],
      3,
    ]);
    expect(bench.isQuiet).toBe(true);
  });

  test("tells who drains when closing leaves nothing", async () => {
    const bench = new EngineBench();
    bench.configure([bench.hook("a"), fleeting]);
    bench.toss(["a"]);
    const drained = bench.engine.drain(1_000);
    await bench.engine.close();
    expect(await drained).toBe(true);
  });

  test("runs on the event loop of the process by default", async () => {
    const order: string[] = [];
    const engine = new DeliveryEngine({
      clock: {
        ...new EngineBench().clock,
        now: () => performance.now(),
        date: () => new Date(),
        after: (ms, run) => {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
        every: () => () => undefined,
      },
      log: silentLogger,
      concurrency: 2,
      settled: ({ delivery }) => order.push(delivery.event.id),
      noticed: () => undefined,
    });
    const execute = async ({ event }: { event: { id: string } }) => {
      if (event.id === "start") await Bun.sleep(20);
      return done;
    };
    engine.configure([{ hook: { id: "a", type: "shell", execute }, policy: fleeting }]);
    const bench = new EngineBench();
    engine.add(["start", "stop"].flatMap((id) => bench.make(["a"], { id, at: Date.now() })));
    engine.add(bench.make(["a"], { id: "other", lane: "live/b", at: Date.now() }));
    expect(await engine.drain(5_000)).toBe(true);
    expect(order).toEqual(["other", "start", "stop"]);
    await engine.close();
  });
});

describe("the snapshot of the delivery engine", () => {
  test("counts attempts, outcomes, durations by type of event, and how long the oldest waits", async () => {
    const bench = new EngineBench();
    const hook = bench.hook("a");
    bench.configure([hook]);
    bench.raise(["a"]);
    bench.raise(["a"]);
    await bench.pass(30);
    await hook.calls[0]!.end({ ...refused });
    await bench.pass(1_000);
    await bench.pass(200);
    await hook.calls[1]!.end(done);
    await bench.pass(70);
    const { byType, latencies, ...rest } = bench.report("a");
    expect(rest).toEqual({
      id: "a",
      type: "webhook",
      waiting: 0,
      running: 1,
      oldestMs: 0,
      breaker: "closed",
      isDisabled: false,
      delivered: 1,
      failed: 1,
      retries: 1,
      timeouts: 0,
      aborted: 0,
      dropped: { telemetry: 0, other: 0 },
      dead: {},
      lastError: "connection refused",
      latencySeconds: 1.23,
    });
    expect(byType).toEqual({
      publish_start: {
        done: 1,
        failed: 1,
        seconds: 0.23,
        durations: [0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0],
      },
    });
    expect(latencies).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    bench.raise(["a"]);
    await bench.pass(500);
    expect([bench.report("a").oldestMs, bench.report("a").waiting]).toEqual([500, 1]);
  });
});
