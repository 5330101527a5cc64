import type { Database } from "bun:sqlite";
import type { EventClass } from "../event/catalogue.ts";

/** A delivery with its event, as they lie in the store. */
export interface DeliveryRow {
  readonly row: number;
  readonly hook: string;
  readonly attempts: number;
  readonly due_at: number;
  readonly is_replay: number;
  readonly id: string;
  readonly type: string;
  readonly class: EventClass;
  readonly stream_key: string;
  readonly lane: string;
  readonly session_id: string;
  readonly at: number;
  readonly body: string;
}

/** Everything the store says to its database, prepared once. */
export const prepareStatements = (database: Database) => {
  const statement = <Row, Values extends (string | number | null)[]>(sql: string) =>
    database.prepare<Row, Values>(sql);
  const columns =
    "d.row, d.hook, d.attempts, d.due_at, d.is_replay, e.id, e.type, e.class, e.stream_key, e.lane, e.session_id, e.at, e.body";
  return {
    meta: statement<{ value: string }, [string]>("SELECT value FROM meta WHERE key = ?"),
    setMeta: statement<never, [string, string]>("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"),
    addEvent: statement<
      { number: number },
      [string, string, string, string, string, string, number, string, number]
    >(
      "INSERT OR IGNORE INTO events (id, type, class, stream_key, lane, session_id, at, body, claims) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
    ),
    addDelivery: statement<{ row: number }, [number, string]>(
      "INSERT INTO deliveries (event, hook, attempts, due_at, is_replay, history) VALUES (?, ?, 0, 0, 0, '[]') RETURNING row",
    ),
    load: statement<DeliveryRow, [string, number, number]>(
      `SELECT ${columns} FROM deliveries d JOIN events e ON e.number = d.event WHERE d.hook = ? AND d.row > ? ORDER BY d.row LIMIT ?`,
    ),
    history: statement<{ history: string }, [number]>("SELECT history FROM deliveries WHERE row = ?"),
    hooks: statement<{ hook: string }, []>("SELECT DISTINCT hook FROM deliveries"),
    rowsOf: statement<{ row: number }, [string, number]>(
      "SELECT row FROM deliveries WHERE hook = ? ORDER BY row LIMIT ?",
    ),
    putOff: statement<never, [number, number, string, number]>(
      "UPDATE deliveries SET attempts = ?, due_at = ?, history = ? WHERE row = ?",
    ),
    bury: statement<never, [string, number | null, string | null, number, number]>(
      `INSERT INTO dead_letters (event_id, type, class, stream_key, lane, session_id, at, body, hook, reason, attempts, history, died_at)
       SELECT e.id, e.type, e.class, e.stream_key, e.lane, e.session_id, e.at, e.body, d.hook, ?, coalesce(?, d.attempts),
       coalesce(?, d.history), ? FROM deliveries d JOIN events e ON e.number = d.event WHERE d.row = ?`,
    ),
    removeDelivery: statement<{ event: number }, [number]>(
      "DELETE FROM deliveries WHERE row = ? RETURNING event",
    ),
    unclaim: statement<never, [number]>("UPDATE events SET claims = claims - 1 WHERE number = ?"),
    removeEvent: statement<{ bytes: number }, [number]>(
      "DELETE FROM events WHERE number = ? AND claims <= 0 RETURNING octet_length(body) AS bytes",
    ),
    forgetOld: statement<never, [number]>("DELETE FROM dead_letters WHERE died_at < ?"),
    forgetSome: statement<never, [number]>(
      `DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM
       (SELECT id, sum(octet_length(body)) OVER (ORDER BY id DESC) AS total FROM dead_letters) WHERE total > ?)`,
    ),
  };
};
