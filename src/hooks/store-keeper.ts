import { mkdirSync, statSync } from "node:fs";
import { messageOf, TransportError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { Histogram, secondsBounds } from "../base/metrics.ts";
import type { Clock } from "../base/time.ts";
import { isCorruption } from "../sqlite/database-file.ts";
import type { DeadReason, Delivery, OutgoingEvent, Settlement } from "./delivery/delivery.ts";
import type { StoreReport, StoreSettings } from "./messages.ts";
import { storeFile } from "./store/database.ts";
import { DeliveryStore } from "./store/delivery-store.ts";
import type { KeptAttempt } from "./store/history.ts";
import type { OpenSession, SessionProgress } from "./store/session-journal.ts";

/** What a {@link StoreKeeper} is made of. */
export interface StoreKeeperOptions {
  readonly settings: StoreSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told when the store begins to fail, and when it works again. */
  readonly changed: (state: { readonly isWritable: boolean; readonly reason: string }) => void;
}

/** How often a store that failed is tried again, in milliseconds. */
const retryMs = 5_000;

/** How often old dead letters and free room are let go, in milliseconds. */
const pruneMs = 60_000;

/** Outcomes that wait for a disk that fails. Those beyond it are forgotten: their events are delivered twice. */
const maxUnwritten = 20_000;

/**
 * Keeps a store going. While the disk takes nothing, events are delivered from memory alone, as well as that goes, and what became of the
 * stored ones is remembered; as soon as it takes something again all is as before.
 */
export class StoreKeeper {
  readonly #options: StoreKeeperOptions;
  #store: DeliveryStore | undefined;
  /** Which file it is; undefined while there is none. */
  #inode: number | undefined;
  /** The greatest row that anybody was told of. */
  #lastRow = 0;
  #isWritable = true;
  #errors = 0;
  #retryAt = 0;
  #pruneAt: number;
  #unwritten: Settlement[] = [];
  /** Publishes that began and ended meanwhile, for the journal. */
  #unjournaled: OutgoingEvent[] = [];
  #progress: SessionProgress[] = [];
  #commitMs = 0;
  readonly #emitToCommit = new Histogram(secondsBounds);
  #lastReport: Pick<StoreReport, "pending" | "deadLetters" | "bytes" | "overflowed"> = {
    pending: 0,
    deadLetters: 0,
    bytes: 0,
    overflowed: 0,
  };

  constructor(options: StoreKeeperOptions) {
    this.#options = options;
    this.#pruneAt = options.clock.now() + pruneMs;
    this.#try(() => this.#open());
  }

  /** Whether there is a store. */
  get isOpen(): boolean {
    return this.#store !== undefined;
  }

  /** Where the store lies. */
  get directory(): string {
    return this.#options.settings.directory;
  }

  /** Publishes of the process before this one that never ended. */
  get openSessions(): readonly OpenSession[] {
    return this.#store?.openSessions ?? [];
  }

  /** Whether the process before this one ended in the middle of things. */
  get isRecovery(): boolean {
    return this.#store?.wasClean === false;
  }

  /** Deliveries that wait in the store. */
  get pending(): number {
    return this.#store?.pending ?? 0;
  }

  /** Writes events and outcomes. Gives the deliveries: with rows, or without where the disk does not take them. */
  commit({
    events,
    settlements,
  }: {
    events: readonly OutgoingEvent[];
    settlements: readonly Settlement[];
  }): Delivery[] {
    const progress = this.#progress.splice(0);
    const all = [...this.#unwritten.splice(0), ...settlements];
    if (events.length === 0 && all.length === 0 && progress.length === 0) return [];
    const startedAt = this.#options.clock.now();
    const stored = this.#isWritable
      ? this.#try(() => this.#store?.commit({ events, settlements: all, progress }))
      : undefined;
    this.#commitMs = Math.max(this.#commitMs, this.#options.clock.now() - startedAt);
    if (stored) {
      this.#noteDelays(events);
      return this.#told(stored);
    }
    this.#unwritten = all.slice(-maxUnwritten);
    const turns = events.filter(isOfJournal).map((event) => ({ ...event, hooks: [] }));
    this.#unjournaled = [...this.#unjournaled, ...turns].slice(-maxUnwritten);
    return events.flatMap(({ hooks, ...event }) =>
      hooks.map((hookId) => ({ row: undefined, hookId, event, attempts: 0, dueAt: 0, isReplay: false })),
    );
  }

  /** Notes how far publishes are; written with the next commit. */
  progress(sessions: readonly SessionProgress[]): void {
    this.#progress = [...sessions];
  }

  /** Deliveries of a hook behind a row; none while the disk fails. */
  load(hookId: string, afterRow: number, limit: number): readonly Delivery[] {
    return this.#told(this.#try(() => this.#store?.load(hookId, afterRow, limit)) ?? []);
  }

  /** The attempts that are remembered of a delivery. */
  attemptsOf(delivery: Delivery): readonly KeptAttempt[] {
    return this.#try(() => this.#store?.attemptsOf(delivery)) ?? [];
  }

  /** Hooks that deliveries wait for. */
  hookIds(): readonly string[] {
    return this.#try(() => this.#store?.hookIds()) ?? [];
  }

  /** Makes dead letters of all that waits for a hook. Gives how many. */
  bury(hookId: string, reason: DeadReason): number {
    return this.#try(() => this.#store?.bury(hookId, reason)) ?? 0;
  }

  /** To be called about once a second: tries a store that failed again, and lets go of what is old. Gives true where there may be more to deliver. */
  tend(): boolean {
    const now = this.#options.clock.now();
    if (!this.#isWritable && now >= this.#retryAt) return this.#recover();
    if (!this.#store || !this.#isWritable) return false;
    if (now >= this.#pruneAt) {
      this.#pruneAt = now + pruneMs;
      this.#commitMs = 0;
      this.#try(() => this.#store?.prune());
    }
    this.#try(() => {
      if (!this.#isInPlace()) this.#rescue();
    });
    return this.#try(() => this.#store?.hasOutsideChange()) ?? false;
  }

  /** How full the store is, in per cent. */
  get percent(): number {
    return 100 * (this.#store?.fill ?? 0);
  }

  /** How the store does. */
  report(): StoreReport {
    this.#lastReport = this.#try(() => this.#store?.counts()) ?? this.#lastReport;
    return {
      ...this.#lastReport,
      isWritable: this.#isWritable,
      isNearlyFull: this.#store?.isNearlyFull ?? false,
      errors: this.#errors,
      commitMs: this.#commitMs,
      emitToCommit: { counts: [...this.#emitToCommit.counts], sum: this.#emitToCommit.sum },
    };
  }

  /** By the wall clock, as the other thread dated them: a step of it counts as no delay. */
  #noteDelays(events: readonly OutgoingEvent[]): void {
    const now = this.#options.clock.date().getTime();
    for (const { at } of events) this.#emitToCommit.observe(Math.max(0, now - at) / 1_000);
  }

  /** Writes what is left, and closes the file. */
  close(): void {
    this.commit({ events: [], settlements: [] });
    this.#try(() => this.#store?.close());
    this.#store = undefined;
  }

  #open(): void {
    const { settings, clock, log } = this.#options;
    // What becomes of deliveries of a store that was damaged must not be taken for the fate of those of this one.
    this.#store = DeliveryStore.open({ ...settings, clock, log, rowsAfter: this.#lastRow });
    this.#inode = inodeOf(storeFile(settings.directory));
  }

  #told(deliveries: Delivery[]): Delivery[] {
    this.#lastRow = deliveries.reduce((last, { row = 0 }) => Math.max(last, row), this.#lastRow);
    return deliveries;
  }

  #isInPlace(): boolean {
    return inodeOf(storeFile(this.#options.settings.directory)) === this.#inode;
  }

  /** Somebody removed the file. The system keeps what is in it only until this process ends, so it is written once more. */
  #rescue(): void {
    const { settings, log } = this.#options;
    const file = storeFile(settings.directory);
    if (inodeOf(file) !== undefined)
      throw new TransportError("DISK", `${JSON.stringify(file)} was replaced by another file`);
    mkdirSync(settings.directory, { recursive: true, mode: 0o700 });
    this.#store?.copyTo(file);
    this.#store?.abandon();
    this.#store = undefined;
    this.#open();
    log.warn("hook store was removed, it is written anew", { file });
  }

  #recover(): boolean {
    const works = this.#try(() => {
      if (!this.#store) this.#open();
      else if (!this.#isInPlace()) this.#rescue();
      // Asks the disk, with what has waited for it longest.
      this.#store?.commit({ events: this.#unjournaled, settlements: this.#unwritten });
      return true;
    });
    if (!works) return false;
    this.#unwritten = [];
    this.#unjournaled = [];
    this.#isWritable = true;
    this.#options.changed({ isWritable: true, reason: "the disk takes events again" });
    return true;
  }

  /** Does something with the store; undefined where that fails, and then the store is out of use for a while. */
  #try<Value>(use: () => Value): Value | undefined {
    try {
      return use();
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #failed(error: unknown): void {
    this.#errors++;
    // Whoever looks meanwhile does not put off the next try.
    const now = this.#options.clock.now();
    if (this.#isWritable || now >= this.#retryAt) this.#retryAt = now + retryMs;
    const cause = error instanceof Error ? error.cause : undefined;
    if (isCorruption(error) || isCorruption(cause)) {
      // Opened again, it is set aside, and a new one is begun.
      this.#store?.abandon();
      this.#store = undefined;
    }
    if (!this.#isWritable) return;
    this.#isWritable = false;
    this.#options.changed({ isWritable: false, reason: messageOf(error) });
  }
}

/** Which file it is; undefined where there is none. */
const inodeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.ino;

/** Publishes are noted even where no durable hook hears of their start: one may hear of their end. */
export const isOfJournal = ({ type }: Pick<OutgoingEvent, "type">): boolean =>
  type === "publish_start" || type === "publish_stop";
