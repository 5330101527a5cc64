import { describe, expect, test } from "bun:test";
import { closeSync, openSync, readdirSync, writeSync } from "node:fs";
import { ConnectionChurn } from "../bench/event-load.ts";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { HookReceiver } from "./harness/hook-receiver.ts";
import { clip } from "./harness/media.ts";
import { OwnPublisher } from "./harness/own-client.ts";
import { freePort } from "./harness/port.ts";
import { run } from "./harness/program.ts";

import { Server, serverCommand } from "./harness/server.ts";

/** The server with files of at most so many kilobytes each: to it the disk is full. `prlimit` makes room again. */
const withSmallFiles = (kilobytes: number): string[] => [
  ...["bash", "-c", `trap '' XFSZ; ulimit -S -f ${kilobytes}; exec "$@"`, "server"],
  ...serverCommand,
];

const statusOf = async (port: number, path: string): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: await response.json() };
};

describe("a store of events", () => {
  test("that the disk has no room for costs no event and no packet, says so, and works again by itself", async () => {
    using directory = new TempDirectory();
    await using receiver = new HookReceiver();
    const metrics = freePort();
    await using server = await Server.start({
      command: withSmallFiles(512),
      flags: [
        ...["--hook-webhook", `*=${receiver.url}`, "--hook-delivery-guarantee", "at-least-once"],
        ...["--hook-data-dir", directory.file("data"), "--metrics-address", `127.0.0.1:${metrics}`],
        ...["--hook-concurrency", "50", "--log-level", "info"],
      ],
    });
    expect((await statusOf(metrics, "/readyz")).status).toBe(200);
    await using publisher = publish(await clip(), server.url("live/store"), { loops: true });
    await server.line({ msg: "publish started" });
    await using player = new FfmpegPlayer(server.url("live/store"), ["-t", "6"]);
    using churn = new ConnectionChurn({ port: server.port, eventsPerSecond: 200 });
    await server.line({ msg: "hook store fails, events are kept in memory only" }, { withinMs: 20_000 });
    expect(await statusOf(metrics, "/readyz")).toEqual({
      status: 503,
      body: { status: "not_ready", reasons: ["hook store cannot be written"] },
    });
    expect(await statusOf(metrics, "/health/hooks")).toMatchObject({
      status: 503,
      body: { hook_manager_status: "unhealthy", store: { writable: false } },
    });
    const packets = await player.packets();
    expect(packets.length).toBeGreaterThan(100);
    await run(["prlimit", "--pid", String(server.pid), "--fsize=unlimited"]);
    // It may have worked for a moment before, and failed again.
    const deadline = performance.now() + 15_000;
    while ((await statusOf(metrics, "/readyz")).status !== 200 && performance.now() < deadline)
      await Bun.sleep(200);
    expect(server.matching({ msg: "hook store works again" }).length).toBeGreaterThan(0);
    churn[Symbol.dispose]();
    publisher.kill("SIGTERM");
    await Bun.sleep(2_000);
    expect((await statusOf(metrics, "/readyz")).status).toBe(200);
    const unique = new Map(receiver.events.map((event) => [event.id, event]));
    const accepts = [...unique.values()].filter(({ type }) => type === "connection_accept").length;
    // The publisher and the player are connections too.
    expect(accepts).toBe(churn.clients + 2);
    const seqs = [...unique.values()].map(({ seq }) => seq).sort((a, b) => a - b);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  }, 90_000);

  test("that is damaged is set aside, and a new one is begun", async () => {
    using directory = new TempDirectory();
    const data = directory.file("data");
    const port = freePort();
    await using receiver = new HookReceiver(() => new Response(null, { status: 503 }));
    const flags = [
      ...["--hook-webhook", `publish_start=${receiver.url}`, "--hook-delivery-guarantee", "at-least-once"],
      ...["--hook-data-dir", data, "--hook-drain-timeout", "100ms"],
    ];
    {
      await using first = await Server.start({ port, flags });
      using _publisher = await OwnPublisher.connect(first.url("live/before"));
    }
    const file = openSync(`${data}/hooks.db`, "r+");
    for (let page = 0; page < 16; page++) writeSync(file, "damage ".repeat(200), page * 4096 + 100);
    closeSync(file);
    receiver.answer = () => new Response(null, { status: 204 });
    await using second = await Server.start({ port, flags });
    await second.line({ msg: "hook store is damaged and was set aside, a new one is begun" });
    using _publisher = await OwnPublisher.connect(second.url("live/after"));
    const { event } = await receiver.delivery("publish_start");
    expect(event.stream_key).toBe("live/after");
    expect(readdirSync(data).some((name) => name.startsWith("hooks.db.corrupt-"))).toBe(true);
  }, 60_000);

  test("that another server has keeps a second one from starting, with one line", async () => {
    using directory = new TempDirectory();
    const flags = [
      ...["--hook-webhook", "*=http://127.0.0.1:9/", "--hook-delivery-guarantee", "at-least-once"],
      ...["--hook-data-dir", directory.file("data"), "--hook-drain-timeout", "100ms"],
    ];
    await using _first = await Server.start({ flags });
    await expect(Server.start({ flags })).rejects.toThrow(/is in use by another server/);
  });
});
