import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";
import type { Delivery, Settlement } from "./delivery.ts";
import type { DropReason } from "./executions.ts";
import type { MemoryLimits } from "./memory.ts";
import type { DeliveryNotice } from "./notice.ts";
import type { DeliverySource } from "./window.ts";

/** What a delivery engine is made of. */
export interface DeliveryEngineOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Executions at once, over all hooks: 1 to 1,000. */
  readonly concurrency: number;
  /** The store; left out where there is none. */
  readonly source?: DeliverySource;
  /** Told what became of a delivery after each attempt, and of its end. It may not call the engine. */
  readonly settled: (settlement: Settlement) => void;
  readonly noticed: (notice: DeliveryNotice) => void;
  /** Told of deliveries in memory only that are lost. It may not call the engine. */
  readonly dropped?: (delivery: Delivery, reason: DropReason) => void;
  /** From 0 up to 1: what jitter is made of. */
  readonly random?: () => number;
  /** Runs a function soon, outside of the caller's turn. */
  readonly defer?: (run: () => void) => void;
  readonly limits?: Partial<MemoryLimits>;
}
