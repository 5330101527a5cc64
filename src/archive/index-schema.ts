import type { Database } from "bun:sqlite";

/** The layout of the tables below. Everything in them can be found again: a file of another layout is emptied. */
const version = 1;

/**
 * An archive is what one template names. `changed_at` of a folder is when it had changed last as its names were read, in Unix milliseconds:
 * 0 where they have to be read again. A segment without a `link` has nothing to be played; else it says how the segment is joined to the
 * one before it, and `line` where it begins on its line of times. `seen` is how far the file was looked at.
 */
const tables = `
  CREATE TABLE IF NOT EXISTS archives (
    id INTEGER PRIMARY KEY, template TEXT NOT NULL UNIQUE, is_known INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS folders (
    id INTEGER PRIMARY KEY, archive INTEGER NOT NULL, parent INTEGER NOT NULL, place TEXT NOT NULL,
    changed_at REAL NOT NULL DEFAULT 0, UNIQUE (archive, place)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS folders_by_parent ON folders (parent);
  CREATE TABLE IF NOT EXISTS paths (
    id INTEGER PRIMARY KEY, archive INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (archive, name)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS segments (
    id INTEGER PRIMARY KEY, path INTEGER NOT NULL, folder INTEGER NOT NULL, file TEXT NOT NULL, start INTEGER NOT NULL,
    is_local INTEGER NOT NULL DEFAULT 1, remote TEXT,
    size INTEGER NOT NULL DEFAULT -1, changed_at REAL NOT NULL DEFAULT 0, seen INTEGER NOT NULL DEFAULT 0,
    is_settled INTEGER NOT NULL DEFAULT 0, fault TEXT NOT NULL DEFAULT '',
    duration REAL NOT NULL DEFAULT 0, kind TEXT NOT NULL DEFAULT 'tracks', stream TEXT NOT NULL DEFAULT '',
    number INTEGER NOT NULL DEFAULT 0, line REAL NOT NULL DEFAULT 0, link TEXT,
    UNIQUE (folder, file)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS segments_by_start ON segments (path, start, size, is_local);
  CREATE INDEX IF NOT EXISTS segments_playable ON segments (path, start) WHERE link IS NOT NULL;
  CREATE INDEX IF NOT EXISTS segments_that_begin ON segments (path, start) WHERE link IN ('begins', 'clock');
  CREATE INDEX IF NOT EXISTS segments_unsettled ON segments (path, start) WHERE is_settled = 0 AND is_local = 1;
  CREATE INDEX IF NOT EXISTS segments_unseen ON segments (path, start) WHERE is_settled = 0 AND is_local = 0;
  CREATE INDEX IF NOT EXISTS segments_stored ON segments (path, start) WHERE remote IS NOT NULL;
`;

/** Makes the tables where they are not there. */
export const prepareIndex = (database: Database): void => {
  const { user_version: found } = database.query("PRAGMA user_version").get() as { user_version: number };
  if (found !== version)
    for (const table of ["archives", "folders", "paths", "segments"])
      database.run(`DROP TABLE IF EXISTS ${table}`);
  database.run(tables);
  database.run(`PRAGMA user_version = ${version}`);
};
