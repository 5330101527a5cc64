import type { Entry } from "./lane.ts";
import { LinkedQueue } from "./linked-queue.ts";

/**
 * All entries of one hook in the order in which they came, those that run too. Telemetry stands apart: it is dropped first, and grows old
 * sooner. So within each of the two, entries expire in their order, more or less.
 */
export class Ages {
  readonly #telemetry = new LinkedQueue<Entry>();
  readonly #other = new LinkedQueue<Entry>();

  /** How many there are. */
  get length(): number {
    return this.#telemetry.length + this.#other.length;
  }

  /** Of telemetry and of the rest the first that does not run. */
  get oldest(): readonly Entry[] {
    return this.#queues.flatMap((entries) => firstOf(entries, isIdle) ?? []);
  }

  /** Telemetry in memory only that has waited longest. */
  get oldestTelemetry(): Entry | undefined {
    return firstOf(this.#telemetry, (entry) => isIdle(entry) && entry.delivery.row === undefined);
  }

  /** Adds an entry behind those that are there. */
  add(entry: Entry): void {
    entry.agePlace = this.#queueOf(entry).push(entry);
  }

  /** Takes an entry out. */
  remove(entry: Entry): void {
    if (entry.agePlace) this.#queueOf(entry).remove(entry.agePlace);
    entry.agePlace = undefined;
  }

  /** The first entry that fits; undefined where none does. */
  first(isFit: (entry: Entry) => boolean): Entry | undefined {
    const [one, other] = this.#queues.flatMap((entries) => firstOf(entries, isFit) ?? []);
    return one && other && other.order < one.order ? other : one;
  }

  /** Those at the front, one by one, that do not run and for which `isOver` holds. Each may be removed before the next is asked for. */
  *while(isOver: (entry: Entry) => boolean): Iterable<Entry> {
    for (const entries of this.#queues) {
      for (const entry of entries) {
        if (!isIdle(entry)) continue;
        if (!isOver(entry)) break;
        yield entry;
      }
    }
  }

  /** All of them in their order. */
  all(): Entry[] {
    return [...this.#telemetry, ...this.#other].sort((a, b) => a.order - b.order);
  }

  get #queues(): readonly LinkedQueue<Entry>[] {
    return [this.#telemetry, this.#other];
  }

  #queueOf({ delivery }: Entry): LinkedQueue<Entry> {
    return delivery.event.class === "telemetry" ? this.#telemetry : this.#other;
  }
}

const isIdle = ({ isRunning }: Entry): boolean => !isRunning;

const firstOf = (entries: Iterable<Entry>, isFit: (entry: Entry) => boolean): Entry | undefined => {
  for (const entry of entries) if (isFit(entry)) return entry;
  return undefined;
};
