import type { Delivery } from "./delivery.ts";
import type { Ticket } from "./first-attempts.ts";
import { LinkedQueue, type Place } from "./linked-queue.ts";

/** A delivery in memory. Times are those of the engine's monotonic clock, in milliseconds. */
export interface Entry {
  delivery: Delivery;
  lane: Lane | undefined;
  /** Not before this. */
  dueAt: number;
  /** When its event happened. */
  readonly bornAt: number;
  /** Grows in the order in which entries came. */
  readonly order: number;
  readonly bytes: number;
  isRunning: boolean;
  /** Among those of its lane. */
  lanePlace: Place<Entry> | undefined;
  /** Among those of its hook and class. */
  agePlace: Place<Entry> | undefined;
  /** Where other scripts wait for its first attempt. */
  ticket: Ticket | undefined;
}

/** Deliveries of one hook that have to keep their order: the first one stays until it is settled, the others wait for it. */
export class Lane {
  /** Undefined where nothing else will ever come in. */
  readonly key: string | undefined;
  readonly entries = new LinkedQueue<Entry>();
  /** Entries that run: one, or more where they were in lanes of their own when they began. */
  running = 0;
  /** Its place among the lanes whose first entry may start. */
  turn: Place<Lane> | undefined;
  /** While its first entry is not due: when it will be. */
  alarmAt: number | undefined;
  /** Its first entry waits for the scripts of other hooks. */
  isParked = false;

  constructor(key: string | undefined) {
    this.key = key;
  }

  /** Its first entry has been tried, did not work, and will be tried again. */
  get isRetrying(): boolean {
    const { first } = this.entries;
    return first !== undefined && first.ticket === undefined && first.delivery.attempts > 0;
  }

  /** True where the first entry could start, as far as the lane is concerned. */
  get isFree(): boolean {
    return this.running === 0 && this.entries.length > 0;
  }
}
