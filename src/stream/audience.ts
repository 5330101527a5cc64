import type { StreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import type { EventHub } from "./event.ts";
import type { Reader } from "./subscriber.ts";

/** What an audience needs of the stream it belongs to. */
export interface AudienceContext {
  readonly path: StreamPath;
  readonly clock: Clock;
  readonly events: EventHub;
}

/** What ends somebody's patience, and what happens then. */
interface Waiting {
  readonly cancel: Cancel;
  readonly gaveUp: () => void;
}

/**
 * The readers of one stream: those who receive it, and those who wait for it to begin. Tells how many there are, and whether there is
 * anybody at all. It calls no reader: that is its stream's.
 */
export class Audience {
  readonly #context: AudienceContext;
  /** Replaced, never changed, so that a batch in progress sees one and the same list. */
  #readers: readonly Reader[] = [];
  /** Those who have seen nothing yet. */
  readonly #waiting = new Map<Reader, Waiting>();
  #isWanted = false;

  constructor(context: AudienceContext) {
    this.#context = context;
  }

  /** Those who receive the stream. The list never changes; another one takes its place. */
  get readers(): readonly Reader[] {
    return this.#readers;
  }

  /** How many there are, waiting ones included. */
  get size(): number {
    return this.#readers.length + this.#waiting.size;
  }

  /** Has a reader wait, for `waitMs` at most; then it is gone, and `gaveUp` is called. */
  wait(reader: Reader, { waitMs, gaveUp }: { waitMs: number; gaveUp: () => void }): void {
    this.#waiting.set(reader, { cancel: this.#patience(reader, { waitMs, gaveUp }), gaveUp });
    this.#tellDemand(reader.query);
  }

  /** Has everybody who waits do so for `waitMs` from now on. */
  rewait(waitMs: number): void {
    for (const [reader, { cancel, gaveUp }] of this.#waiting) {
      cancel();
      this.#waiting.set(reader, { cancel: this.#patience(reader, { waitMs, gaveUp }), gaveUp });
    }
  }

  #patience(reader: Reader, { waitMs, gaveUp }: { waitMs: number; gaveUp: () => void }): Cancel {
    if (!Number.isFinite(waitMs)) return () => undefined;
    return this.#context.clock.after(waitMs, () => {
      this.#waiting.delete(reader);
      this.#tellDemand("");
      gaveUp();
    });
  }

  /** From now on `reader` receives the stream. */
  admit(reader: Reader): void {
    this.#set([...this.#readers, reader]);
    this.#tellDemand(reader.query);
  }

  /** Forgets a reader, wherever it was. */
  remove(reader: Reader): void {
    this.#waiting.get(reader)?.cancel();
    this.#waiting.delete(reader);
    if (this.#readers.includes(reader)) this.#set(this.#readers.filter((other) => other !== reader));
    this.#tellDemand("");
  }

  /** Forgets those who receive the stream, and gives them. */
  takeReaders(): readonly Reader[] {
    const readers = this.#readers;
    this.#set([]);
    this.#tellDemand("");
    return readers;
  }

  /** Forgets those who wait, and gives them. Who is not admitted next is not told of here. */
  takeWaiting(): readonly Reader[] {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [, { cancel }] of waiting) cancel();
    return waiting.map(([reader]) => reader);
  }

  /** Tells whether anybody wants the stream, where that has changed. */
  settle(): void {
    this.#tellDemand("");
  }

  #set(readers: readonly Reader[]): void {
    const previous = this.#readers.length;
    this.#readers = readers;
    if (readers.length === previous) return;
    const { path, events } = this.#context;
    events.emit({ kind: "subscriberCount", path, count: readers.length, previous });
  }

  #tellDemand(query: string): void {
    const isWanted = this.size > 0;
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    const { path, events } = this.#context;
    events.emit({ kind: "demandChanged", path, isWanted, query: isWanted ? query : "" });
  }
}
