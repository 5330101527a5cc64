import type { EventHub } from "../stream/event.ts";
import type { PerformanceMetric, ServerLoad } from "../stream/monitor-event.ts";
import { amountRule, GaugeAlert, percentRule } from "./gauge-alert.ts";
import type { MonitorSettings } from "./monitor-settings.ts";
import type { QuickReading } from "./performance-probes.ts";

/** Compares CPU, memory, connections and queues with their thresholds. */
export class PerformanceWatch {
  readonly #events: EventHub;
  readonly #cpu: GaugeAlert;
  readonly #memory: GaugeAlert;
  readonly #connections: GaugeAlert | undefined;
  readonly #queueDepth: GaugeAlert | undefined;

  constructor(settings: MonitorSettings, events: EventHub) {
    const { connections, queueDepth } = settings;
    this.#events = events;
    this.#cpu = new GaugeAlert(percentRule(settings.cpuPercent));
    this.#memory = new GaugeAlert(percentRule(settings.memoryPercent));
    this.#connections = connections === undefined ? undefined : new GaugeAlert(amountRule(connections));
    this.#queueDepth = queueDepth === undefined ? undefined : new GaugeAlert(amountRule(queueDepth));
  }

  /** Takes the reading of this second. */
  take({ cpuPercent, residentBytes, memoryLimitBytes, load }: QuickReading, now: number): void {
    const memory = memoryLimitBytes ? (residentBytes / memoryLimitBytes) * 100 : undefined;
    this.#compare("cpu", { gauge: this.#cpu, sample: cpuPercent, load, now });
    this.#compare("memory", { gauge: this.#memory, sample: memory, load, now });
    this.#compare("connections", { gauge: this.#connections, sample: load.connections, load, now });
    this.#compare("queue_depth", { gauge: this.#queueDepth, sample: load.queueDepth, load, now });
  }

  #compare(
    metric: PerformanceMetric,
    parts: { gauge: GaugeAlert | undefined; sample: number | undefined; load: ServerLoad; now: number },
  ): void {
    const change = parts.gauge?.update(parts.sample, parts.now);
    if (!change) return;
    const { state, severity, value, threshold } = change;
    this.#events.emit({
      kind: "performanceAlert",
      metric,
      value,
      threshold,
      state,
      severity,
      load: parts.load,
    });
  }
}
