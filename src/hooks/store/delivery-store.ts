import type { Database } from "bun:sqlite";
import type { Logger } from "../../base/log.ts";
import type { Clock } from "../../base/time.ts";
import { diskError } from "../../sqlite/database-file.ts";
import type { DeadReason, Delivery, OutgoingEvent, Settlement } from "../delivery/delivery.ts";
import type { EventClass } from "../event/catalogue.ts";
import { openDatabase } from "./database.ts";
import { type KeptAttempt, readHistory, withAttempt } from "./history.ts";
import { type OpenSession, SessionJournal, type SessionProgress } from "./session-journal.ts";
import { type DeliveryRow, prepareStatements } from "./statements.ts";

/** What a {@link DeliveryStore} is made of. */
export interface DeliveryStoreOptions {
  readonly directory: string;
  /** The most bytes of events that may wait. Dead letters have a bound of their own. */
  readonly maxBytes: number;
  /** The most deliveries that may wait. */
  readonly maxRows: number;
  /** The most bytes of dead letters that are kept; 1 GiB by default. */
  readonly maxDeadBytes?: number;
  /** Rows of deliveries are greater than this one: those of a store before this one may still be spoken of. */
  readonly rowsAfter?: number;
  /** Whether a commit waits for the disk itself, so that it survives the loss of power too. */
  readonly isFull?: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is written in one transaction. */
export interface Commit {
  readonly events?: readonly OutgoingEvent[];
  readonly settlements?: readonly Settlement[];
  readonly progress?: readonly SessionProgress[];
}

/** What lies in the store. */
export interface StoreCounts {
  readonly pending: number;
  readonly deadLetters: number;
  readonly bytes: number;
  /** Deliveries that became dead letters at once, because there was no room. */
  readonly overflowed: number;
}

/** As the store fills up, telemetry stays out first, then errors, then everything. */
const roomFor: Readonly<Record<EventClass, number>> = { telemetry: 0.9, error: 0.95, lifecycle: 1 };

/** From here on somebody should look. */
const nearlyFull = 0.8;

/** Dead letters are kept this long, and in all so large. */
const deadLetterMaxAgeMs = 7 * 24 * 3_600_000;
const deadLetterMaxBytes = 1024 ** 3;

/** Pages given back to the file system at a time. */
const vacuumPages = 1_000;

/** After so long it is enough for this time. */
const shrinkMs = 200;

/** Deliveries that become dead letters in one transaction. */
const buryRows = 5_000;

const countPending = "SELECT count(*) AS value FROM deliveries";
const sumWaiting = "SELECT coalesce(sum(octet_length(body)), 0) AS value FROM events";

/** Has the numbers of deliveries go on behind `row`. */
const skipRows = (database: Database, row: number): void => {
  database.run(
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'deliveries', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'deliveries')",
  );
  database.run("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'deliveries'", [row]);
};

const deliveryOf = (row: DeliveryRow): Delivery => ({
  row: row.row,
  hookId: row.hook,
  attempts: row.attempts,
  dueAt: row.due_at,
  isReplay: row.is_replay === 1,
  event: {
    id: row.id,
    type: row.type,
    class: row.class,
    streamKey: row.stream_key,
    lane: row.lane,
    sessionId: row.session_id,
    at: row.at,
    body: row.body,
  },
});

/**
 * The events that are promised to arrive, in a SQLite file (WAL). What is committed survives the end of the process at any moment. All
 * calls are synchronous and touch the disk, so this lives on a thread of its own; several commits' worth in one is what makes it fast.
 *
 * An event comes in once, as one claim for each of its hooks, and leaves with the last of them: delivered, or as a dead letter.
 */
export class DeliveryStore {
  /** Publishes that were under way when the process before this one ended. */
  readonly openSessions: readonly OpenSession[];
  /** Whether the process before this one ended in good order; true where there was none. */
  readonly wasClean: boolean;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #limits: { readonly maxBytes: number; readonly maxRows: number; readonly maxDeadBytes: number };
  readonly #sessions: SessionJournal;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #pending: number;
  /** Bytes of the events that wait, and those of the file. */
  #waiting: number;
  #bytes = 0;
  #overflowed = 0;
  #dataVersion: number;

  private constructor(database: Database, options: DeliveryStoreOptions) {
    const { clock, maxBytes, maxRows, maxDeadBytes = deadLetterMaxBytes } = options;
    this.#database = database;
    this.#clock = clock;
    this.#limits = { maxBytes, maxRows, maxDeadBytes };
    if (options.isFull) database.run("PRAGMA synchronous = FULL");
    if (options.rowsAfter) skipRows(database, options.rowsAfter);
    this.#sessions = new SessionJournal(database);
    this.#statements = prepareStatements(database);
    this.openSessions = this.#sessions.open();
    this.wasClean = this.#meta("state") !== "running";
    this.#statements.setMeta.run("state", "running");
    this.#pending = this.#number(countPending);
    this.#waiting = this.#number(sumWaiting);
    this.#dataVersion = this.#number("PRAGMA data_version");
    this.#measure();
  }

  /** Opens the store of a directory, or begins one. @throws TransportError DISK */
  static open(options: DeliveryStoreOptions): DeliveryStore {
    const database = openDatabase(options.directory, { log: options.log, now: options.clock.date() });
    try {
      return new DeliveryStore(database, options);
    } catch (error) {
      database.close();
      throw diskError(error);
    }
  }

  /** Deliveries that wait. */
  get pending(): number {
    return this.#pending;
  }

  /** Whether somebody should look before it is full. */
  get isNearlyFull(): boolean {
    return this.fill >= nearlyFull;
  }

  /**
   * Writes everything in one transaction, or nothing of it. Gives the deliveries of the new events, in their order. An event whose id lies
   * here already is not taken twice.
   * @throws TransportError DISK
   */
  commit({ events = [], settlements = [], progress = [] }: Commit): Delivery[] {
    const added: Delivery[] = [];
    this.#transaction(() => {
      for (const event of events) this.#accept(event, added);
      for (const settlement of settlements) this.#settle(settlement);
      this.#sessions.progress(progress);
    });
    return added;
  }

  /** Up to `limit` deliveries of a hook behind `afterRow`, in their order. @throws TransportError DISK */
  load(hookId: string, afterRow: number, limit: number): Delivery[] {
    try {
      return this.#statements.load.all(hookId, afterRow, limit).map(deliveryOf);
    } catch (error) {
      throw diskError(error);
    }
  }

  /** The attempts that are remembered of a delivery, the oldest first. */
  attemptsOf({ row }: Delivery): KeptAttempt[] {
    return row === undefined ? [] : readHistory(this.#statements.history.get(row)?.history ?? "[]");
  }

  /** Hooks that deliveries wait for. */
  hookIds(): string[] {
    return this.#statements.hooks.all().map(({ hook }) => hook);
  }

  /** Makes dead letters of all that waits for a hook. Gives how many. @throws TransportError DISK */
  bury(hookId: string, reason: DeadReason): number {
    // In pieces: a command line beside us waits five seconds at most, and the journal stays small.
    const before = this.#pending;
    for (;;) {
      const rows = this.#rowsOf(hookId);
      if (rows.length === 0) return before - this.#pending;
      this.#transaction(() => {
        for (const { row } of rows) this.#die(row, { reason });
      });
    }
  }

  /** Whether another process has written to the store since the last time this was asked. */
  hasOutsideChange(): boolean {
    const version = this.#number("PRAGMA data_version");
    if (version === this.#dataVersion) return false;
    this.#dataVersion = version;
    this.#pending = this.#number(countPending);
    this.#waiting = this.#number(sumWaiting);
    return true;
  }

  /** Lets go of dead letters that are too old or too many, and gives room that is not used back to the file system. */
  prune(): void {
    this.#transaction(() => {
      const oldest = this.#clock.date().getTime() - deadLetterMaxAgeMs;
      this.#statements.forgetOld.run(oldest);
      this.#statements.forgetSome.run(this.#limits.maxDeadBytes);
    });
    this.#shrink();
    this.#measure();
  }

  /** What lies here. */
  counts(): StoreCounts {
    this.#measure();
    return {
      pending: this.#pending,
      deadLetters: this.#number("SELECT count(*) AS value FROM dead_letters"),
      bytes: this.#bytes,
      overflowed: this.#overflowed,
    };
  }

  /** Writes all of it into a new file. @throws TransportError DISK where there is one already, or it cannot be written */
  copyTo(file: string): void {
    try {
      this.#database.run("VACUUM INTO ?", [file]);
    } catch (error) {
      throw diskError(error);
    }
  }

  /** Notes a good end, and closes the file. */
  close(): void {
    try {
      this.#statements.setMeta.run("state", "closed");
      this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      this.#database.close();
    }
  }

  /** Lets go of a file that is damaged. */
  abandon(): void {
    try {
      this.#database.close();
    } catch {
      // It is of no more use either way.
    }
  }

  // ---- inside a transaction ------------------------------------------------------------------------------------

  #transaction(write: () => void): void {
    const before = { pending: this.#pending, waiting: this.#waiting, overflowed: this.#overflowed };
    try {
      this.#database.run("BEGIN IMMEDIATE");
      try {
        write();
        this.#database.run("COMMIT");
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    } catch (error) {
      this.#pending = before.pending;
      this.#waiting = before.waiting;
      this.#overflowed = before.overflowed;
      throw diskError(error);
    }
  }

  #rollBack(): void {
    try {
      this.#database.run("ROLLBACK");
    } catch {
      // Some faults end the transaction by themselves.
    }
  }

  #accept(event: OutgoingEvent, added: Delivery[]): void {
    this.#sessions.note(event);
    if (event.hooks.length === 0) return;
    const { hooks, ...kept } = event;
    const isOverflow = this.fill >= roomFor[event.class];
    const { id, type, class: eventClass, streamKey, lane, sessionId, at, body } = event;
    const inserted = this.#statements.addEvent.get(
      id,
      type,
      eventClass,
      streamKey,
      lane,
      sessionId,
      at,
      body,
      hooks.length,
    );
    if (!inserted) return;
    this.#waiting += Buffer.byteLength(body);
    for (const hookId of hooks) {
      const { row } = this.#statements.addDelivery.get(inserted.number, hookId) ?? { row: 0 };
      this.#pending++;
      if (isOverflow) {
        this.#overflowed++;
        this.#die(row, { reason: "overflow" });
      } else added.push({ row, hookId, event: kept, attempts: 0, dueAt: 0, isReplay: false });
    }
  }

  #settle(settlement: Settlement): void {
    const { delivery, attempt } = settlement;
    const { row } = delivery;
    if (row === undefined) return;
    switch (settlement.kind) {
      case "delivered":
        this.#release(row);
        return;
      case "deferred": {
        const before = this.#statements.history.get(row)?.history ?? "[]";
        this.#statements.putOff.run(
          delivery.attempts,
          Math.round(delivery.dueAt),
          withAttempt(before, attempt),
          row,
        );
        return;
      }
      case "dead": {
        const before = this.#statements.history.get(row)?.history ?? "[]";
        this.#die(row, {
          reason: settlement.reason,
          attempts: delivery.attempts,
          history: withAttempt(before, attempt),
        });
      }
    }
  }

  #die(row: number, { reason, ...ended }: { reason: DeadReason; attempts?: number; history?: string }): void {
    const { attempts = null, history = null } = ended;
    this.#statements.bury.run(reason, attempts, history, this.#clock.date().getTime(), row);
    this.#release(row);
  }

  /** Takes a delivery out, and its event with the last of them. */
  #release(row: number): void {
    const claim = this.#statements.removeDelivery.get(row);
    // Somebody else has removed it: a command line, or a commit whose success was not heard.
    if (!claim) return;
    this.#pending--;
    this.#statements.unclaim.run(claim.event);
    this.#waiting -= this.#statements.removeEvent.get(claim.event)?.bytes ?? 0;
  }

  // ---- small things --------------------------------------------------------------------------------------------

  /** How full it is, 0 to 1. */
  get fill(): number {
    return Math.max(this.#pending / this.#limits.maxRows, this.#waiting / this.#limits.maxBytes);
  }

  #rowsOf(hookId: string): { readonly row: number }[] {
    try {
      return this.#statements.rowsOf.all(hookId, buryRows);
    } catch (error) {
      throw diskError(error);
    }
  }

  /** Gives free pages back, a few at a time and not for long: others wait meanwhile. */
  #shrink(): void {
    const until = this.#clock.now() + shrinkMs;
    for (let free = this.#number("PRAGMA freelist_count"); free > 0 && this.#clock.now() < until; ) {
      this.#database.run(`PRAGMA incremental_vacuum(${vacuumPages})`);
      const left = this.#number("PRAGMA freelist_count");
      if (left >= free) return;
      free = left;
    }
  }

  #measure(): void {
    const free = this.#number("PRAGMA freelist_count");
    this.#bytes = (this.#number("PRAGMA page_count") - free) * this.#number("PRAGMA page_size");
  }

  #number(sql: string): number {
    const row = this.#database.query(sql).get() as Record<string, number>;
    return Number(Object.values(row)[0]);
  }

  #meta(key: string): string | undefined {
    return this.#statements.meta.get(key)?.value;
  }
}
