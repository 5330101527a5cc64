import { totalmem } from "node:os";
import type { Clock } from "../base/time.ts";
import type { ServerLoad } from "../stream/monitor-event.ts";
import { type CgroupLimits, readCgroupLimits } from "./cgroup.ts";
import { CpuProbe } from "./cpu-probe.ts";
import { diskPercent } from "./disk-probe.ts";
import { EventLoopProbe } from "./event-loop-probe.ts";
import { openFilesPercent } from "./open-files-probe.ts";
import type { PerformanceProbes, QuickReading, SlowReading } from "./performance-probes.ts";

/** What {@link ProcessProbes} are made of. */
export interface ProcessProbesOptions {
  readonly clock: Clock;
  /** What the server has to do at this moment. */
  readonly load: () => ServerLoad;
  /** How full the store of the hooks is, in per cent; undefined without one. */
  readonly hookStorePercent: () => number | undefined;
  /** Directories whose file systems are watched: of recordings, of the store. */
  readonly directories: readonly string[];
}

/** Measures this process. On Linux it knows the limits of its control group; elsewhere those of the machine count. */
export class ProcessProbes implements PerformanceProbes {
  readonly #options: ProcessProbesOptions;
  readonly #cpu: CpuProbe;
  readonly #eventLoop: EventLoopProbe;
  #limits: CgroupLimits = readCgroupLimits();

  constructor(options: ProcessProbesOptions) {
    this.#options = options;
    this.#cpu = new CpuProbe(options.clock);
    this.#eventLoop = new EventLoopProbe(options.clock);
  }

  start(): void {
    this.#eventLoop.start();
  }

  stop(): void {
    this.#eventLoop.stop();
  }

  read(): QuickReading {
    const { load, hookStorePercent } = this.#options;
    return {
      cpuPercent: this.#cpu.read(this.#limits.cores),
      residentBytes: process.memoryUsage.rss(),
      memoryLimitBytes: Math.min(this.#limits.memoryBytes ?? totalmem(), totalmem()),
      load: load(),
      hookStorePercent: hookStorePercent(),
      eventLoopLagsMs: this.#eventLoop.take(),
    };
  }

  async readSlowly(): Promise<SlowReading> {
    // Limits of a running container can be changed.
    this.#limits = readCgroupLimits();
    const disks = await Promise.all(
      this.#options.directories.map(async (directory) => ({
        directory,
        percent: await diskPercent(directory),
      })),
    );
    return {
      openFilesPercent: openFilesPercent(),
      disks: disks.flatMap(({ directory, percent }) =>
        percent === undefined ? [] : [{ directory, percent }],
      ),
    };
  }
}
