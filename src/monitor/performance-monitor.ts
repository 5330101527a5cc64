import type { Cancel, Clock } from "../base/time.ts";
import type { EventHub } from "../stream/event.ts";
import { evaluationMs } from "./alert.ts";
import { LatencyWatch } from "./latency-watch.ts";
import type { MonitorSettings } from "./monitor-settings.ts";
import type { PerformanceProbes, SlowReading } from "./performance-probes.ts";
import { PerformanceWatch } from "./performance-watch.ts";
import { ResourceWatch } from "./resource-watch.ts";

/** What changes slowly is measured so often, in milliseconds. */
const slowPeriodMs = 10_000;

/** What a {@link PerformanceMonitor} is made of. */
export interface PerformanceMonitorOptions {
  readonly settings: MonitorSettings;
  readonly probes: PerformanceProbes;
  readonly events: EventHub;
  readonly clock: Clock;
}

/** Looks once a second at what the server as a whole uses, and raises alerts where it is too much or takes too long. */
export class PerformanceMonitor {
  readonly #options: PerformanceMonitorOptions;
  #performance: PerformanceWatch;
  #resources: ResourceWatch;
  #latency: LatencyWatch;
  #slow: SlowReading | undefined;
  #slowDueAt = Number.NEGATIVE_INFINITY;
  #isReading = false;
  #cancel: Cancel | undefined;

  constructor(options: PerformanceMonitorOptions) {
    const { settings, events, clock } = options;
    this.#options = options;
    this.#performance = new PerformanceWatch(settings, events);
    this.#resources = new ResourceWatch(settings, events);
    this.#latency = new LatencyWatch(settings, { events, now: clock.now() });
    events.listen((event) => {
      if (this.#cancel && event.kind === "handshakeCompleted") this.#latency.handshake(event.durationMs);
    });
  }

  /** Begins to look, if it does not already. */
  start(): void {
    if (this.#cancel) return;
    this.#options.probes.start();
    this.#cancel = this.#options.clock.every(evaluationMs, () => this.evaluate());
  }

  /** Stops looking. */
  stop(): void {
    if (!this.#cancel) return;
    this.#cancel();
    this.#cancel = undefined;
    this.#options.probes.stop();
  }

  /** Puts other settings in force. Everything is judged anew: what was raised is not cleared. */
  apply(settings: MonitorSettings): void {
    const { events, clock } = this.#options;
    this.#performance = new PerformanceWatch(settings, events);
    this.#resources = new ResourceWatch(settings, events);
    this.#latency = new LatencyWatch(settings, { events, now: clock.now() });
  }

  /** A hook took so long to execute. */
  hookExecuted(hookId: string, durationMs: number): void {
    if (this.#cancel) this.#latency.hook(hookId, durationMs);
  }

  /** Looks at everything. */
  evaluate(): void {
    const now = this.#options.clock.now();
    if (now >= this.#slowDueAt && !this.#isReading) {
      this.#slowDueAt = now + slowPeriodMs;
      void this.#readSlowly();
    }
    const reading = this.#options.probes.read();
    this.#performance.take(reading, now);
    this.#resources.take(reading, this.#slow, now);
    this.#latency.processing(reading.eventLoopLagsMs);
    this.#latency.evaluate(now);
  }

  /** A file system that does not answer keeps the last reading in force, and is not asked again meanwhile. */
  async #readSlowly(): Promise<void> {
    this.#isReading = true;
    try {
      this.#slow = await this.#options.probes.readSlowly();
    } finally {
      this.#isReading = false;
    }
  }
}
