import type { StreamPath } from "../../base/stream-path.ts";
import type { Cancel, Clock } from "../../base/time.ts";
import type { DomainEvent } from "../../stream/event.ts";

type CountEvent = Extract<DomainEvent, { kind: "subscriberCount" }>;

/** The least time between two reports of one stream, in milliseconds. */
const periodMs = 1_000;

/** A stream whose count was told a moment ago. */
interface Told {
  readonly count: number;
  /** The change that waits for its turn. */
  pending: CountEvent | undefined;
  readonly cancel: Cancel;
}

/** Lets a stream's player count through at most once a second: the first change at once, the last one of a burst at its end. */
export class CountCoalescer {
  readonly #clock: Clock;
  readonly #pass: (event: CountEvent) => void;
  readonly #told = new Map<StreamPath, Told>();

  constructor(clock: Clock, pass: (event: CountEvent) => void) {
    this.#clock = clock;
    this.#pass = pass;
  }

  /** Takes a change; it is passed on now, or merged into a later one. */
  take(event: CountEvent): void {
    const told = this.#told.get(event.path);
    if (told) told.pending = event;
    else this.#tell(event);
  }

  /** Passes on what waits. */
  flush(): void {
    for (const [path, { pending, cancel, count }] of [...this.#told]) {
      cancel();
      this.#told.delete(path);
      if (pending && pending.count !== count) this.#pass({ ...pending, previous: count });
    }
  }

  #tell(event: CountEvent): void {
    const cancel = this.#clock.after(periodMs, () => this.#settle(event.path));
    this.#told.set(event.path, { count: event.count, pending: undefined, cancel });
    this.#pass(event);
  }

  #settle(path: StreamPath): void {
    const told = this.#told.get(path);
    this.#told.delete(path);
    if (told?.pending && told.pending.count !== told.count)
      this.#tell({ ...told.pending, previous: told.count });
  }
}
