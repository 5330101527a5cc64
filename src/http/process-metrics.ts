import { readdir } from "node:fs/promises";
import type { Labels, MetricFamily } from "../base/exposition.ts";
import { counter, gauge } from "../base/metric-family.ts";
import type { Cancel, Clock } from "../base/time.ts";

/** How often the event loop is measured, in milliseconds. */
const lagPeriodMs = 500;

/** A minute of measurements: at least one scrape sees each. */
const lagsKept = 120;

/** Measures how late the event loop is, by a timer. */
class LoopLag {
  readonly #clock: Clock;
  readonly #cancel: Cancel;
  readonly #lags: number[] = [];
  #lastAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastAt = clock.now();
    this.#cancel = clock.every(lagPeriodMs, () => this.#measure());
  }

  /** The longest delay of the last minute, in milliseconds; one that still goes on counts as far as it is. */
  get worstMs(): number {
    return Math.max(this.#currentMs, ...this.#lags);
  }

  close(): void {
    this.#cancel();
  }

  get #currentMs(): number {
    return Math.max(0, this.#clock.now() - this.#lastAt - lagPeriodMs);
  }

  #measure(): void {
    this.#lags.push(this.#currentMs);
    if (this.#lags.length > lagsKept) this.#lags.shift();
    this.#lastAt = this.#clock.now();
  }
}

/** What this process uses, under the names that Prometheus' own libraries have for it. */
export class ProcessMetrics {
  readonly #lag: LoopLag;
  readonly #build: Labels;

  /** `build` are the labels of `rtmp_build_info`, such as version and target. */
  constructor({ clock, build }: { clock: Clock; build: Labels }) {
    this.#build = build;
    this.#lag = new LoopLag(clock);
  }

  /** A collector for the registry. */
  readonly collect = async (): Promise<MetricFamily[]> => {
    const { user, system } = process.cpuUsage();
    const openFiles = await countOpenFiles();
    return [
      counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds", [
        [{}, (user + system) / 1e6],
      ]),
      gauge("process_resident_memory_bytes", "Resident memory size in bytes", [
        [{}, process.memoryUsage.rss()],
      ]),
      gauge("process_start_time_seconds", "Start time of the process since the Unix epoch in seconds", [
        [{}, performance.timeOrigin / 1_000],
      ]),
      ...(openFiles === undefined
        ? []
        : [gauge("process_open_fds", "Open file descriptors", [[{}, openFiles]])]),
      gauge("rtmp_event_loop_lag_seconds", "Longest delay of the event loop in the last minute, in seconds", [
        [{}, this.#lag.worstMs / 1_000],
      ]),
      gauge("rtmp_build_info", "Always 1; its labels say which build this is", [[this.#build, 1]]),
    ];
  };

  /** Stops measuring. */
  close(): void {
    this.#lag.close();
  }
}

/** How many files the process has open; undefined where the system does not tell. */
const countOpenFiles = async (): Promise<number | undefined> => {
  if (process.platform !== "linux") return undefined;
  try {
    // The directory that is read is open itself meanwhile.
    return (await readdir("/proc/self/fd")).length - 1;
  } catch {
    // No process sees its own files where /proc is not mounted.
    return undefined;
  }
};
