import type { Database } from "bun:sqlite";
import { TransportError } from "../../base/errors.ts";

/** The layout of the tables below. */
const version = 1;

/**
 * `streams` says whether sources are there, `keepers` how the processes of streams are kept (the worker's target is empty), `processes` which
 * of them run: a row is there before its process is.
 */
const tables = `
  CREATE TABLE IF NOT EXISTS streams (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS keepers (
    stream TEXT NOT NULL, target TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (stream, target)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS processes (
    launch TEXT PRIMARY KEY, stream TEXT NOT NULL, target TEXT NOT NULL, digest TEXT NOT NULL, started_at INTEGER NOT NULL,
    output_from INTEGER NOT NULL, pid INTEGER, start_time INTEGER, boot TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS targets (
    stream TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL, PRIMARY KEY (stream, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL, stream TEXT NOT NULL, source_type TEXT NOT NULL,
    source_id TEXT NOT NULL, query TEXT NOT NULL, verdict TEXT NOT NULL, request_id TEXT NOT NULL
  ) STRICT;
`;

/** Makes the tables where they are not there. @throws TransportError DISK for a file of a later version of the program */
export const prepareTables = (database: Database): void => {
  const { user_version: found } = database.query("PRAGMA user_version").get() as { user_version: number };
  if (found > version)
    throw new TransportError("DISK", `the state has layout ${found}, expected at most ${version}`);
  database.run(tables);
  database.run(`PRAGMA user_version = ${version}`);
};
