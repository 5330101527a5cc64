import type { Database } from "bun:sqlite";
import { TransportError } from "../../base/errors.ts";

/** The layout of the tables below. */
const version = 1;

/**
 * An event lies once in `events`, whatever the number of hooks; a delivery is one hook's claim to it. `sequence` keeps the numbers of
 * deliveries growing for ever. A dead letter holds everything itself.
 */
const tables = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, class TEXT NOT NULL, stream_key TEXT NOT NULL,
    lane TEXT NOT NULL, session_id TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, claims INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS deliveries (
    row INTEGER PRIMARY KEY AUTOINCREMENT, event INTEGER NOT NULL, hook TEXT NOT NULL, attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL, is_replay INTEGER NOT NULL, history TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS deliveries_of_hook ON deliveries (hook, row);
  CREATE TABLE IF NOT EXISTS dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, type TEXT NOT NULL, class TEXT NOT NULL, stream_key TEXT NOT NULL,
    lane TEXT NOT NULL, session_id TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, hook TEXT NOT NULL,
    reason TEXT NOT NULL, attempts INTEGER NOT NULL, history TEXT NOT NULL, died_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sessions (
    session_id TEXT PRIMARY KEY, stream_key TEXT NOT NULL, started_at INTEGER NOT NULL, body TEXT NOT NULL,
    duration_ms INTEGER NOT NULL, bytes_received INTEGER NOT NULL, audio_packets INTEGER NOT NULL, video_packets INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** Makes the tables where they are not there. @throws TransportError DISK for a file of a later version of the server */
export const prepareTables = (database: Database): void => {
  const { user_version: found } = database.query("PRAGMA user_version").get() as { user_version: number };
  if (found > version)
    throw new TransportError("DISK", `the store of events has layout ${found}, expected at most ${version}`);
  database.run(tables);
  database.run(`PRAGMA user_version = ${version}`);
};
