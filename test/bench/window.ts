import type { ProgramLoad } from "./load.ts";
import { type CoreTimes, coreTimes, ticksPerSecond, usageOf } from "./process-usage.ts";
import type { Bench, RunningServer } from "./target.ts";

/** What the server and the load cost between the open and the closed report of a load. */
export interface WindowCost {
  readonly serverCpuSeconds: number;
  readonly loadCpuSeconds: number;
  /** Resident bytes of the server at the end of the window, the load still on. */
  readonly residentBytes: number;
  /** Who had the server's core, in per cent of the window; NaN when nothing is pinned. */
  readonly core: readonly [server: number, others: number, stolen: number];
}

const percent = (part: number, whole: number): number => (100 * part) / whole;

/** Waits for the window of `leading` and measures `server` and all `loads` over it. */
export const measureWindow = async (
  bench: Bench,
  server: RunningServer,
  { leading, loads }: { readonly leading: ProgramLoad; readonly loads: readonly ProgramLoad[] },
): Promise<WindowCost> => {
  const loadCpu = (): number => loads.reduce((sum, load) => sum + usageOf(load.pid).cpuSeconds, 0);
  const core = (): CoreTimes =>
    bench.pinning.serverCore === undefined
      ? { busy: Number.NaN, stolen: Number.NaN, total: Number.NaN }
      : coreTimes(bench.pinning.serverCore);
  await leading.report("open");
  const before = { server: usageOf(server.pid), load: loadCpu(), core: core() };
  await leading.report("closed");
  const after = { server: usageOf(server.pid), load: loadCpu(), core: core() };
  const ticks = after.core.total - before.core.total;
  const serverCpuSeconds = after.server.cpuSeconds - before.server.cpuSeconds;
  const serverTicks = serverCpuSeconds * ticksPerSecond;
  const busy = after.core.busy - before.core.busy;
  const stolen = after.core.stolen - before.core.stolen;
  return {
    serverCpuSeconds,
    loadCpuSeconds: after.load - before.load,
    residentBytes: after.server.residentBytes,
    core: [percent(serverTicks, ticks), percent(busy - serverTicks, ticks), percent(stolen, ticks)],
  };
};
