import { describe, expect, test } from "bun:test";
import type { MonitorSettings } from "../../src/monitor/monitor-settings.ts";
import { PerformanceMonitor } from "../../src/monitor/performance-monitor.ts";
import type { PerformanceProbes, QuickReading, SlowReading } from "../../src/monitor/performance-probes.ts";
import { type DomainEvent, EventHub } from "../../src/stream/event.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { peerOf } from "../stream/peer.ts";
import { settings } from "./simulation.ts";

const gibi = 2 ** 30;

const quiet: QuickReading = {
  cpuPercent: 5,
  residentBytes: 0.1 * gibi,
  memoryLimitBytes: gibi,
  load: { connections: 10, streams: 4, queueDepth: 0, pendingTasks: 3 },
  hookStorePercent: 1,
  eventLoopLagsMs: new Array(10).fill(0.5),
};
const quietSlow: SlowReading = { openFilesPercent: 1, disks: [{ directory: "/rec", percent: 20 }] };

/** Probes that say what a test wants. */
class FakeProbes implements PerformanceProbes {
  quick: QuickReading = quiet;
  slow: SlowReading | Promise<SlowReading> = quietSlow;
  slowReadings = 0;
  isStarted = false;

  start(): void {
    this.isStarted = true;
  }

  stop(): void {
    this.isStarted = false;
  }

  read(): QuickReading {
    return this.quick;
  }

  async readSlowly(): Promise<SlowReading> {
    this.slowReadings++;
    return this.slow;
  }
}

const textOf = (event: DomainEvent): string[] => {
  switch (event.kind) {
    case "performanceAlert":
      return [`${event.metric} ${event.state} ${event.severity}`];
    case "resourceAlert":
      return [[event.resource, event.directory ?? [], event.state, event.severity].flat().join(" ")];
    case "latencyAlert":
      return [[event.metric, event.hookId ?? [], event.state, event.severity].flat().join(" ")];
    default:
      return [];
  }
};

const monitored = (changed: Partial<MonitorSettings> = {}) => {
  const clock = new FakeClock(0);
  const events = new EventHub();
  const heard: DomainEvent[] = [];
  const alerts: string[] = [];
  events.listen((event) => {
    heard.push(event);
    alerts.push(...textOf(event).map((text) => `${clock.now() / 1000} ${text}`));
  });
  const probes = new FakeProbes();
  const monitor = new PerformanceMonitor({ settings: { ...settings, ...changed }, probes, events, clock });
  monitor.start();
  /** Lets seconds pass one by one, so that what is read slowly arrives. */
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  return { clock, events, heard, alerts, probes, monitor, pass };
};

/** What is read from the 61st second on for a minute, and what that gives. */
const rows: {
  name: string;
  settings?: Partial<MonitorSettings>;
  quick?: Partial<QuickReading>;
  slow?: Partial<SlowReading>;
  gives: RegExp[];
}[] = [
  { name: "nothing unusual", gives: [] },
  {
    name: "all cores busy",
    quick: { cpuPercent: 100 },
    gives: [/cpu raised warning$/, /cpu cleared info$/],
  },
  { name: "cores busy below the threshold", quick: { cpuPercent: 79 }, gives: [] },
  { name: "a CPU that cannot be measured", quick: { cpuPercent: undefined }, gives: [] },
  {
    name: "little memory left",
    quick: { residentBytes: 0.94 * gibi },
    gives: [/memory raised warning$/, /memory cleared info$/],
  },
  {
    name: "memory without a limit",
    quick: { residentBytes: 9 * gibi, memoryLimitBytes: undefined },
    gives: [],
  },
  {
    name: "more connections than wanted",
    settings: { connections: 100 },
    quick: { load: { ...quiet.load, connections: 150 } },
    gives: [/connections raised warning$/, /connections cleared info$/],
  },
  {
    name: "connections that nobody limited",
    quick: { load: { ...quiet.load, connections: 1e6 } },
    gives: [],
  },
  {
    name: "a queue that grows",
    settings: { queueDepth: 100 },
    quick: { load: { ...quiet.load, queueDepth: 5_000 } },
    gives: [/queue_depth raised critical$/, /queue_depth cleared info$/],
  },
  {
    name: "a full disk",
    slow: {
      disks: [
        { directory: "/rec", percent: 100 },
        { directory: "/hooks", percent: 10 },
      ],
    },
    gives: [/disk \/rec raised (warning|critical)$/, /disk \/rec cleared info$/],
  },
  {
    name: "many open files",
    slow: { openFilesPercent: 84 },
    gives: [/fd raised warning$/, /fd cleared info$/],
  },
  {
    name: "a full store of hooks",
    quick: { hookStorePercent: 85 },
    gives: [/hook_store raised warning$/, /hook_store cleared info$/],
  },
  {
    name: "memory over a limit of its own",
    settings: { residentBytes: gibi / 2 },
    quick: { residentBytes: 0.6 * gibi },
    gives: [/rss_limit raised warning$/, /rss_limit cleared info$/],
  },
];

describe("a minute with", () => {
  for (const row of rows)
    test(`${row.name} gives ${row.gives.length === 0 ? "no alert" : row.gives.map(({ source }) => source.replace("$", "")).join(", ")}`, async () => {
      const { alerts, probes, pass } = monitored(row.settings);
      await pass(60);
      probes.quick = { ...quiet, ...row.quick };
      probes.slow = { ...quietSlow, ...row.slow };
      await pass(60);
      probes.quick = quiet;
      probes.slow = quietSlow;
      await pass(120);
      expect(alerts).toHaveLength(row.gives.length);
      for (const [index, pattern] of row.gives.entries()) expect(alerts[index]).toMatch(pattern);
    });
});

describe("the performance monitor", () => {
  test("raises an alert when the average of 10 seconds has been over for 3, and says how much there is to do", async () => {
    const { heard, probes, pass } = monitored();
    await pass(60);
    probes.quick = { ...quiet, cpuPercent: 100 };
    await pass(17);
    // 5 % + 95 % x (1 - e^(-t/10)) reaches 80 % after 15.6 seconds.
    expect(heard).toEqual([]);
    await pass(1);
    expect(heard).toEqual([
      {
        kind: "performanceAlert",
        metric: "cpu",
        threshold: 80,
        value: expect.closeTo(100 - 95 * Math.exp(-1.8), 3),
        state: "raised",
        severity: "warning",
        load: quiet.load,
      },
    ]);
  });

  test("says so once more when a warning has become critical and a minute has passed", async () => {
    const { alerts, probes, pass } = monitored();
    await pass(10);
    probes.quick = { ...quiet, cpuPercent: 100 };
    await pass(300);
    expect(alerts).toEqual(["28 cpu raised warning", "88 cpu raised critical"]);
  });

  test("does not mind a peak of a few seconds", async () => {
    const { alerts, probes, pass } = monitored();
    await pass(60);
    for (let peak = 0; peak < 10; peak++) {
      probes.quick = { ...quiet, cpuPercent: 100 };
      await pass(5);
      probes.quick = quiet;
      await pass(20);
    }
    expect(alerts).toEqual([]);
  });

  test("clears an alert 10 points below the threshold only, after 30 seconds there", async () => {
    const { alerts, probes, pass } = monitored();
    probes.quick = { ...quiet, cpuPercent: 85 };
    await pass(10);
    probes.quick = { ...quiet, cpuPercent: 75 };
    await pass(300);
    expect(alerts).toEqual(["3 cpu raised warning"]);
    probes.quick = { ...quiet, cpuPercent: 0 };
    await pass(29);
    expect(alerts).toHaveLength(1);
    await pass(5);
    expect(alerts).toEqual(["3 cpu raised warning", "340 cpu cleared info"]);
  });

  test("asks for what changes slowly every 10 seconds, and not again while that is under way", async () => {
    const { probes, pass } = monitored();
    await pass(30);
    expect(probes.slowReadings).toBe(3);
    probes.slow = new Promise(() => undefined);
    await pass(60);
    expect(probes.slowReadings).toBe(4);
  });

  test("measures nothing once it is stopped", async () => {
    const { clock, probes, monitor } = monitored();
    expect(probes.isStarted).toBe(true);
    monitor.stop();
    expect([probes.isStarted, clock.timers]).toEqual([false, 0]);
  });

  test("follows other settings from the moment they are applied", async () => {
    const { alerts, probes, monitor, pass } = monitored();
    probes.quick = { ...quiet, cpuPercent: 50 };
    await pass(20);
    monitor.apply({ ...settings, cpuPercent: 40 });
    await pass(10);
    expect(alerts).toEqual(["23 cpu raised warning"]);
  });

  test("tells of a server that is late in its turns, once in a while and all the time", async () => {
    const { alerts, probes, pass } = monitored({ eventLoopLagMs: 200, processingMs: 100 });
    // One turn of 2.5 s in every 10: few have to wait, but those wait long.
    probes.quick = { ...quiet, eventLoopLagsMs: [...quiet.eventLoopLagsMs, 2_500] };
    await pass(5);
    expect(alerts).toEqual(["3 event_loop_lag raised critical"]);
    probes.quick = { ...quiet, eventLoopLagsMs: new Array(10).fill(150) };
    await pass(15);
    expect(alerts.slice(1)).toEqual(["10 message_processing raised warning"]);
  });
});

describe("latency", () => {
  const shake = (events: EventHub, durationMs: number): void =>
    events.emit({
      kind: "handshakeCompleted",
      peer: peerOf("c1", "127.0.0.1:1"),
      scheme: "simple",
      durationMs,
    });

  test("of handshakes is judged by the window of 10 seconds that ends, from three of them on", async () => {
    const { events, heard, alerts, pass } = monitored();
    shake(events, 5_000);
    shake(events, 5_000);
    await pass(10);
    expect(alerts).toEqual([]);
    for (let index = 0; index < 20; index++) shake(events, index < 18 ? 50 : 1_200);
    await pass(9);
    expect(alerts).toEqual([]);
    await pass(1);
    expect(heard.at(-1)).toEqual({
      kind: "latencyAlert",
      metric: "handshake",
      p95Ms: 1_200,
      thresholdMs: 1_000,
      windowMs: 10_000,
      hookId: undefined,
      state: "raised",
      severity: "warning",
    });
  });

  test("of hooks is judged hook by hook, cleared by a good window, and not raised again within a minute", async () => {
    const { monitor, alerts, pass } = monitored();
    const slow = async (durationMs: number): Promise<void> => {
      monitor.hookExecuted("slow", durationMs);
      monitor.hookExecuted("quick", 3);
      await pass(10);
    };
    await slow(10_000);
    await slow(12_000);
    await slow(50);
    for (let window = 0; window < 5; window++) await slow(10_001);
    expect(alerts).toEqual([
      "10 hook_execution slow raised warning",
      "30 hook_execution slow cleared info",
      "70 hook_execution slow raised warning",
    ]);
  });
});
