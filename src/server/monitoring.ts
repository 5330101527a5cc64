import type { MetricFamily } from "../base/exposition.ts";
import type { HostPort } from "../base/host-port.ts";
import type { Logger } from "../base/log.ts";
import { MetricsRegistry } from "../base/metrics.ts";
import type { Clock } from "../base/time.ts";
import { build } from "../base/version.ts";
import { bodyOf } from "../hooks/event/envelope.ts";
import { deliveryMetrics, dispatchMetrics, reloadMetrics } from "../hooks/hook-metrics.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { DeliveryPulse, DeliveryReport } from "../hooks/messages.ts";
import { eventsResource } from "../http/events.ts";
import { healthResources } from "../http/health.ts";
import type { HooksHealth } from "../http/hook-health.ts";
import { metricsResource } from "../http/metrics.ts";
import { ProcessMetrics } from "../http/process-metrics.ts";
import { HttpServer } from "../http/server.ts";
import { PerformanceMonitor } from "../monitor/performance-monitor.ts";
import { ProcessProbes } from "../monitor/process-probes.ts";
import { QualityMonitor } from "../monitor/quality-monitor.ts";
import type { EventHub } from "../stream/event.ts";
import type { Registry } from "../stream/registry.ts";
import { openPages } from "./open-pages.ts";
import type { RunConfig } from "./run-config.ts";

/** What a {@link Monitoring} is made of. */
export interface MonitoringOptions {
  readonly config: RunConfig;
  /** Monitors look where there are hooks to tell. */
  readonly hooks: Hooks | undefined;
  readonly registry: Registry;
  readonly events: EventHub;
  /** Clients at this moment. */
  readonly connections: () => number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Whoever scrapes waits this long for the thread that delivers, in milliseconds. */
const reportMs = 1_000;

/** How long pages that are being answered may take at the end, in milliseconds. */
const stopMs = 500;

/** Everything that watches the server: monitors that raise alerts, metrics, and the pages of both. */
export class Monitoring {
  readonly #options: MonitoringOptions;
  readonly #quality: QualityMonitor | undefined;
  readonly #performance: PerformanceMonitor | undefined;
  #process: ProcessMetrics | undefined;
  readonly #server: HttpServer | undefined;
  #pulse: DeliveryPulse | undefined;

  /** @throws TransportError LISTEN when an address that somebody asked for cannot be had */
  constructor(options: MonitoringOptions) {
    this.#options = options;
    const { hooks, clock } = options;
    this.#server = openPages("metrics", options, (address) => this.#serve(address));
    if (this.#server) this.#process = new ProcessMetrics({ clock, build });
    if (!hooks) return;
    const { quality: settings } = hooks.settings;
    const { registry, events } = options;
    this.#quality = new QualityMonitor({ settings, registry, events, clock });
    this.#performance = new PerformanceMonitor({ settings, probes: this.#probes(), events, clock });
    this.#switch(settings.isEnabled);
    hooks.onConfigured(({ quality }) => {
      this.#quality?.apply(quality);
      this.#performance?.apply(quality);
      this.#switch(quality.isEnabled);
    });
  }

  /** Port of the pages, where they are on. */
  get port(): number | undefined {
    return this.#server?.port;
  }

  /** Takes the last second's news of the thread that delivers. */
  takePulse(pulse: DeliveryPulse): void {
    this.#pulse = pulse;
    for (const { hookId, durationMs } of pulse.executions)
      this.#performance?.hookExecuted(hookId, durationMs);
  }

  /** Stops looking, and closes the pages. */
  async close(): Promise<void> {
    this.#switch(false);
    this.#process?.close();
    await this.#server?.stop(stopMs);
  }

  #switch(isOn: boolean): void {
    for (const monitor of [this.#quality, this.#performance]) {
      if (isOn) monitor?.start();
      else monitor?.stop();
    }
  }

  #probes(): ProcessProbes {
    const { config, registry, connections, clock } = this.#options;
    const waiting = (): number => this.#pulse?.waiting ?? 0;
    const streams = (): number => [...registry.streams].length;
    return new ProcessProbes({
      clock,
      load: () => ({
        connections: connections(),
        streams: streams(),
        queueDepth: waiting(),
        pendingTasks: waiting(),
      }),
      hookStorePercent: () => this.#pulse?.storePercent,
      directories: [
        config.server.recordAll ? config.server.recordDir : undefined,
        config.hooks.hookDataDir,
      ].filter((directory) => directory !== undefined),
    });
  }

  #serve(address: HostPort): HttpServer {
    const { clock, log } = this.#options;
    const metrics = new MetricsRegistry({ clock, log });
    metrics.collect(() => this.#process?.collect() ?? []);
    metrics.collect(() => this.#collectHooks());
    const health = healthResources({
      unreadiness: async () => {
        const report = await this.#report();
        if (!report && this.#options.hooks?.dispatcher.link) return ["hook delivery does not answer"];
        return report?.store?.isWritable === false ? ["hook store cannot be written"] : [];
      },
      hooks: () => this.#health(),
      clock,
    });
    const dispatcher = this.#options.hooks?.dispatcher;
    const events = eventsResource({
      listen: dispatcher && ((hear) => dispatcher.listen((event) => hear(bodyOf(event, "full")))),
      clock,
    });
    return new HttpServer({
      address,
      resources: [metricsResource({ own: metrics }), events, ...health],
      clock,
      log,
    });
  }

  #report(): Promise<DeliveryReport | undefined> {
    return this.#options.hooks?.dispatcher.link?.report(reportMs) ?? Promise.resolve(undefined);
  }

  async #collectHooks(): Promise<MetricFamily[]> {
    const { hooks } = this.#options;
    if (!hooks) return [];
    const report = await this.#report();
    const { counts, link } = hooks.dispatcher;
    return [
      ...dispatchMetrics(counts, link?.dropped),
      ...reloadMetrics(hooks.reloads),
      ...(report ? deliveryMetrics(report) : []),
    ];
  }

  async #health(): Promise<HooksHealth | undefined> {
    const { hooks } = this.#options;
    if (!hooks) return undefined;
    const report = await this.#report();
    if (!report && hooks.dispatcher.link) throw new Error("the thread that delivers does not answer");
    const reports = report?.engine.hooks ?? [];
    const given = reports.flatMap(({ dead }) => Object.values(dead));
    return {
      activeHooks: reports.length + (hooks.settings.stdio ? 1 : 0),
      failedDeliveries: given.reduce((sum, count) => sum + count, 0),
      lastEventTime: hooks.dispatcher.counts.lastEventTime,
      hooks: reports.map(({ id, type, breaker, isDisabled, waiting, oldestMs }) => ({
        id,
        type,
        breaker: isDisabled ? "paused" : breaker === "half-open" ? "half_open" : breaker,
        backlog: waiting,
        oldestSeconds: oldestMs / 1000,
      })),
      store: report?.store,
    };
  }
}
