import type { EventHub } from "../stream/event.ts";
import type { LatencyMetric } from "../stream/monitor-event.ts";
import { Alert } from "./alert.ts";
import { LatencyWindow } from "./latency-window.ts";
import type { MonitorSettings } from "./monitor-settings.ts";

/** Durations are judged over this time, in milliseconds. */
const windowMs = 10_000;

/** With fewer, one peer far away would speak for all. A hook runs as seldom as it likes. */
const leastDurations: Readonly<Record<LatencyMetric, number>> = {
  handshake: 3,
  message_processing: 10,
  hook_execution: 1,
};

/** What is measured of one thing. */
interface Gauge {
  readonly metric: LatencyMetric;
  readonly hookId: string | undefined;
  readonly window: LatencyWindow;
  readonly alert: Alert;
}

/** Compares how long handshakes, turns of the event loop and hooks take with their thresholds, window by window. */
export class LatencyWatch {
  readonly #events: EventHub;
  readonly #handshake: Gauge;
  readonly #processing: Gauge;
  /** By id. One that does not run any more is forgotten, unless its alert is raised. */
  readonly #hooks = new Map<string, Gauge>();
  readonly #hookMs: number;
  #endsAt: number;

  constructor(settings: MonitorSettings, { events, now }: { events: EventHub; now: number }) {
    this.#events = events;
    this.#handshake = gaugeOf("handshake", settings.handshakeMs);
    this.#processing = gaugeOf("message_processing", settings.processingMs);
    this.#hookMs = settings.hookMs;
    this.#endsAt = now + windowMs;
  }

  /** A handshake took so long. */
  handshake(durationMs: number): void {
    this.#handshake.window.add(durationMs);
  }

  /** Messages had to wait so long for their turn. */
  processing(lagsMs: readonly number[]): void {
    for (const lagMs of lagsMs) this.#processing.window.add(lagMs);
  }

  /** A hook took so long. */
  hook(hookId: string, durationMs: number): void {
    let gauge = this.#hooks.get(hookId);
    if (!gauge) {
      gauge = gaugeOf("hook_execution", this.#hookMs, hookId);
      this.#hooks.set(hookId, gauge);
    }
    gauge.window.add(durationMs);
  }

  /** To be called once a second; judges the windows that have ended. */
  evaluate(now: number): void {
    if (now < this.#endsAt) return;
    this.#endsAt = now + windowMs;
    this.#judge(this.#handshake, now);
    this.#judge(this.#processing, now);
    for (const [id, gauge] of this.#hooks) {
      if (gauge.window.count === 0 && !gauge.alert.isRaised) this.#hooks.delete(id);
      else this.#judge(gauge, now);
    }
  }

  #judge({ metric, hookId, window, alert }: Gauge, now: number): void {
    const { count } = window;
    const p95Ms = window.takeP95();
    if (count < leastDurations[metric]) return;
    const change = alert.update(p95Ms, now);
    if (!change) return;
    const { state, severity } = change;
    const thresholdMs = alert.rule.threshold;
    this.#events.emit({
      kind: "latencyAlert",
      metric,
      p95Ms,
      thresholdMs,
      windowMs,
      hookId,
      state,
      severity,
    });
  }
}

/** One window over is enough, and one below; never critical, since nobody knows what else waits. */
const gaugeOf = (metric: LatencyMetric, thresholdMs: number, hookId?: string): Gauge => ({
  metric,
  hookId,
  window: new LatencyWindow(),
  alert: new Alert({
    threshold: thresholdMs,
    criticalAt: Number.POSITIVE_INFINITY,
    clearAt: 0.9 * thresholdMs,
    raiseAfter: 1,
    clearAfter: 1,
    cooldownMs: 60_000,
  }),
});
