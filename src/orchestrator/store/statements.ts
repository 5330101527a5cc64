import type { Database } from "bun:sqlite";

interface LaunchRow {
  readonly launch: string;
  readonly stream: string;
  readonly target: string;
  readonly digest: string;
  readonly started_at: number;
  readonly output_from: number;
  readonly pid: number | null;
  readonly start_time: number | null;
  readonly boot: string | null;
}

interface EventRow {
  readonly number: number;
  readonly at: number;
  readonly kind: string;
  readonly path: string;
  readonly stream: string;
  readonly source_type: string;
  readonly source_id: string;
  readonly query: string;
  readonly verdict: string;
  readonly request_id: string;
}

/** Everything the store says to its database, prepared once. */
export const prepareStatements = (database: Database) => {
  const statement = <Row, Values extends (string | number)[]>(sql: string) =>
    database.prepare<Row, Values>(sql);
  return {
    streams: statement<{ id: string; record: string }, []>("SELECT * FROM streams ORDER BY id"),
    saveStream: statement<never, [string, string]>(
      "INSERT OR REPLACE INTO streams (id, record) VALUES (?, ?)",
    ),
    deleteStream: statement<never, [string]>("DELETE FROM streams WHERE id = ?"),
    keepers: statement<{ stream: string; target: string; record: string }, []>("SELECT * FROM keepers"),
    saveKeeper: statement<never, [string, string, string]>(
      "INSERT OR REPLACE INTO keepers (stream, target, record) VALUES (?, ?, ?)",
    ),
    deleteKeeper: statement<never, [string, string]>("DELETE FROM keepers WHERE stream = ? AND target = ?"),
    deleteKeepers: statement<never, [string]>("DELETE FROM keepers WHERE stream = ?"),
    launches: statement<LaunchRow, []>("SELECT * FROM processes ORDER BY started_at"),
    beginLaunch: statement<never, [string, string, string, string, number, number]>(
      "INSERT INTO processes (launch, stream, target, digest, started_at, output_from) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    noteProcess: statement<never, [number, number, string, string]>(
      "UPDATE processes SET pid = ?, start_time = ?, boot = ? WHERE launch = ?",
    ),
    endLaunch: statement<never, [string]>("DELETE FROM processes WHERE launch = ?"),
    targets: statement<{ stream: string; name: string; url: string }, []>("SELECT * FROM targets"),
    putTarget: statement<never, [string, string, string]>(
      "INSERT OR REPLACE INTO targets (stream, name, url) VALUES (?, ?, ?)",
    ),
    deleteTarget: statement<never, [string, string]>("DELETE FROM targets WHERE stream = ? AND name = ?"),
    events: statement<EventRow, [number, number]>(
      "SELECT * FROM events WHERE number < ? ORDER BY number DESC LIMIT ?",
    ),
    addEvent: statement<
      { number: number },
      [number, string, string, string, string, string, string, string, string]
    >(
      `INSERT INTO events (at, kind, path, stream, source_type, source_id, query, verdict, request_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number`,
    ),
    forgetEvents: statement<never, [number]>("DELETE FROM events WHERE number <= ?"),
  };
};
