import { DueHeap } from "./due-heap.ts";
import { type Entry, Lane } from "./lane.ts";
import { LinkedQueue } from "./linked-queue.ts";
import type { Ordering } from "./policy.ts";

/** What {@link Lanes} are made of. */
export interface LanesOptions {
  readonly ordering: Ordering;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Whether an entry that is due may start, as far as others are concerned; `again` is called once that may have changed. */
  readonly mayStart: (entry: Entry, again: () => void) => boolean;
}

/**
 * The lanes of one hook: which entry waits for which, and for what time. Of each lane the first entry only may start, and the lanes whose
 * first entry may start get their turns one after the other.
 */
export class Lanes {
  readonly #now: () => number;
  readonly #mayStart: LanesOptions["mayStart"];
  #ordering: Ordering;
  /** Those that more may come into. */
  #lanes = new Map<string, Lane>();
  readonly #turns = new LinkedQueue<Lane>();
  readonly #alarms = new DueHeap<Lane>();

  constructor({ ordering, now, mayStart }: LanesOptions) {
    this.#ordering = ordering;
    this.#now = now;
    this.#mayStart = mayStart;
  }

  get ordering(): Ordering {
    return this.#ordering;
  }

  /** Lanes whose first entry may start. */
  get ready(): number {
    return this.#turns.length;
  }

  /** The entry whose turn it is; undefined where none may start. */
  get first(): Entry | undefined {
    return this.#turns.first?.entries.first;
  }

  /** When the next entry is due that waits for its time; perhaps too early, never too late. */
  get nextAt(): number | undefined {
    return this.#alarms.next;
  }

  /** Puts an entry behind those that it has to wait for. */
  enter(entry: Entry): void {
    const lane = this.#laneOf(entry);
    entry.lane = lane;
    entry.lanePlace = lane.entries.push(entry);
    if (entry.isRunning) lane.running++;
    this.#offer(lane);
  }

  /** An entry runs from now on, and nothing of its lane beside it. */
  started(entry: Entry): void {
    const { lane } = entry;
    entry.isRunning = true;
    if (lane) lane.running++;
    this.#withdraw(lane);
  }

  /** An entry does not run any more, and waits for its time. */
  halted(entry: Entry): void {
    const { lane } = entry;
    entry.isRunning = false;
    if (!lane) return;
    lane.running--;
    this.#offer(lane);
  }

  /** An entry is gone: the next one of its lane comes to the front. */
  leave(entry: Entry): void {
    const { lane, lanePlace } = entry;
    if (!lane || !lanePlace) return;
    if (lane.entries.first === entry) this.#withdraw(lane);
    lane.entries.remove(lanePlace);
    if (entry.isRunning) lane.running--;
    entry.isRunning = false;
    entry.lanePlace = undefined;
    entry.lane = undefined;
    this.#offer(lane);
  }

  /** Lets those start whose time has come. */
  ring(now: number): void {
    for (let lane = this.#alarms.takeDue(now); lane; lane = this.#alarms.takeDue(now)) {
      // The alarm of an entry that has gone meanwhile, or that was put off since.
      if (lane.alarmAt === undefined || lane.alarmAt > now) continue;
      lane.alarmAt = undefined;
      this.#offer(lane);
    }
  }

  /** Whatever waits for its time may start now. */
  wake(): void {
    const now = this.#now();
    for (const lane of this.#alarms.takeAll()) {
      if (lane.alarmAt === undefined) continue;
      lane.alarmAt = undefined;
      const { first } = lane.entries;
      if (first) first.dueAt = Math.min(first.dueAt, now);
      this.#offer(lane);
    }
  }

  /** Makes other lanes of all entries, which are given in their order. What runs goes on running, and is waited for. */
  reorder(ordering: Ordering, entries: readonly Entry[]): void {
    for (const { lane } of entries) this.#withdraw(lane);
    this.#alarms.takeAll();
    this.#lanes = new Map();
    this.#ordering = ordering;
    for (const entry of entries) this.enter(entry);
  }

  #laneOf({ delivery: { event } }: Entry): Lane {
    if (this.#ordering === "none" || (this.#ordering === "stream" && event.lane === ""))
      return new Lane(undefined);
    const key = this.#ordering === "strict" ? "" : event.lane;
    const known = this.#lanes.get(key);
    if (known) return known;
    const lane = new Lane(key);
    this.#lanes.set(key, lane);
    return lane;
  }

  /** Puts a lane where it belongs: among those whose first entry may start, or those that wait for a moment. */
  #offer(lane: Lane): void {
    const { first } = lane.entries;
    if (!first && lane.key !== undefined && this.#lanes.get(lane.key) === lane) this.#lanes.delete(lane.key);
    if (!first || lane.running > 0 || lane.turn || lane.isParked || lane.alarmAt !== undefined) return;
    if (first.dueAt > 0 && first.dueAt > this.#now()) {
      lane.alarmAt = first.dueAt;
      this.#alarms.push(first.dueAt, lane);
      return;
    }
    const again = (): void => {
      lane.isParked = false;
      this.#offer(lane);
    };
    if (this.#mayStart(first, again)) lane.turn = this.#turns.push(lane);
    else lane.isParked = true;
  }

  #withdraw(lane: Lane | undefined): void {
    if (!lane) return;
    if (lane.turn) this.#turns.remove(lane.turn);
    lane.turn = undefined;
    lane.alarmAt = undefined;
  }
}
