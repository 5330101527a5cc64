import type { MetricsRegistry } from "../base/metrics.ts";

/** What is counted while an orchestrator runs. */
export class OrchestratorMetrics {
  readonly events;
  readonly exits;
  readonly alerts;
  readonly passes;
  readonly lastPass;
  readonly #starts;
  readonly #startDelay;

  /** @throws TypeError where the registry has metrics of these names already */
  constructor(registry: MetricsRegistry) {
    this.events = registry.counter({
      name: "orchestrator_events_total",
      help: "Events that came, by what became of them",
      labels: ["kind", "verdict"],
    });
    this.#starts = registry.counter({
      name: "orchestrator_process_starts_total",
      help: "Processes that were started",
      labels: ["role"],
    });
    this.exits = registry.counter({
      name: "orchestrator_process_exits_total",
      help: "Processes that ended: asked to, by themselves, or that could not be started",
      labels: ["role", "reason"],
    });
    this.alerts = registry.counter({
      name: "orchestrator_alerts_total",
      help: "Processes that were given up, for a person to look at",
      labels: ["role", "reason"],
    });
    this.passes = registry.counter({
      name: "orchestrator_reconciliations_total",
      help: "Times the media server was asked which streams there are",
      labels: ["result"],
    });
    this.lastPass = registry
      .gauge({
        name: "orchestrator_last_reconciliation_timestamp_seconds",
        help: "When the media server last said which streams there are, in Unix seconds",
      })
      .with({});
    this.#startDelay = registry.histogram({
      name: "orchestrator_start_delay_seconds",
      help: "From when a process is wanted to its first start, in seconds",
      labels: ["role"],
    });
  }

  /** A process was started, so many milliseconds after it was wanted; undefined where it was started anew. */
  started(role: string, delayMs: number | undefined): void {
    this.#starts.with({ role }).increment();
    if (delayMs !== undefined) this.#startDelay.with({ role }).observe(delayMs / 1_000);
  }
}
