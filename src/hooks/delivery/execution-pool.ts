import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { type Clock, systemClock } from "../../base/time.ts";
import type { HookEvent } from "../event/hook-event.ts";
import { LinkedQueue, type Place } from "./linked-queue.ts";

/** One hook to be executed for one event. */
export interface Job {
  /** Telemetry may be dropped when too much waits; everything else is kept as long as there is room at all. */
  readonly isTelemetry: boolean;
  /** Does the work. Ends by itself, and soon after `signal` is aborted. It must not reject. */
  run(signal: AbortSignal): Promise<unknown>;
  /** Told instead of `run` when the job will never run. It may count and log; it must neither throw nor call the pool. */
  dropped(): void;
}

/** What an {@link ExecutionPool} may do. */
export interface ExecutionPoolOptions {
  /** Jobs that run at the same time, over all hooks. */
  readonly concurrency: number;
  /** Jobs that may wait before telemetry is dropped. */
  readonly maxWaiting?: number;
  /** Jobs that may wait before anything is dropped. */
  readonly maxWaitingAtAll?: number;
  readonly clock?: Clock;
  /** Hears of jobs that broke their contract. */
  readonly log: Logger;
  /** Runs a function soon, outside of the caller's turn. */
  readonly defer?: (run: () => void) => void;
}

/** What an {@link ExecutionPool} has done, and is doing. */
export interface ExecutionPoolCounts {
  readonly waiting: number;
  readonly running: number;
  /** Lanes in memory: those with a job that waits or runs. */
  readonly lanes: number;
  /** Jobs taken in; each of them has ended, been dropped, or is waiting or running. */
  readonly accepted: number;
  readonly ended: number;
  /** Jobs that never ran: refused at once, dropped while waiting, or left at the end. */
  readonly droppedTelemetry: number;
  readonly droppedLifecycle: number;
}

/** About 10 MB of events: some seconds of a busy server whose hooks all hang. */
const defaultMaxWaiting = 10_000;

/** Five times that for what should not be lost: a stop that is never heard of leaves something running for ever. */
const defaultMaxWaitingAtAll = 50_000;

/** Starting a script takes most of a millisecond of the thread that serves media; after so much of it sockets have their turn. */
const maxStartMs = 2;

interface Entry {
  readonly job: Job;
  readonly lane: Lane;
  /** Number of the `run` it came with. */
  readonly event: number;
  place: Place<Entry> | undefined;
  telemetryPlace: Place<Entry> | undefined;
}

/** What belongs to one stream or connection, in order. */
interface Lane {
  readonly key: string | number;
  readonly waiting: LinkedQueue<Entry>;
  /** The event whose jobs run, or ran last. */
  event: number;
  running: number;
  /** Its place in the round robin, while one of its jobs may start. */
  turn: Place<Lane> | undefined;
}

/** The lane of an event: that of its stream, else of its connection, else none. */
export const laneOf = (event: HookEvent): string => event.stream_key || event.conn_id;

/**
 * Runs hooks beside the media: so many at once, and in order where order matters. Each lane is a queue of events; the jobs of one
 * event run side by side, those of the next one start when all of them have ended, so that the script of a publish_stop never
 * overtakes that of its publish_start. Lanes do not wait for each other, and get the free slots in turn, one job at a time.
 *
 * Nothing is ever awaited by the caller of `run`, and no timer runs while there is nothing to do.
 */
export class ExecutionPool {
  readonly #concurrency: number;
  readonly #maxWaiting: number;
  readonly #maxWaitingAtAll: number;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #defer: (run: () => void) => void;
  readonly #abort = new AbortController();
  readonly #lanes = new Map<string | number, Lane>();
  readonly #turns = new LinkedQueue<Lane>();
  readonly #telemetry = new LinkedQueue<Entry>();
  readonly #drains = new Set<(isIdle: boolean) => void>();
  #events = 0;
  #waiting = 0;
  #running = 0;
  #accepted = 0;
  #ended = 0;
  #droppedTelemetry = 0;
  #droppedLifecycle = 0;
  #isStartDue = false;

  constructor(options: ExecutionPoolOptions) {
    this.#concurrency = options.concurrency;
    this.#maxWaiting = options.maxWaiting ?? defaultMaxWaiting;
    this.#maxWaitingAtAll = options.maxWaitingAtAll ?? defaultMaxWaitingAtAll;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log;
    this.#defer = options.defer ?? setImmediate;
  }

  /** Numbers for logs and metrics, as of now. */
  get counts(): ExecutionPoolCounts {
    return {
      waiting: this.#waiting,
      running: this.#running,
      lanes: this.#lanes.size,
      accepted: this.#accepted,
      ended: this.#ended,
      droppedTelemetry: this.#droppedTelemetry,
      droppedLifecycle: this.#droppedLifecycle,
    };
  }

  /** True while nothing waits and nothing runs. */
  get isIdle(): boolean {
    return this.#waiting === 0 && this.#running === 0;
  }

  /**
   * Takes in the jobs of one event, behind those of earlier events of the same `lane`; an empty `lane` stands for one that no other
   * event is in. Nothing runs before this returns. What there is no room for is dropped: the telemetry that waits longest, or a
   * new job where none waits.
   */
  run(lane: string, jobs: readonly Job[]): void {
    const event = ++this.#events;
    for (const job of jobs) {
      if (this.#makeRoom(job)) this.#enqueue(job, lane === "" ? event : lane, event);
      else this.#countDrop(job);
    }
    this.#startSoon();
  }

  /** Gives true as soon as nothing waits nor runs, false if that takes longer than `timeoutMs`. Jobs may be added meanwhile. */
  drain(timeoutMs: number): Promise<boolean> {
    if (this.isIdle) return Promise.resolve(true);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const finish = (isIdle: boolean): void => {
      cancel();
      this.#drains.delete(finish);
      resolve(isIdle);
    };
    const cancel = this.#clock.after(timeoutMs, () => finish(false));
    this.#drains.add(finish);
    return promise;
  }

  /** Drops what waits, aborts what runs, and takes nothing in any more. `drain` tells when what ran has ended. */
  close(): void {
    for (const lane of [...this.#lanes.values()]) {
      for (let entry = lane.waiting.first; entry; entry = lane.waiting.first) this.#drop(entry);
    }
    this.#abort.abort();
    this.#tellIfIdle();
  }

  #makeRoom(job: Job): boolean {
    if (this.#abort.signal.aborted) return false;
    if (this.#waiting < this.#maxWaiting) return true;
    const oldest = this.#telemetry.first;
    if (oldest) this.#drop(oldest);
    return oldest !== undefined || (!job.isTelemetry && this.#waiting < this.#maxWaitingAtAll);
  }

  #enqueue(job: Job, key: string | number, event: number): void {
    let lane = this.#lanes.get(key);
    if (!lane) {
      lane = { key, waiting: new LinkedQueue(), event: 0, running: 0, turn: undefined };
      this.#lanes.set(key, lane);
    }
    const entry: Entry = { job, lane, event, place: undefined, telemetryPlace: undefined };
    entry.place = lane.waiting.push(entry);
    if (job.isTelemetry) entry.telemetryPlace = this.#telemetry.push(entry);
    this.#waiting++;
    this.#accepted++;
    this.#refresh(lane);
  }

  /** Takes an entry out of every queue it waits in. */
  #dequeue(entry: Entry): void {
    if (entry.place) entry.lane.waiting.remove(entry.place);
    if (entry.telemetryPlace) this.#telemetry.remove(entry.telemetryPlace);
    entry.place = undefined;
    entry.telemetryPlace = undefined;
    this.#waiting--;
  }

  #drop(entry: Entry): void {
    this.#dequeue(entry);
    this.#refresh(entry.lane);
    this.#countDrop(entry.job);
  }

  #countDrop(job: Job): void {
    if (job.isTelemetry) this.#droppedTelemetry++;
    else this.#droppedLifecycle++;
    job.dropped();
  }

  /** Lets the lane stand in the round robin exactly while it has a job that may start, and in memory while it has any. */
  #refresh(lane: Lane): void {
    const next = lane.waiting.first;
    const mayStart = next !== undefined && (lane.running === 0 || next.event === lane.event);
    if (mayStart) lane.turn ??= this.#turns.push(lane);
    else if (lane.turn) {
      this.#turns.remove(lane.turn);
      lane.turn = undefined;
    }
    if (!next && lane.running === 0) this.#lanes.delete(lane.key);
  }

  #startSoon(): void {
    if (this.#isStartDue || this.#turns.length === 0 || this.#running >= this.#concurrency) return;
    this.#isStartDue = true;
    this.#defer(this.#start);
  }

  readonly #start = (): void => {
    this.#isStartDue = false;
    const until = this.#clock.now() + maxStartMs;
    while (this.#running < this.#concurrency) {
      const lane = this.#turns.first;
      const entry = lane?.waiting.first;
      if (!lane || !entry) break;
      void this.#execute(lane, entry);
      if (this.#clock.now() >= until) break;
    }
    this.#startSoon();
  };

  async #execute(lane: Lane, entry: Entry): Promise<void> {
    this.#dequeue(entry);
    if (lane.turn) this.#turns.remove(lane.turn);
    lane.turn = undefined;
    lane.event = entry.event;
    lane.running++;
    this.#running++;
    this.#refresh(lane);
    try {
      await entry.job.run(this.#abort.signal);
    } catch (error) {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#log.error("a hook failed in a way it should not", { error: messageOf(error), stack });
    }
    lane.running--;
    this.#running--;
    this.#ended++;
    this.#refresh(lane);
    this.#startSoon();
    this.#tellIfIdle();
  }

  #tellIfIdle(): void {
    if (this.#drains.size > 0 && this.isIdle) for (const finish of [...this.#drains]) finish(true);
  }
}
