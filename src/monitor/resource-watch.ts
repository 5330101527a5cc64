import type { DomainEvent, EventHub } from "../stream/event.ts";
import { amountRule, GaugeAlert, type GaugeChange, percentRule } from "./gauge-alert.ts";
import type { MonitorSettings } from "./monitor-settings.ts";
import type { QuickReading, SlowReading } from "./performance-probes.ts";

/** How full the store of the hooks may be where nobody said otherwise, in per cent. */
const defaultHookStorePercent = 80;

type About = Pick<Extract<DomainEvent, { kind: "resourceAlert" }>, "resource" | "unit" | "directory">;

/** Compares disks, open files, the event loop, the store of the hooks and the memory limit with their thresholds. */
export class ResourceWatch {
  readonly #events: EventHub;
  readonly #diskPercent: number;
  /** By directory. */
  readonly #disks = new Map<string, GaugeAlert>();
  readonly #openFiles: GaugeAlert;
  readonly #eventLoopLag: GaugeAlert;
  readonly #hookStore: GaugeAlert;
  readonly #resident: GaugeAlert | undefined;

  constructor(settings: MonitorSettings, events: EventHub) {
    const { residentBytes, hookStorePercent = defaultHookStorePercent } = settings;
    this.#events = events;
    this.#diskPercent = settings.diskPercent;
    this.#openFiles = new GaugeAlert(percentRule(settings.openFilesPercent));
    this.#eventLoopLag = new GaugeAlert(amountRule(settings.eventLoopLagMs));
    this.#hookStore = new GaugeAlert(percentRule(hookStorePercent));
    this.#resident = residentBytes === undefined ? undefined : new GaugeAlert(amountRule(residentBytes));
  }

  /** Takes the reading of this second, and the last one of what changes slowly. */
  take(quick: QuickReading, slow: SlowReading | undefined, now: number): void {
    const percent = { unit: "percent", directory: undefined } as const;
    for (const { directory, percent: sample } of slow?.disks ?? [])
      this.#tell(this.#diskOf(directory).update(sample, now), {
        resource: "disk",
        unit: "percent",
        directory,
      });
    this.#tell(this.#openFiles.update(slow?.openFilesPercent, now), { resource: "fd", ...percent });
    this.#tell(this.#hookStore.update(quick.hookStorePercent, now), { resource: "hook_store", ...percent });
    // The worst of the second: one long turn is what makes everybody wait.
    const lag = quick.eventLoopLagsMs.length === 0 ? undefined : Math.max(...quick.eventLoopLagsMs);
    const lagging = this.#eventLoopLag.update(lag, now);
    this.#tell(lagging, { resource: "event_loop_lag", unit: "ms", directory: undefined });
    const resident = this.#resident?.update(quick.residentBytes, now);
    this.#tell(resident, { resource: "rss_limit", unit: "bytes", directory: undefined });
  }

  #diskOf(directory: string): GaugeAlert {
    const known = this.#disks.get(directory);
    if (known) return known;
    const fresh = new GaugeAlert(percentRule(this.#diskPercent));
    this.#disks.set(directory, fresh);
    return fresh;
  }

  #tell(change: GaugeChange | undefined, about: About): void {
    if (!change) return;
    const { state, severity, value, threshold } = change;
    this.#events.emit({ kind: "resourceAlert", ...about, value, threshold, state, severity });
  }
}
