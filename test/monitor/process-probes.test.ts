import { describe, expect, test } from "bun:test";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { systemClock } from "../../src/base/time.ts";
import { CpuProbe } from "../../src/monitor/cpu-probe.ts";
import { diskPercent } from "../../src/monitor/disk-probe.ts";
import { EventLoopProbe } from "../../src/monitor/event-loop-probe.ts";
import { openFilesPercent } from "../../src/monitor/open-files-probe.ts";
import { ProcessProbes } from "../../src/monitor/process-probes.ts";
import { FakeClock } from "../base/fake-clock.ts";

const load = { connections: 1, streams: 2, queueDepth: 3, pendingTasks: 4 };

test("the probes of this process know what it uses", async () => {
  const directories = [tmpdir(), "/nowhere/at/all"];
  const probes = new ProcessProbes({
    clock: systemClock,
    load: () => load,
    hookStorePercent: () => 7,
    directories,
  });
  expect(probes.read().cpuPercent).toBeUndefined();
  const until = performance.now() + 30;
  while (performance.now() < until);
  const quick = probes.read();
  expect(quick).toMatchObject({ load, hookStorePercent: 7, eventLoopLagsMs: [] });
  expect(quick.cpuPercent! * availableParallelism()).toBeGreaterThan(30);
  expect(quick.residentBytes).toBeGreaterThan(1e6);
  expect(quick.memoryLimitBytes).toBeLessThanOrEqual(totalmem());
  expect(quick.residentBytes).toBeLessThan(quick.memoryLimitBytes!);
  const slow = await probes.readSlowly();
  expect(slow.disks.map(({ directory }) => directory)).toEqual([tmpdir()]);
  expect(slow.disks[0]!.percent).toBeWithin(0, 100.001);
  if (process.platform === "linux") expect(slow.openFilesPercent).toBeWithin(0, 100.001);
});

describe("a CPU probe", () => {
  const readings = (cores: number | undefined): (number | undefined)[] => {
    const clock = new FakeClock();
    let used = 5_000_000;
    const probe = new CpuProbe(clock, () => used);
    const first = probe.read(cores);
    clock.advance(1_000);
    used += 500_000;
    const second = probe.read(cores);
    return [first, second, probe.read(cores)];
  };

  test("gives the share of the cores it may use, from the second reading on", () => {
    expect(readings(0.5)).toEqual([undefined, 100, undefined]);
    expect(readings(1)).toEqual([undefined, 50, undefined]);
    expect(readings(undefined)).toEqual([undefined, 50 / availableParallelism(), undefined]);
  });

  test("takes no limit for more than the machine has", () => {
    expect(readings(10_000)).toEqual(readings(undefined));
  });
});

describe("an event loop probe", () => {
  /** A clock whose timers are late when they say so. */
  class LateClock extends FakeClock {
    lateMs = 0;
    override now(): number {
      return super.now() + this.lateMs;
    }
  }

  test("measures how late its timer is, and weighs a long turn by how many it keeps waiting", () => {
    const clock = new LateClock();
    const probe = new EventLoopProbe(clock);
    probe.start();
    clock.advance(200);
    expect(probe.take()).toEqual([0, 0]);
    clock.lateMs = 250;
    clock.advance(100);
    expect(probe.take()).toEqual([250, 150, 50]);
    clock.advance(100);
    expect(probe.take()).toEqual([0]);
    probe.stop();
    expect(clock.timers).toBe(0);
  });

  test("keeps a bounded number where nobody asks", () => {
    const clock = new FakeClock();
    const probe = new EventLoopProbe(clock);
    probe.start();
    clock.advance(300_000);
    expect(probe.take().length).toBe(1_000);
  });
});

test("open files are a share of the limit, and unknown without one", () => {
  expect(openFilesPercent(() => undefined)).toBeUndefined();
  expect(
    openFilesPercent(() => "Max open files            unlimited            unlimited            files"),
  ).toBeUndefined();
  const limits =
    "Max file locks  5 5\nMax open files            100000               100000               files";
  if (process.platform === "linux") expect(openFilesPercent(() => limits)).toBeWithin(0.0001, 5);
});

test("a directory that is not there has no disk", async () => {
  expect(await diskPercent("/nowhere/at/all")).toBeUndefined();
});
