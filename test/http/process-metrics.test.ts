import { describe, expect, test } from "bun:test";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { expose } from "../../src/base/exposition.ts";
import { ProcessMetrics } from "../../src/http/process-metrics.ts";
import { parseExposition, valueIn } from "../base/exposition.ts";
import { FakeClock } from "../base/fake-clock.ts";

const build = { version: "1.2.3", target: "linux-x64" };

const read = async (metrics: ProcessMetrics): Promise<ReturnType<typeof parseExposition>> =>
  parseExposition(expose(await metrics.collect()));

const onLinux = process.platform === "linux" ? test : test.skip;

describe("the metrics of the process", () => {
  test("say which build it is", async () => {
    const metrics = new ProcessMetrics({ clock: new FakeClock(), build });
    expect(valueIn(await read(metrics), "rtmp_build_info", build)).toBe(1);
  });

  test("count the CPU time that is spent", async () => {
    const metrics = new ProcessMetrics({ clock: new FakeClock(), build });
    const before = valueIn(await read(metrics), "process_cpu_seconds_total")!;
    const until = performance.now() + 60;
    while (performance.now() < until);
    const spent = valueIn(await read(metrics), "process_cpu_seconds_total")! - before;
    expect(spent).toBeGreaterThan(0.02);
    expect(spent).toBeLessThan(5);
  });

  onLinux("say what the system says of memory and of the start", async () => {
    const families = await read(new ProcessMetrics({ clock: new FakeClock(), build }));
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
    const resident = valueIn(families, "process_resident_memory_bytes")!;
    expect(Math.abs(resident / (kilobytes * 1024) - 1)).toBeLessThan(0.2);
    const startedAt = valueIn(families, "process_start_time_seconds")!;
    expect(Math.abs(startedAt - (Date.now() / 1_000 - process.uptime()))).toBeLessThan(2);
  });

  onLinux("count the files that are open", async () => {
    const metrics = new ProcessMetrics({ clock: new FakeClock(), build });
    const isOpen = (file: number): boolean => {
      try {
        return fstatSync(file) !== undefined;
      } catch {
        return false;
      }
    };
    const before = Array.from({ length: 4_096 }, (_, file) => file).filter(isOpen).length;
    expect(valueIn(await read(metrics), "process_open_fds")).toBe(before);
    const files = Array.from({ length: 20 }, () => openSync("/dev/null", "r"));
    expect(valueIn(await read(metrics), "process_open_fds")).toBe(before + 20);
    for (const file of files) closeSync(file);
    expect(valueIn(await read(metrics), "process_open_fds")).toBe(before);
  });
});

/** A clock whose timers come late, as they do while something else holds the event loop. */
class LateClock extends FakeClock {
  #lateMs = 0;

  override now(): number {
    return super.now() + this.#lateMs;
  }

  hold(ms: number): void {
    this.#lateMs += ms;
  }
}

describe("the lag of the event loop", () => {
  const name = "rtmp_event_loop_lag_seconds";

  test("is none while timers are on time", async () => {
    const clock = new LateClock();
    const metrics = new ProcessMetrics({ clock, build });
    clock.advance(10_000);
    expect(valueIn(await read(metrics), name)).toBe(0);
  });

  test("is the worst of the last minute, and is forgotten then", async () => {
    const clock = new LateClock();
    const metrics = new ProcessMetrics({ clock, build });
    clock.hold(300);
    clock.advance(500);
    clock.hold(100);
    clock.advance(500);
    expect(valueIn(await read(metrics), name)).toBeCloseTo(0.3, 9);
    clock.advance(59_000);
    expect(valueIn(await read(metrics), name)).toBeCloseTo(0.3, 9);
    clock.advance(1_000);
    expect(valueIn(await read(metrics), name)).toBe(0);
  });

  test("shows while it goes on", async () => {
    const clock = new LateClock();
    const metrics = new ProcessMetrics({ clock, build });
    clock.hold(3_500);
    expect(valueIn(await read(metrics), name)).toBeCloseTo(3, 9);
  });

  test("is measured until the end, and no longer", () => {
    const clock = new FakeClock();
    const metrics = new ProcessMetrics({ clock, build });
    expect(clock.timers).toBe(1);
    metrics.close();
    expect(clock.timers).toBe(0);
  });
});
