import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import type { StartQueue } from "../commands/start-queue.ts";
import type { OrchestratorMetrics } from "./orchestrator-metrics.ts";
import type { ProcessStarter } from "./process/living-process.ts";
import type { StateStore } from "./store/state-store.ts";

/** What all parts of an orchestrator share. */
export interface House {
  readonly clock: Clock;
  /** Unix time in milliseconds, which goes on steadily however the clock of the machine is set. */
  readonly now: () => number;
  readonly log: Logger;
  readonly store: StateStore;
  readonly starter: ProcessStarter;
  readonly queue: StartQueue;
  readonly metrics: OrchestratorMetrics;
}

/** Unix time that does not jump while this process runs. */
export const steadyTime = (clock: Clock): (() => number) => {
  const start = clock.date().getTime() - clock.now();
  return () => Math.round(start + clock.now());
};
