import type { ServerLoad } from "../stream/monitor-event.ts";

/** What is measured once a second. Undefined is what cannot be known here. */
export interface QuickReading {
  /** Of all cores that this process may use, since the last reading. */
  readonly cpuPercent: number | undefined;
  /** Memory of this process. */
  readonly residentBytes: number;
  /** What it may have: the limit of its control group, or the memory of the machine if that is less. */
  readonly memoryLimitBytes: number | undefined;
  readonly load: ServerLoad;
  /** How full the store of the hooks is; undefined without one. */
  readonly hookStorePercent: number | undefined;
  /** By how many milliseconds timers were late since the last reading, one by one. */
  readonly eventLoopLagsMs: readonly number[];
}

/** What changes slowly or takes time to measure. */
export interface SlowReading {
  readonly openFilesPercent: number | undefined;
  /** How full the file systems of some directories are; those that cannot be read are left out. */
  readonly disks: readonly { readonly directory: string; readonly percent: number }[];
}

/** What the performance monitor measures with. */
export interface PerformanceProbes {
  /** Begins what measures all the time. */
  start(): void;
  /** Ends it. */
  stop(): void;
  /** Called once a second. Must not throw. */
  read(): QuickReading;
  /** Called every 10 seconds, never while it is under way. Must not reject. */
  readSlowly(): Promise<SlowReading>;
}
