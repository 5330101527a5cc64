import { describe, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { ConnectionChurn } from "../../bench/event-load.ts";
import { TempDirectory } from "../harness/directory.ts";
import { type Delivery, HookReceiver } from "../harness/hook-receiver.ts";
import { residentBytesOf } from "../harness/memory.ts";
import { Server } from "../harness/server.ts";

/** A listener that takes connections and never answers. */
class SilentReceiver implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  /** The most connections it ever had at once. */
  peak = 0;
  port = 0;
  readonly #server = createServer((socket) => {
    this.#sockets.add(socket);
    this.peak = Math.max(this.peak, this.#sockets.size);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.resume();
  });

  static async open(): Promise<SilentReceiver> {
    const receiver = new SilentReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    const address = receiver.#server.address();
    receiver.port = typeof address === "object" && address ? address.port : 0;
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** From the event's own time to its arrival, in milliseconds, sorted. */
const delaysOf = (deliveries: readonly Delivery[]): number[] =>
  deliveries
    .map(({ event, atMs }) => performance.timeOrigin + atMs - Date.parse(event.time))
    .sort((a, b) => a - b);

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

const durable = (directory: string): string[] => [
  ...["--hook-delivery-guarantee", "at-least-once", "--hook-data-dir", directory],
  ...["--log-level", "info"],
];

describe("hooks do not feel each other", () => {
  test("an endpoint that never answers delays another one's events by less than 200 ms in 99 of 100 cases", async () => {
    using directory = new TempDirectory();
    await using silent = await SilentReceiver.open();
    await using receiver = new HookReceiver();
    const concurrency = 20;
    await using server = await Server.start({
      flags: [
        ...["--hook-webhook", `*=${silent.url}`, "--hook-webhook", `*=${receiver.url}`],
        ...["--hook-concurrency", String(concurrency), "--hook-timeout", "5s"],
        ...durable(directory.file("data")),
        ...["--hook-drain-timeout", "100ms"],
      ],
    });
    using churn = new ConnectionChurn({ port: server.port, eventsPerSecond: 200 });
    await Bun.sleep(12_000);
    churn[Symbol.dispose]();
    await Bun.sleep(500);
    const delays = delaysOf(receiver.deliveries);
    console.info(
      `${delays.length} events, delay p50 ${quantile(delays, 0.5).toFixed(1)} ms, p99 ${quantile(delays, 0.99).toFixed(1)} ms, ` +
        `${silent.peak} connections to the silent one`,
    );
    expect(delays.length).toBeGreaterThan(2_000);
    expect(quantile(delays, 0.99)).toBeLessThan(200);
    expect(silent.peak).toBeLessThanOrEqual(concurrency);
  }, 60_000);

  test("three dead endpoints cost a fourth nothing at 1,000 events a second, and memory stays", async () => {
    using directory = new TempDirectory();
    await using silent = await SilentReceiver.open();
    await using broken = new HookReceiver(() => new Response(null, { status: 503 }));
    await using receiver = new HookReceiver();
    // Nobody listens there any more.
    const gone = await SilentReceiver.open();
    const { url: goneUrl } = gone;
    await gone[Symbol.asyncDispose]();
    await using server = await Server.start({
      flags: [
        ...[silent.url, broken.url, goneUrl, receiver.url].flatMap((url) => ["--hook-webhook", `*=${url}`]),
        ...["--hook-concurrency", "100", "--hook-timeout", "5s"],
        ...durable(directory.file("data")),
        ...["--hook-drain-timeout", "100ms"],
      ],
    });
    const seconds = 20;
    using churn = new ConnectionChurn({ port: server.port, eventsPerSecond: 1_000 });
    await Bun.sleep(3_000);
    const before = { bytes: residentBytesOf(server.pid), events: receiver.deliveries.length };
    await Bun.sleep(seconds * 1_000);
    const raised = churn.eventsPerSecond;
    const rate = (receiver.deliveries.length - before.events) / seconds;
    const growth = residentBytesOf(server.pid) - before.bytes;
    churn[Symbol.dispose]();
    await Bun.sleep(1_000);
    const delays = delaysOf(receiver.deliveries);
    console.info(
      `raised ${raised.toFixed(0)}/s, delivered ${rate.toFixed(0)}/s, delay p99 ${quantile(delays, 0.99).toFixed(1)} ms, ` +
        `memory +${(growth / 1e6).toFixed(1)} MB, ${broken.refused} requests to the broken one`,
    );
    expect(rate).toBeGreaterThan(raised * 0.999 - 1);
    expect(growth).toBeLessThan(50e6);
  }, 90_000);
});
