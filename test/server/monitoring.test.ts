import { describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { valueIn } from "../base/exposition.ts";
import { Receiver } from "../hooks/host-bench.ts";
import { temporaryDirectory } from "../hooks/store/stored-event.ts";
import { MonitoredServer } from "./monitored-server.ts";

const durable = (directory: string): string[] => [
  "--hook-delivery-guarantee",
  "at-least-once",
  "--hook-data-dir",
  directory,
];

describe("a server without hooks", () => {
  test("is alive and ready, has metrics of its process, and hooks that are healthy because there are none", async () => {
    await using server = new MonitoredServer();
    expect(await server.json("/healthz")).toEqual([200, { status: "ok" }]);
    expect(await server.json("/readyz")).toEqual([200, { status: "ready" }]);
    expect(await server.json("/health/hooks")).toMatchObject([
      200,
      { hook_manager_status: "healthy", active_hooks: 0 },
    ]);
    const read = await server.metrics();
    expect(valueIn(read, "process_resident_memory_bytes")).toBeGreaterThan(1e6);
    expect([...read.keys()].filter((name) => name.startsWith("rtmp_hook_"))).toEqual([]);
    expect((await server.get("/nothing")).status).toBe(404);
  });
});

describe("a server with a durable webhook", () => {
  test("counts what is raised, delivered and stored, and shows no secret anywhere", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const secret = "my-secret-of-many-bytes-12345678";
    await using server = new MonitoredServer(
      ...durable(directory.path),
      "--hook-webhook",
      `server_start=${receiver.url("/hook").replace("//", `//user:${secret}@`)}?token=${secret}`,
      "--hook-auth-hmac-secret",
      secret,
    );
    await server.until(() => receiver.posts.length === 1, "server_start");
    await server.until(
      async () =>
        (await server.metrics()).get("rtmp_hook_attempts_total")?.samples.some(({ value }) => value === 1) ===
        true,
      "the count of it",
    );
    const read = await server.metrics();
    expect(valueIn(read, "rtmp_events_generated_total", { event_type: "server_start" })).toBe(1);
    expect(
      valueIn(read, "rtmp_hook_executions_total", {
        hook_type: "webhook",
        event_type: "server_start",
        status: "success",
      }),
    ).toBe(1);
    expect(valueIn(read, "rtmp_hook_store_pending")).toBe(0);
    expect(valueIn(read, "rtmp_hook_dropped_total", { class: "other", reason: "not_taken" })).toBe(0);
    const [status, health] = await server.json("/health/hooks");
    expect([status, health]).toMatchObject([
      200,
      { hook_manager_status: "healthy", active_hooks: 1, failed_deliveries: 0, store: { writable: true } },
    ]);
    const shown = [
      await (await server.get("/metrics")).text(),
      JSON.stringify([health, server.lines]),
    ].join();
    expect(shown).not.toContain(secret);
    expect(receiver.posts[0]?.body).not.toContain(secret);
  });

  test("is not ready while its store cannot be written, says why, and goes on streaming and delivering", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const data = join(directory.path, "data");
    await using server = new MonitoredServer(
      ...durable(data),
      "--hook-webhook",
      `*=${receiver.url("/hook")}`,
    );
    await server.until(() => receiver.posts.length > 0, "server_start");
    expect(await server.json("/readyz")).toEqual([200, { status: "ready" }]);
    rmSync(data, { recursive: true });
    writeFileSync(data, "in the way");
    await server.until(async () => (await server.get("/readyz")).status === 503, "that it is not ready");
    expect(await server.json("/readyz")).toEqual([
      503,
      { status: "not_ready", reasons: ["hook store cannot be written"] },
    ]);
    expect(await server.json("/healthz")).toMatchObject([200, {}]);
    expect(await server.json("/health/hooks")).toMatchObject([
      503,
      { hook_manager_status: "unhealthy", store: { writable: false } },
    ]);
    // The alert about it is delivered, from memory.
    await server.until(
      () => receiver.posts.some(({ body }) => JSON.parse(body).type === "resource_alert"),
      "the alert",
    );
    rmSync(data);
    await server.until(async () => (await server.get("/readyz")).status === 200, "that it is ready again");
    expect(valueIn(await server.metrics(), "rtmp_hook_store_errors_total")).toBeGreaterThan(0);
  });
});
