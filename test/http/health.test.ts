import { describe, expect, test } from "bun:test";
import { systemClock } from "../../src/base/time.ts";
import { type HealthSources, healthResources } from "../../src/http/health.ts";
import { type HookHealth, type HooksHealth, judgeHooks } from "../../src/http/hook-health.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { Serving } from "./serving.ts";

const hook: HookHealth = {
  id: "notify",
  type: "webhook",
  breaker: "closed",
  backlog: 0,
  oldestSeconds: 0,
  delivered: 5,
  failed: 2,
  dead: 1,
  lastError: "status 500",
};

const healthy: HooksHealth = {
  activeHooks: 1,
  failedDeliveries: 0,
  lastEventTime: 0,
  hooks: [hook],
  store: { isWritable: true, isNearlyFull: false },
};

const open = (sources: Partial<HealthSources>): Serving =>
  new Serving(
    healthResources({ unreadiness: () => [], hooks: () => healthy, clock: systemClock, ...sources }),
  );

const ask = async (serving: Serving, path: string): Promise<[number, unknown]> => {
  const response = await serving.get(path);
  expect(response.headers.get("Content-Type")).toStartWith("application/json");
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  return [response.status, await response.json()];
};

describe("hooks", () => {
  const rows: { name: string; health: Partial<HooksHealth>; status: string; reasons: string[] }[] = [
    { name: "that work", health: {}, status: "healthy", reasons: [] },
    { name: "without a store", health: { store: undefined }, status: "healthy", reasons: [] },
    { name: "that are none", health: { hooks: [] }, status: "healthy", reasons: [] },
    { name: "with failures long ago", health: { failedDeliveries: 9 }, status: "healthy", reasons: [] },
    {
      name: "one of which is failing",
      health: { hooks: [hook, { ...hook, id: "other", breaker: "open" }] },
      status: "degraded",
      reasons: ["hook other is failing"],
    },
    {
      name: "one of which is being tried again",
      health: { hooks: [{ ...hook, breaker: "half_open" }] },
      status: "degraded",
      reasons: ["hook notify is failing"],
    },
    {
      name: "one of which is switched off",
      health: { hooks: [{ ...hook, breaker: "paused" }] },
      status: "degraded",
      reasons: ["hook notify is switched off until the configuration is loaded again"],
    },
    {
      name: "with a backlog of a minute",
      health: { hooks: [{ ...hook, oldestSeconds: 60 }] },
      status: "healthy",
      reasons: [],
    },
    {
      name: "with a backlog of more than a minute",
      health: { hooks: [{ ...hook, oldestSeconds: 60.9 }] },
      status: "degraded",
      reasons: ["hook notify is 61 seconds behind"],
    },
    {
      name: "whose store is nearly full",
      health: { store: { isWritable: true, isNearlyFull: true } },
      status: "degraded",
      reasons: ["hook store is more than 80 per cent full"],
    },
    {
      name: "whose store fails, whatever else is wrong",
      health: {
        store: { isWritable: false, isNearlyFull: true },
        hooks: [{ ...hook, breaker: "open" }],
      },
      status: "unhealthy",
      reasons: [
        "hook store cannot be written",
        "hook store is more than 80 per cent full",
        "hook notify is failing",
      ],
    },
  ];
  for (const { name, health, status, reasons } of rows) {
    test(`${name} are ${status}`, () => {
      expect(judgeHooks({ ...healthy, ...health })).toEqual({ status: status as never, reasons });
    });
  }
});

describe("the health pages", () => {
  test("say that the process lives, whatever else is wrong", async () => {
    await using serving = open({
      unreadiness: () => ["everything is broken"],
      hooks: () => Promise.reject(new Error("broken")),
    });
    expect(await ask(serving, "/healthz")).toEqual([200, { status: "ok" }]);
  });

  test("say whether the server is ready, and else why not", async () => {
    let reasons: string[] = [];
    await using serving = open({ unreadiness: async () => reasons });
    expect(await ask(serving, "/readyz")).toEqual([200, { status: "ready" }]);
    reasons = ["hook store cannot be written", "stopping"];
    expect(await ask(serving, "/readyz")).toEqual([503, { status: "not_ready", reasons }]);
  });

  test("take who throws for not ready, and say why", async () => {
    await using serving = open({
      unreadiness: () => {
        throw new Error("no configuration");
      },
    });
    expect(await ask(serving, "/readyz")).toEqual([
      503,
      { status: "not_ready", reasons: ["no configuration"] },
    ]);
  });

  test("show each hook, and all of them in the keys that tools know", async () => {
    const health: HooksHealth = {
      activeHooks: 2,
      failedDeliveries: 3,
      lastEventTime: 1_767_225_600,
      hooks: [{ ...hook, breaker: "open", backlog: 12, oldestSeconds: 4.5 }],
      store: { isWritable: true, isNearlyFull: false },
    };
    await using serving = open({ hooks: async () => health });
    expect(await ask(serving, "/health/hooks")).toEqual([
      200,
      {
        hook_manager_status: "degraded",
        active_hooks: 2,
        failed_deliveries: 3,
        last_event_time: "2026-01-01T00:00:00.000Z",
        reasons: ["hook notify is failing"],
        hooks: [{ id: "notify", type: "webhook", breaker: "open", backlog: 12, oldest_seconds: 4.5 }],
        store: { writable: true, nearly_full: false },
      },
    ]);
  });

  test("say 503 for hooks only where events may be lost", async () => {
    await using serving = open({
      hooks: () => ({ ...healthy, store: { isWritable: false, isNearlyFull: false } }),
    });
    const [status, body] = await ask(serving, "/health/hooks");
    expect([status, body]).toMatchObject([503, { hook_manager_status: "unhealthy" }]);
  });

  test("are well without any hooks", async () => {
    await using serving = open({ hooks: () => undefined });
    expect(await ask(serving, "/health/hooks")).toEqual([
      200,
      {
        hook_manager_status: "healthy",
        active_hooks: 0,
        failed_deliveries: 0,
        last_event_time: null,
        reasons: [],
        hooks: [],
      },
    ]);
  });

  test("do not wait for who never answers", async () => {
    const clock = new FakeClock();
    const never = (): Promise<never> => new Promise(() => undefined);
    await using serving = open({ hooks: never, unreadiness: never, clock });
    const pending = [ask(serving, "/health/hooks"), ask(serving, "/readyz")];
    for (let tries = 0; tries < 200 && clock.timers < 2; tries++) await Bun.sleep(5);
    clock.advance(2_000);
    expect(await Promise.all(pending)).toMatchObject([
      [503, { hook_manager_status: "unhealthy", reasons: ["hooks: no answer within 2000 ms"] }],
      [503, { status: "not_ready", reasons: ["readiness: no answer within 2000 ms"] }],
    ]);
    expect(clock.timers).toBe(0);
  });
});
