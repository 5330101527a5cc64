import type { Database } from "bun:sqlite";
import { TransportError } from "../../base/errors.ts";
import { diskError } from "../../sqlite/database-file.ts";
import type { DeadReason } from "../delivery/delivery.ts";
import { openExistingDatabase } from "./database.ts";
import { type KeptAttempt, readHistory } from "./history.ts";

/** An event that a hook did not get. */
export interface DeadLetter {
  readonly id: number;
  readonly eventId: string;
  readonly type: string;
  readonly streamKey: string;
  readonly hookId: string;
  readonly reason: DeadReason;
  readonly attempts: number;
  readonly history: readonly KeptAttempt[];
  /** Unix times in milliseconds: of the event, and of when it was given up. */
  readonly at: number;
  readonly diedAt: number;
  /** The event as JSON, as it was sent. */
  readonly body: string;
}

/** Which dead letters are meant: those that fulfil all that is said. */
export interface DeadLetterFilter {
  /** Of the dead letter, or of its event. */
  readonly id?: string;
  readonly hookId?: string;
  readonly type?: string;
  /** The stream key. */
  readonly stream?: string;
  readonly reason?: string;
  /** Given up at or after this Unix time in milliseconds. */
  readonly since?: number;
}

interface Row {
  readonly id: number;
  readonly event_id: string;
  readonly type: string;
  readonly stream_key: string;
  readonly hook: string;
  readonly reason: DeadReason;
  readonly attempts: number;
  readonly history: string;
  readonly at: number;
  readonly died_at: number;
  readonly body: string;
}

const letterOf = (row: Row): DeadLetter => ({
  id: row.id,
  eventId: row.event_id,
  type: row.type,
  streamKey: row.stream_key,
  hookId: row.hook,
  reason: row.reason,
  attempts: row.attempts,
  history: readHistory(row.history),
  at: row.at,
  diedAt: row.died_at,
  body: row.body,
});

/** The condition of a filter, and the values in it. */
const whereOf = (filter: DeadLetterFilter): { sql: string; values: (string | number)[] } => {
  const parts: [sql: string, values: (string | number)[]][] = [["1 = 1", []]];
  if (filter.id !== undefined)
    parts.push(
      /^\d{1,15}$/.test(filter.id) ? ["id = ?", [Number(filter.id)]] : ["event_id = ?", [filter.id]],
    );
  if (filter.hookId !== undefined) parts.push(["hook = ?", [filter.hookId]]);
  if (filter.type !== undefined) parts.push(["type = ?", [filter.type]]);
  if (filter.stream !== undefined) parts.push(["stream_key = ?", [filter.stream]]);
  if (filter.reason !== undefined) parts.push(["reason = ?", [filter.reason]]);
  if (filter.since !== undefined) parts.push(["died_at >= ?", [filter.since]]);
  return { sql: parts.map(([sql]) => sql).join(" AND "), values: parts.flatMap(([, values]) => values) };
};

/**
 * The events that were given up. Works on the store of a server that runs, from another process too, and on that of one that does not:
 * the server notices what was sent again.
 */
export class DeadLetters implements Disposable {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Opens those of a directory. @throws TransportError DISK where there is no store */
  static open(directory: string): DeadLetters {
    return new DeadLetters(openExistingDatabase(directory));
  }

  /** Those that fit, the oldest first unless told otherwise. */
  list(
    filter: DeadLetterFilter,
    page: { limit: number; offset?: number; isNewestFirst?: boolean } = { limit: 100 },
  ): DeadLetter[] {
    const { sql, values } = whereOf(filter);
    const direction = page.isNewestFirst ? "DESC" : "ASC";
    return this.#guard(() =>
      this.#database
        .prepare<Row, (string | number)[]>(
          `SELECT * FROM dead_letters WHERE ${sql} ORDER BY id ${direction} LIMIT ? OFFSET ?`,
        )
        .all(...values, page.limit, page.offset ?? 0)
        .map(letterOf),
    );
  }

  /** How many fit. */
  count(filter: DeadLetterFilter = {}): number {
    const { sql, values } = whereOf(filter);
    return this.#guard(
      () =>
        this.#database
          .prepare<{ count: number }, (string | number)[]>(
            `SELECT count(*) AS count FROM dead_letters WHERE ${sql}`,
          )
          .get(...values)?.count ?? 0,
    );
  }

  /** Puts those that fit back into the queues of their hooks, as new as on their first day. Gives how many. */
  replay(filter: DeadLetterFilter): number {
    const { sql, values } = whereOf(filter);
    return this.#transaction(() => {
      const letters = this.#database
        .prepare<Row & { class: string; lane: string; session_id: string }, (string | number)[]>(
          `SELECT * FROM dead_letters WHERE ${sql} ORDER BY id`,
        )
        .all(...values);
      const addEvent = this.#database.prepare(
        `INSERT INTO events (id, type, class, stream_key, lane, session_id, at, body, claims) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
         ON CONFLICT (id) DO UPDATE SET claims = claims + 1, at = excluded.at`,
      );
      const numberOf = this.#database.prepare<{ number: number }, [string]>(
        "SELECT number FROM events WHERE id = ?",
      );
      const addDelivery = this.#database.prepare(
        "INSERT INTO deliveries (event, hook, attempts, due_at, is_replay, history) VALUES (?, ?, 0, 0, 1, '[]')",
      );
      const remove = this.#database.prepare("DELETE FROM dead_letters WHERE id = ?");
      // Its age begins anew: it would be too old at once otherwise.
      const now = Date.now();
      for (const letter of letters) {
        const { event_id, type, class: eventClass, stream_key, lane, session_id, body } = letter;
        addEvent.run(event_id, type, eventClass, stream_key, lane, session_id, now, body);
        addDelivery.run(numberOf.get(event_id)?.number ?? 0, letter.hook);
        remove.run(letter.id);
      }
      return letters.length;
    });
  }

  /** Removes those that fit for good. Gives how many. */
  purge(filter: DeadLetterFilter): number {
    const { sql, values } = whereOf(filter);
    return this.#transaction(
      () => this.#database.prepare(`DELETE FROM dead_letters WHERE ${sql}`).run(...values).changes,
    );
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #transaction<Value>(write: () => Value): Value {
    return this.#guard(() => this.#database.transaction(write).immediate());
  }

  #guard<Value>(run: () => Value): Value {
    try {
      return run();
    } catch (error) {
      throw error instanceof TransportError ? error : diskError(error);
    }
  }
}
