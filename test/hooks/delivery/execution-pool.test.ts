import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { type LogFields, type Logger, silentLogger } from "../../../src/base/log.ts";
import {
  ExecutionPool,
  type ExecutionPoolOptions,
  type Job,
  laneOf,
} from "../../../src/hooks/delivery/execution-pool.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { sampleEvent } from "../sample-event.ts";

/** A job that ends when the test says so, and tells its bench what becomes of it. */
class Probe implements Job {
  readonly #end = Promise.withResolvers<void>();
  state: "waiting" | "running" | "ended" | "dropped" = "waiting";
  signal: AbortSignal | undefined;
  readonly #bench: Bench;
  readonly lane: string;
  readonly event: number;
  readonly isTelemetry: boolean;

  constructor(bench: Bench, lane: string, event: number, isTelemetry: boolean) {
    this.#bench = bench;
    this.lane = lane;
    this.event = event;
    this.isTelemetry = isTelemetry;
  }

  run(signal: AbortSignal): Promise<void> {
    this.#bench.hear(this, "running", "waiting");
    this.signal = signal;
    return this.#end.promise;
  }

  dropped(): void {
    this.#bench.hear(this, "dropped", "waiting");
  }

  async end(): Promise<void> {
    this.#bench.hear(this, "ended", "running");
    this.#end.resolve();
    await this.#bench.settle();
  }
}

/** A pool whose turns and jobs a test moves by hand, and the journal of what happened. */
class Bench {
  readonly clock = new FakeClock();
  readonly pool: ExecutionPool;
  readonly probes: Probe[] = [];
  readonly starts: Probe[] = [];
  readonly #deferred: (() => void)[] = [];
  #events = 0;

  constructor(options: Partial<ExecutionPoolOptions> & { concurrency: number }) {
    const defer = (run: () => void): number => this.#deferred.push(run);
    this.pool = new ExecutionPool({ clock: this.clock, defer, log: silentLogger, ...options });
  }

  in(state: Probe["state"]): Probe[] {
    return this.probes.filter((probe) => probe.state === state);
  }

  hear(probe: Probe, state: Probe["state"], before: Probe["state"]): void {
    expect(probe.state).toBe(before);
    probe.state = state;
    if (state === "running") this.starts.push(probe);
  }

  /** Raises an event with so many jobs. */
  raise(lane: string, { jobs = 1, isTelemetry = false } = {}): Probe[] {
    const event = ++this.#events;
    const made = Array.from({ length: jobs }, () => new Probe(this, lane, event, isTelemetry));
    this.probes.push(...made);
    this.pool.run(lane, made);
    return made;
  }

  /** Lets everything happen that is due. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 5; quiet++) {
      await Promise.resolve();
      for (const run of this.#deferred.splice(0)) {
        run();
        quiet = 0;
      }
    }
  }

  get isQuiet(): boolean {
    return this.#deferred.length === 0 && this.clock.timers === 0;
  }
}

const lanes = ["", "live/a", "live/b", "live/c"];

const step = fc.oneof(
  fc.record({
    kind: fc.constant("raise" as const),
    lane: fc.constantFrom(...lanes),
    jobs: fc.integer({ min: 0, max: 3 }),
    isTelemetry: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("end" as const), pick: fc.nat() }),
  fc.record({ kind: fc.constant("turn" as const) }),
);

const steps = fc.array(step, { maxLength: 60 });

/** What may not be, whatever happened before. */
const check = (bench: Bench, concurrency: number): void => {
  const running = bench.in("running");
  expect(running.length).toBeLessThanOrEqual(concurrency);
  for (const lane of lanes.filter((name) => name !== "")) {
    const events = new Set(running.filter((probe) => probe.lane === lane).map(({ event }) => event));
    expect(events.size).toBeLessThanOrEqual(1);
    const [event] = events;
    const earlier = bench.probes.filter((p) => p.lane === lane && event !== undefined && p.event < event);
    expect(earlier.filter(({ state }) => state === "waiting")).toEqual([]);
  }
  const { counts } = bench.pool;
  const alive = bench.probes.filter(({ state }) => state === "waiting" || state === "running");
  expect(counts.waiting).toBe(bench.in("waiting").length);
  expect(counts.running).toBe(running.length);
  expect(counts.lanes).toBe(new Set(alive.map(({ lane, event }) => lane || event)).size);
};

describe("an execution pool", () => {
  test("keeps every lane in order and its bound, and runs every job once, whatever ends when", async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (all, concurrency) => {
        const bench = new Bench({ concurrency });
        for (const each of all) {
          if (each.kind === "raise") bench.raise(each.lane, each);
          else if (each.kind === "turn") await bench.settle();
          else {
            const running = bench.in("running");
            await running[each.pick % running.length]?.end();
          }
          check(bench, concurrency);
        }
        await bench.settle();
        for (let running = bench.in("running"); running.length > 0; running = bench.in("running")) {
          await running[0]!.end();
          check(bench, concurrency);
        }
        const jobs = bench.probes.length;
        expect(bench.in("ended").length).toBe(jobs);
        expect(bench.pool.counts).toEqual({
          waiting: 0,
          running: 0,
          lanes: 0,
          accepted: jobs,
          ended: jobs,
          droppedTelemetry: 0,
          droppedLifecycle: 0,
        });
        expect([bench.pool.isIdle, bench.isQuiet]).toEqual([true, true]);
      }),
      { numRuns: 200 },
    );
  });

  test("always uses every slot that some lane can use", async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (all, concurrency) => {
        const bench = new Bench({ concurrency });
        for (const each of all) {
          if (each.kind === "raise") bench.raise(each.lane, each);
          else {
            const running = bench.in("running");
            if (each.kind === "end") await running[each.pick % running.length]?.end();
          }
          await bench.settle();
          if (bench.in("running").length === concurrency) continue;
          for (const { lane, event } of bench.in("waiting")) {
            // A free slot, and a job that waits: an earlier event of its lane must be running.
            expect(bench.in("running").some((other) => other.lane === lane && other.event < event)).toBe(
              true,
            );
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("drops the oldest telemetry that waits, then new telemetry, then at the hard bound anything new", async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 6 }), fc.nat(4), async (all, maxWaiting, more) => {
        const maxWaitingAtAll = maxWaiting + more;
        const bench = new Bench({ concurrency: 1, maxWaiting, maxWaitingAtAll });
        for (const each of all) {
          if (each.kind === "end") {
            await bench.in("running")[0]?.end();
            continue;
          }
          if (each.kind === "turn") {
            await bench.settle();
            continue;
          }
          let waiting = bench.in("waiting");
          const expected = new Set(bench.in("dropped"));
          for (const job of bench.raise(each.lane, each)) {
            const oldest = waiting.find(({ isTelemetry }) => isTelemetry);
            const hasRoom = waiting.length < maxWaiting;
            if (!hasRoom && oldest) {
              expected.add(oldest);
              waiting = waiting.filter((other) => other !== oldest);
            }
            const isIn = hasRoom || oldest || (!job.isTelemetry && waiting.length < maxWaitingAtAll);
            if (isIn) waiting.push(job);
            else expected.add(job);
          }
          expect(new Set(bench.in("dropped"))).toEqual(expected);
          const dropped = bench.in("dropped");
          const telemetry = dropped.filter(({ isTelemetry }) => isTelemetry).length;
          expect(bench.pool.counts).toMatchObject({
            waiting: waiting.length,
            droppedTelemetry: telemetry,
            droppedLifecycle: dropped.length - telemetry,
          });
          check(bench, 1);
        }
        await bench.settle();
        while (bench.in("running")[0]) await bench.in("running")[0]!.end();
        expect(bench.in("ended").length + bench.in("dropped").length).toBe(bench.probes.length);
        expect(bench.pool.counts).toMatchObject({ waiting: 0, running: 0, lanes: 0 });
      }),
      { numRuns: 200 },
    );
  });

  test("has room for 10,000 jobs, and for 50,000 of which none is telemetry", () => {
    const bench = new Bench({ concurrency: 1 });
    const job = (isTelemetry: boolean): Job => ({
      isTelemetry,
      run: async () => 0,
      dropped: () => undefined,
    });
    const add = (count: number, isTelemetry: boolean): void => {
      for (let i = 0; i < count; i++) bench.pool.run("live/a", [job(isTelemetry)]);
    };
    add(10_001, true);
    expect(bench.pool.counts).toMatchObject({ waiting: 10_000, droppedTelemetry: 1, lanes: 1 });
    add(50_001, false);
    add(1, true);
    expect(bench.pool.counts).toMatchObject({
      waiting: 50_000,
      droppedTelemetry: 10_002,
      droppedLifecycle: 1,
    });
  });

  test("runs the jobs of one event side by side, and the next event after the last of them", async () => {
    const bench = new Bench({ concurrency: 10 });
    const [first, second] = bench.raise("live/a", { jobs: 2 });
    const [next] = bench.raise("live/a");
    await bench.settle();
    expect(bench.starts).toEqual([first!, second!]);
    await second!.end();
    expect(next!.state).toBe("waiting");
    await first!.end();
    expect(next!.state).toBe("running");
  });

  test("gives free slots to the lanes in turn, however much waits in one", async () => {
    const bench = new Bench({ concurrency: 1 });
    for (let i = 0; i < 3; i++) bench.raise("busy", { jobs: 2 });
    bench.raise("live/a");
    bench.raise("");
    bench.raise("live/b", { jobs: 2 });
    await bench.settle();
    for (let running = bench.in("running"); running[0]; running = bench.in("running")) await running[0].end();
    const order = ["busy", "live/a", "", "live/b", "busy", "live/b", "busy", "busy", "busy", "busy"];
    expect(bench.starts.map(({ lane }) => lane)).toEqual(order);
  });

  test("lets events without a key pass each other", async () => {
    const bench = new Bench({ concurrency: 2 });
    bench.raise("");
    bench.raise("");
    await bench.settle();
    expect(bench.in("running").length).toBe(2);
  });

  test("starts nothing before run returns, and leaves the thread after two milliseconds of starting", async () => {
    const clock = new FakeClock();
    const deferred: (() => void)[] = [];
    const defer = (run: () => void): number => deferred.push(run);
    const pool = new ExecutionPool({ concurrency: 10, clock, defer, log: silentLogger });
    let started = 0;
    const run = async (): Promise<void> => {
      started++;
      clock.advance(1);
    };
    for (let i = 0; i < 5; i++) pool.run("", [{ isTelemetry: false, run, dropped: () => undefined }]);
    const perTurn = [started];
    while (deferred.length > 0) {
      deferred.shift()?.();
      perTurn.push(started);
    }
    expect(perTurn).toEqual([0, 2, 4, 5]);
  });

  test("goes on after a job that throws or rejects, and says so", async () => {
    const lines: (LogFields | undefined)[] = [];
    const log: Logger = { ...silentLogger, error: (_, fields) => lines.push(fields) };
    const bench = new Bench({ concurrency: 1, log });
    const broken = (run: () => Promise<void>): Job => ({ isTelemetry: false, run, dropped: () => undefined });
    const fails = (): never => {
      throw new TypeError("broken");
    };
    bench.pool.run("live/a", [broken(fails), broken(async () => fails())]);
    const [last] = bench.raise("live/a");
    await bench.settle();
    expect(last!.state).toBe("running");
    expect(lines.map((fields) => fields?.error)).toEqual(["broken", "broken"]);
  });

  test("drains: true once nothing is left, false when that takes too long, and no timer stays", async () => {
    const bench = new Bench({ concurrency: 1 });
    expect(await bench.pool.drain(0)).toBe(true);
    const [first] = bench.raise("live/a");
    const late = bench.pool.drain(100);
    const patient = bench.pool.drain(1_000);
    await bench.settle();
    bench.clock.advance(100);
    expect(await late).toBe(false);
    const [second] = bench.raise("live/a");
    await first!.end();
    expect(bench.clock.timers).toBe(1);
    await second!.end();
    expect(await patient).toBe(true);
    expect(bench.isQuiet).toBe(true);
  });

  test("closes: drops what waits, aborts what runs, takes nothing in, and drains when that has ended", async () => {
    const bench = new Bench({ concurrency: 1 });
    const [running, sibling] = bench.raise("live/a", { jobs: 2 });
    const [next] = bench.raise("live/a");
    const [telemetry] = bench.raise("", { isTelemetry: true });
    await bench.settle();
    expect(running!.signal?.aborted).toBe(false);
    bench.pool.close();
    const [late] = bench.raise("live/b");
    expect([running, sibling, next, telemetry, late].map((probe) => probe!.state)).toEqual([
      "running",
      "dropped",
      "dropped",
      "dropped",
      "dropped",
    ]);
    expect(running!.signal?.aborted).toBe(true);
    const drained = bench.pool.drain(1_000);
    await running!.end();
    expect(await drained).toBe(true);
    expect(bench.pool.counts).toEqual({
      waiting: 0,
      running: 0,
      lanes: 0,
      accepted: 4,
      ended: 1,
      droppedTelemetry: 1,
      droppedLifecycle: 3,
    });
  });

  test("tells who drains when closing leaves nothing", async () => {
    const bench = new Bench({ concurrency: 1 });
    bench.raise("live/a");
    const drained = bench.pool.drain(1_000);
    bench.pool.close();
    expect(await drained).toBe(true);
  });

  test("runs on the event loop of the process by default", async () => {
    const pool = new ExecutionPool({ concurrency: 2, log: silentLogger });
    const order: string[] = [];
    const job = (name: string, ms: number): Job => ({
      isTelemetry: false,
      run: async () => {
        await Bun.sleep(ms);
        order.push(name);
      },
      dropped: () => undefined,
    });
    pool.run("live/a", [job("start", 20)]);
    pool.run("live/a", [job("stop", 0)]);
    pool.run("live/b", [job("other", 0)]);
    expect(await pool.drain(5_000)).toBe(true);
    expect(order).toEqual(["other", "start", "stop"]);
  });
});

describe("the lane of an event", () => {
  test("is its stream, else its connection, else none", () => {
    expect([
      laneOf(sampleEvent()),
      laneOf(sampleEvent({ stream_key: "" })),
      laneOf(sampleEvent({ stream_key: "", conn_id: "" })),
    ]).toEqual(["live/test", "c000001", ""]);
  });
});
