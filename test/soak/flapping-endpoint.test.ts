import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { ConnectionChurn } from "../bench/event-load.ts";
import { TempDirectory } from "../e2e/harness/directory.ts";
import { residentBytesOf } from "../e2e/harness/memory.ts";
import { Server } from "../e2e/harness/server.ts";

/** How long it runs: minutes, from `SOAK_MINUTES`. */
const minutes = Number(process.env.SOAK_MINUTES ?? 10);

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Bytes per second by which a series grows: least squares. */
const slopeOf = (points: readonly { at: number; bytes: number }[]): number => {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [at, bytes] = [mean(points.map((point) => point.at)), mean(points.map((point) => point.bytes))];
  const above = points.reduce((sum, point) => sum + (point.at - at) * (point.bytes - bytes), 0);
  return above / points.reduce((sum, point) => sum + (point.at - at) ** 2, 0);
};

test(
  `1,000 events a second to an endpoint that fails a third of the time, for ${minutes} minutes`,
  async () => {
    using directory = new TempDirectory();
    const data = directory.file("data");
    let isWell = true;
    const ids = new Set<string>();
    let [delivered, refused] = [0, 0];
    await using receiver = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        await request.arrayBuffer();
        if (!isWell) {
          refused++;
          return new Response(null, { status: 503 });
        }
        delivered++;
        ids.add(request.headers.get("webhook-id") ?? "");
        return new Response(null, { status: 204 });
      },
    });
    await using server = await Server.start({
      longestMs: (minutes + 2) * 60_000,
      flags: [
        ...["--hook-webhook", `*=http://127.0.0.1:${receiver.port}/`, "--hook-concurrency", "100"],
        ...["--hook-delivery-guarantee", "at-least-once", "--hook-data-dir", data, "--log-level", "info"],
      ],
    });
    const churn = new ConnectionChurn({ port: server.port, eventsPerSecond: 1_000 });
    const startedAt = performance.now();
    const memory: { at: number; bytes: number }[] = [];
    let [store, journal] = [0, 0];
    const seconds = minutes * 60;
    for (let second = 0; second < seconds; second++) {
      isWell = second % 30 < 20;
      await Bun.sleep(Math.max(0, startedAt + second * 1_000 + 1_000 - performance.now()));
      // What it takes to get going is no growth.
      if (second > Math.min(120, seconds / 4))
        memory.push({ at: second, bytes: residentBytesOf(server.pid) });
      store = Math.max(store, sizeOf(`${data}/hooks.db`));
      journal = Math.max(journal, sizeOf(`${data}/hooks.db-wal`));
    }
    isWell = true;
    churn[Symbol.dispose]();
    await Bun.sleep(15_000);
    const slope = slopeOf(memory);
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
    console.info(
      `${ids.size} events, ${delivered - ids.size} twice, ${refused} refused; memory ${megabytes(memory.at(-1)?.bytes ?? 0)} MB, ` +
        `${megabytes(slope * 3_600)} MB an hour; store at most ${megabytes(store)} MB, journal ${megabytes(journal)} MB`,
    );
    // Each client is an accept and a close; the server adds a few of its own.
    expect(ids.size).toBeGreaterThanOrEqual(2 * churn.clients);
    expect(journal).toBeLessThan(64 * 1024 * 1024);
    expect(store).toBeLessThan(256 * 1024 * 1024);
    // Ten minutes show no trend finer than this.
    expect(slope * seconds).toBeLessThan(30e6);
  },
  (minutes + 2) * 60_000,
);
