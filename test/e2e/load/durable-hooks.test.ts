import { describe, expect, test } from "bun:test";
import type { HookEvent } from "../../../src/hooks/event/hook-event.ts";
import { TempDirectory } from "../harness/directory.ts";
import { HookReceiver } from "../harness/hook-receiver.ts";
import { OwnPublisher } from "../harness/own-client.ts";
import { freePort } from "../harness/port.ts";
import { Server } from "../harness/server.ts";

const broken = (): Response => new Response("broken", { status: 500 });
const well = (): Response => new Response(null, { status: 204 });

/** Publishes that come and go on a hundred names, each as soon as its name is free; goes on while the server is away. */
class PublishChurn {
  readonly #port: number;
  /** Publishes that heard that they have started, by stream key. */
  readonly started = new Map<string, number>();
  #isOn = true;
  #total = 0;
  readonly #done: Promise<unknown>;

  constructor(options: { port: number; perSecond: number; names: number }) {
    this.#port = options.port;
    const workers = Array.from({ length: options.names }, (_, index) =>
      this.#work(`live/s${index}`, options),
    );
    this.#done = Promise.all(workers);
  }

  /** Publishes that heard that they have started. */
  get total(): number {
    return this.#total;
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#done;
  }

  async #work(name: string, { perSecond, names }: { perSecond: number; names: number }): Promise<void> {
    const periodMs = (1000 * names) / perSecond;
    await Bun.sleep(Math.random() * periodMs);
    while (this.#isOn) {
      const next = performance.now() + periodMs;
      try {
        using _publisher = await OwnPublisher.connect(`rtmp://127.0.0.1:${this.#port}/${name}`);
        this.started.set(name, (this.started.get(name) ?? 0) + 1);
        this.#total++;
      } catch {
        // The server is away, or the name is not free yet.
      }
      await Bun.sleep(Math.max(10, next - performance.now()));
    }
  }
}

const uniqueOf = (events: readonly HookEvent[]): HookEvent[] => [
  ...new Map(events.map((event) => [event.id, event])).values(),
];

/** What is wrong with the order of a stream's publishes: each start has its stop before the next start. */
const orderFaults = (events: readonly HookEvent[]): string[] => {
  const open = new Map<string, string>();
  const faults: string[] = [];
  for (const { type, stream_key: key, session_id: session } of events) {
    const running = open.get(key);
    if (type === "publish_start") {
      if (running !== undefined) faults.push(`${key}: ${session} starts while ${running} runs`);
      open.set(key, session);
    } else if (type === "publish_stop") {
      if (running !== session) faults.push(`${key}: ${session} stops while ${running ?? "nothing"} runs`);
      open.delete(key);
    }
  }
  for (const [key, session] of open) faults.push(`${key}: ${session} never stops`);
  return faults;
};

/** What is wrong with the order of the numbers that one server gave to the events of one stream. */
const sequenceFaults = (events: readonly HookEvent[]): string[] => {
  const last = new Map<string, number>();
  const faults: string[] = [];
  for (const { server_id, stream_key, seq, type } of events) {
    if (stream_key === "") continue;
    const key = `${server_id} ${stream_key}`;
    if ((last.get(key) ?? 0) >= seq) faults.push(`${stream_key}: ${type} ${seq} after ${last.get(key)}`);
    last.set(key, seq);
  }
  return faults;
};

describe("with at-least-once delivery", () => {
  test("10,000 events, an endpoint that fails for 30 s and two kills lose nothing that was accepted", async () => {
    using directory = new TempDirectory();
    await using receiver = new HookReceiver(broken);
    const port = await freePort();
    const flags = [
      ...["--hook-webhook", `*=${receiver.url}`, "--hook-delivery-guarantee", "at-least-once"],
      ...["--hook-data-dir", directory.file("data"), "--hook-concurrency", "50", "--log-level", "info"],
    ];
    const outageMs = 30_000;
    const startedAt = performance.now();
    const at = (ms: number): Promise<void> => Bun.sleep(Math.max(0, startedAt + ms - performance.now()));
    let server = await Server.start({ port, flags });
    // Seven events for each publish that comes and goes: 500 a second.
    const churn = new PublishChurn({ port, perSecond: 75, names: 100 });
    for (const killAt of [8_000, 16_000]) {
      await at(killAt);
      server.kill("SIGKILL");
      await server.exit();
      await server[Symbol.asyncDispose]();
      server = await Server.start({ port, flags });
    }
    await at(24_000);
    await churn.stop();
    await at(outageMs);
    const refused = receiver.refused;
    receiver.answer = well;
    const recoveredAt = performance.now();
    // Nothing comes for two seconds once the first has come: all is there.
    let count = 0;
    let lastAt = recoveredAt;
    while ((count === 0 || performance.now() - lastAt < 2_000) && performance.now() - recoveredAt < 40_000) {
      if (receiver.deliveries.length !== count) {
        count = receiver.deliveries.length;
        lastAt = performance.now();
      }
      await Bun.sleep(50);
    }
    const drainedMs = (receiver.deliveries.at(-1)?.atMs ?? recoveredAt) - recoveredAt;
    await server[Symbol.asyncDispose]();

    const events = uniqueOf(receiver.events);
    const duplicates = receiver.events.length - events.length;
    const starts = Map.groupBy(
      events.filter(({ type }) => type === "publish_start"),
      (event) => event.stream_key,
    );
    const lost = [...churn.started].filter(([key, number]) => (starts.get(key)?.length ?? 0) < number);
    const recovered = events.filter(
      ({ type, data }) => type === "publish_stop" && data.recovered === true,
    ).length;
    console.info(
      `${events.length} events, ${churn.total} publishes, ${lost.length} lost, ${duplicates} twice, ${recovered} recovered stops, ` +
        `${refused} requests during the outage, drained in ${Math.round(drainedMs)} ms`,
    );
    expect(events.length).toBeGreaterThan(10_000);
    expect(lost).toEqual([]);
    expect(orderFaults(events)).toEqual([]);
    expect(sequenceFaults(events)).toEqual([]);
    expect(duplicates).toBeLessThanOrEqual(100);
    expect(refused).toBeLessThan(40);
    expect(drainedMs).toBeLessThan(10_000);
  }, 150_000);

  test("50 publishes that a kill cut get their stop at the next start, each once, even over a second kill", async () => {
    using directory = new TempDirectory();
    await using receiver = new HookReceiver();
    const port = await freePort();
    const flags = [
      ...[
        "--hook-webhook",
        `publish_start=${receiver.url}`,
        "--hook-webhook",
        `publish_stop=${receiver.url}`,
      ],
      ...["--hook-delivery-guarantee", "at-least-once", "--hook-data-dir", directory.file("data")],
    ];
    const first = await Server.start({ port, flags });
    for (let index = 0; index < 50; index++)
      await OwnPublisher.connect(`rtmp://127.0.0.1:${port}/live/cut${index}`);
    first.kill("SIGKILL");
    await first.exit();
    await first[Symbol.asyncDispose]();
    // Dies again in the middle of making up for it.
    receiver.answer = broken;
    const second = await Server.start({ port, flags });
    await Bun.sleep(100);
    second.kill("SIGKILL");
    await second.exit();
    await second[Symbol.asyncDispose]();
    receiver.answer = well;
    await using _third = await Server.start({ port, flags });
    const stops = (): HookEvent[] => receiver.events.filter(({ type }) => type === "publish_stop");
    const deadline = performance.now() + 30_000;
    while (stops().length < 50 && performance.now() < deadline) await Bun.sleep(50);
    await Bun.sleep(1_000);
    const starts = receiver.events.filter(({ type }) => type === "publish_start");
    expect(new Set(starts.map(({ session_id }) => session_id)).size).toBe(50);
    expect(
      stops()
        .map(({ session_id }) => session_id)
        .sort(),
    ).toEqual(
      uniqueOf(starts)
        .map(({ session_id }) => session_id)
        .sort(),
    );
    for (const { data } of stops()) expect(data).toMatchObject({ reason: "server_crash", recovered: true });
  }, 90_000);
});
