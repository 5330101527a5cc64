import type { Delivery } from "./delivery.ts";
import type { HookQueue } from "./hook-queue.ts";
import type { Entry } from "./lane.ts";
import { type WindowLimits, windowLimits } from "./window.ts";

/** How much may be in memory for one hook. */
export interface MemoryLimits {
  /** Of what is in the store too. */
  readonly window: WindowLimits;
  /** Deliveries in memory only: beyond it telemetry is dropped, the oldest first. */
  readonly unstored: number;
  /** Beyond it anything new is dropped. */
  readonly unstoredAtAll: number;
  /** Bytes of the bodies of deliveries in memory only: beyond it all the same. */
  readonly unstoredBytes: number;
}

/**
 * 10,000 events are some seconds of a busy server whose hooks all hang. Five times that for what should not be lost: a stop that is never
 * heard of leaves something running for ever.
 */
export const memoryLimits: MemoryLimits = {
  window: windowLimits,
  unstored: 10_000,
  unstoredAtAll: 50_000,
  unstoredBytes: 64 * 1024 * 1024,
};

/**
 * Makes room for a delivery that is in no store, if need be by dropping the telemetry that waits longest. Gives false where there is none:
 * for telemetry where only more important things wait, for anything at the last bound.
 */
export const makeRoom = (
  queue: HookQueue,
  { event }: Delivery,
  limits: MemoryLimits,
  drop: (entry: Entry) => void,
): boolean => {
  const hasBytes = (): boolean => queue.unstoredBytes + event.body.length <= limits.unstoredBytes;
  if (queue.unstored < limits.unstored && hasBytes()) return true;
  const oldest = queue.oldestTelemetry;
  if (oldest) drop(oldest);
  if (!hasBytes()) return false;
  return oldest !== undefined || (event.class !== "telemetry" && queue.unstored < limits.unstoredAtAll);
};
