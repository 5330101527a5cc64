import type { Clock } from "../base/time.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { DeliveryPulse } from "../hooks/messages.ts";
import { PerformanceMonitor } from "../monitor/performance-monitor.ts";
import { ProcessProbes } from "../monitor/process-probes.ts";
import { QualityMonitor } from "../monitor/quality-monitor.ts";
import type { EventHub } from "../stream/event.ts";
import type { Registry } from "../stream/registry.ts";
import type { RunConfig } from "./run-config.ts";

/** What a {@link Monitoring} is made of. */
export interface MonitoringOptions {
  readonly config: RunConfig;
  readonly hooks: Hooks;
  readonly registry: Registry;
  readonly events: EventHub;
  /** Clients at this moment. */
  readonly connections: () => number;
  readonly clock: Clock;
}

/** The monitors that watch streams and the process for hooks, and raise alerts. */
export class Monitoring {
  readonly #options: MonitoringOptions;
  readonly #quality: QualityMonitor;
  readonly #performance: PerformanceMonitor;
  #pulse: DeliveryPulse | undefined;

  constructor(options: MonitoringOptions) {
    this.#options = options;
    const { hooks, registry, events, clock } = options;
    const { quality: settings } = hooks.settings;
    this.#quality = new QualityMonitor({ settings, registry, events, clock });
    this.#performance = new PerformanceMonitor({ settings, probes: this.#probes(), events, clock });
    this.#switch(settings.isEnabled);
    hooks.onConfigured(({ quality }) => {
      this.#quality.apply(quality);
      this.#performance.apply(quality);
      this.#switch(quality.isEnabled);
    });
  }

  /** Takes the last second's news of the thread that delivers. */
  takePulse(pulse: DeliveryPulse): void {
    this.#pulse = pulse;
    for (const { hookId, durationMs } of pulse.executions) this.#performance.hookExecuted(hookId, durationMs);
  }

  /** Stops looking. */
  close(): void {
    this.#switch(false);
  }

  #switch(isOn: boolean): void {
    for (const monitor of [this.#quality, this.#performance]) {
      if (isOn) monitor.start();
      else monitor.stop();
    }
  }

  #probes(): ProcessProbes {
    const { config, registry, connections, clock } = this.#options;
    const waiting = (): number => this.#pulse?.waiting ?? 0;
    return new ProcessProbes({
      clock,
      load: () => ({
        connections: connections(),
        streams: [...registry.streams].length,
        queueDepth: waiting(),
        pendingTasks: waiting(),
      }),
      hookStorePercent: () => this.#pulse?.storePercent,
      directories: writtenDirectories(config),
    });
  }
}

/** Directories that the server writes to all the time. */
export const writtenDirectories = ({ server, hooks }: RunConfig): string[] =>
  [server.recordAll ? server.recordDir : undefined, hooks.hookDataDir].filter(
    (directory) => directory !== undefined,
  );
