import type { Database } from "bun:sqlite";

/** A folder of an archive: `place` is its path below the root, empty for the root itself. */
export interface FolderRow {
  readonly id: number;
  readonly place: string;
  readonly changed_at: number;
}

/** A file that has to be looked into, and what was found the last time. */
export interface UnsettledRow {
  readonly id: number;
  readonly path: number;
  readonly start: number;
  readonly place: string;
  readonly file: string;
  readonly remote: string | null;
  readonly size: number;
  readonly changed_at: number;
  readonly seen: number;
  readonly duration: number;
  readonly fault: string;
}

/** A segment that can be played. */
export interface PlayableRow {
  readonly id: number;
  readonly start: number;
  readonly place: string;
  readonly file: string;
  readonly is_local: number;
  readonly remote: string | null;
  readonly size: number;
  readonly duration: number;
  readonly kind: string;
  readonly stream: string;
  readonly number: number;
  readonly line: number;
  readonly link: string;
}

/** A segment by its name. */
export interface NamedRow {
  readonly id: number;
  readonly path: number;
  readonly start: number;
  readonly place: string;
  readonly file: string;
  readonly is_local: number;
  readonly remote: string | null;
  readonly size: number;
  readonly changed_at: number;
  readonly is_settled: number;
}

/** A segment that another continues not, or by the clock alone, with the one in front of it. */
export type KnotValues = [
  start: number,
  line: number,
  link: string,
  beforeStart: number | null,
  beforeLine: number | null,
  beforeDuration: number | null,
  id: number,
];

const named =
  "s.id, s.path, s.start, f.place, s.file, s.is_local, s.remote, s.size, s.changed_at, s.is_settled";
const playable = "s.id, s.start, f.place, s.file, s.is_local, s.remote, s.size, s.duration";
const joins = "s.kind, s.stream, s.number, s.line, s.link";
const waiting =
  "s.id, s.path, s.start, f.place, s.file, s.remote, s.size, s.changed_at, s.seen, s.duration, s.fault";
const withFolder = "segments s JOIN folders f ON f.id = s.folder";

const knot = `s.start, s.line, s.link, p.start, p.line, p.duration, s.id FROM segments s LEFT JOIN segments p ON p.id = (
  SELECT b.id FROM segments b WHERE b.path = s.path AND b.link IS NOT NULL AND (b.start, b.id) < (s.start, s.id) ORDER BY b.start DESC, b.id DESC LIMIT 1
)`;

/** Everything an index says to its database, prepared once. */
export const prepareStatements = (database: Database) => {
  const statement = <Row, Values extends (string | number | null)[]>(sql: string) =>
    database.prepare<Row, Values>(sql);
  return {
    addArchive: statement<never, [string]>("INSERT OR IGNORE INTO archives (template) VALUES (?)"),
    archive: statement<{ id: number; is_known: number }, [string]>(
      "SELECT id, is_known FROM archives WHERE template = ?",
    ),
    setKnown: statement<never, [number]>("UPDATE archives SET is_known = 1 WHERE id = ?"),

    addFolder: statement<never, [number, number, string]>(
      "INSERT OR IGNORE INTO folders (archive, parent, place) VALUES (?, ?, ?)",
    ),
    folder: statement<FolderRow, [number, string]>(
      "SELECT id, place, changed_at FROM folders WHERE archive = ? AND place = ?",
    ),
    foldersIn: statement<FolderRow, [number]>("SELECT id, place, changed_at FROM folders WHERE parent = ?"),
    setChanged: statement<never, [number, number]>("UPDATE folders SET changed_at = ? WHERE id = ?"),
    removeFolder: statement<never, [number]>(
      "DELETE FROM folders WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM segments WHERE folder = ?1)",
    ),

    addPath: statement<never, [number, string]>("INSERT OR IGNORE INTO paths (archive, name) VALUES (?, ?)"),
    path: statement<{ id: number }, [number, string]>("SELECT id FROM paths WHERE archive = ? AND name = ?"),
    paths: statement<{ id: number; name: string }, [number]>(
      "SELECT id, name FROM paths p WHERE archive = ? AND EXISTS (SELECT 1 FROM segments WHERE path = p.id) ORDER BY name",
    ),
    removeIdlePaths: statement<never, [number]>(
      "DELETE FROM paths WHERE archive = ? AND NOT EXISTS (SELECT 1 FROM segments WHERE path = paths.id)",
    ),

    addFile: statement<never, [number, number, string, number]>(
      "INSERT INTO segments (path, folder, file, start) VALUES (?, ?, ?, ?) ON CONFLICT (folder, file) DO UPDATE SET is_local = 1, is_settled = is_settled AND is_local",
    ),
    addRemote: statement<never, [number, number, string, number, string, number]>(
      "INSERT INTO segments (path, folder, file, start, remote, size, is_local) VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT (folder, file) DO UPDATE SET remote = excluded.remote",
    ),
    /** Names of a folder's files on this machine behind a name, in order. */
    filesIn: statement<{ id: number; file: string }, [number, string, number]>(
      "SELECT id, file FROM segments WHERE folder = ? AND file > ? AND is_local = 1 ORDER BY file LIMIT ?",
    ),
    byFile: statement<NamedRow, [number, string, string]>(
      `SELECT ${named} FROM ${withFolder} WHERE f.archive = ? AND f.place = ? AND s.file = ?`,
    ),
    byId: statement<NamedRow, [number]>(`SELECT ${named} FROM ${withFolder} WHERE s.id = ?`),
    removeFile: statement<never, [number]>("DELETE FROM segments WHERE id = ? AND remote IS NULL"),
    /** What lies in a store stays in the index. */
    loseFile: statement<never, [number]>(
      "UPDATE segments SET is_local = 0 WHERE id = ? AND remote IS NOT NULL",
    ),
    setRemote: statement<never, [string | null, number]>("UPDATE segments SET remote = ? WHERE id = ?"),

    starts: statement<{ start: number }, [number]>(
      "SELECT start FROM segments WHERE path = ? ORDER BY start",
    ),
    at: statement<NamedRow, [number, number]>(
      `SELECT ${named} FROM ${withFolder} WHERE s.path = ? AND s.start = ?`,
    ),
    /** Segments of a path behind one of them, in order. */
    after: statement<NamedRow, [number, number, number, number]>(
      `SELECT ${named} FROM ${withFolder} WHERE s.path = ? AND (s.start, s.id) > (?, ?) ORDER BY s.start, s.id LIMIT ?`,
    ),
    bytes: statement<{ bytes: number }, [number]>(
      "SELECT total(max(size, 0) * is_local) AS bytes FROM segments WHERE path = ?",
    ),
    oldest: statement<{ start: number }, [number]>(
      "SELECT start FROM segments WHERE path = ? ORDER BY start LIMIT 1",
    ),

    unsettled: statement<UnsettledRow, [number, number, number, number]>(
      `SELECT ${waiting} FROM ${withFolder} WHERE s.path = ? AND s.is_settled = 0 AND s.is_local = 1 AND (s.start, s.id) > (?, ?) ORDER BY s.start, s.id LIMIT ?`,
    ),
    /** Those that are in a store alone, and were never looked into. */
    unseen: statement<UnsettledRow, [number, number, number, number]>(
      `SELECT ${waiting} FROM ${withFolder} WHERE s.path = ? AND s.is_settled = 0 AND s.is_local = 0 AND (s.start, s.id) > (?, ?) ORDER BY s.start, s.id LIMIT ?`,
    ),
    /** Segments of a path in a store, behind one of them, in order. */
    storedAfter: statement<{ id: number; start: number; remote: string }, [number, number, number, number]>(
      "SELECT id, start, remote FROM segments WHERE path = ? AND remote IS NOT NULL AND (start, id) > (?, ?) ORDER BY start, id LIMIT ?",
    ),
    unsettle: statement<never, [number]>("UPDATE segments SET is_settled = 0 WHERE id = ?"),
    setFacts: statement<
      never,
      [number, number, number, number, string, number, string, string, number, number, number]
    >(
      "UPDATE segments SET size = ?, changed_at = ?, seen = ?, is_settled = ?, fault = ?, duration = ?, kind = ?, stream = ?, number = ?, line = ? WHERE id = ?",
    ),
    setLink: statement<never, [string | null, number]>("UPDATE segments SET link = ? WHERE id = ?"),

    /** What can be played of a path from one segment to another; those that were just found are not linked yet. */
    joinable: statement<PlayableRow, [number, number, number]>(
      `SELECT ${playable}, ${joins} FROM ${withFolder} WHERE s.path = ? AND s.duration > 0 AND s.start BETWEEN ? AND ? ORDER BY s.start, s.id`,
    ),
    before: statement<PlayableRow, [number, number, number]>(
      `SELECT ${playable}, ${joins} FROM ${withFolder} WHERE s.path = ? AND s.link IS NOT NULL AND s.start < ? ORDER BY s.start DESC, s.id DESC LIMIT ?`,
    ),
    next: statement<PlayableRow, [number, number]>(
      `SELECT ${playable}, ${joins} FROM ${withFolder} WHERE s.path = ? AND s.link IS NOT NULL AND s.start > ? ORDER BY s.start, s.id LIMIT 1`,
    ),
    between: statement<PlayableRow, [number, number, number]>(
      `SELECT ${playable}, ${joins} FROM ${withFolder} WHERE s.path = ? AND s.link IS NOT NULL AND s.start >= ? AND s.start < ? ORDER BY s.start, s.id`,
    ),
    /** Knots of a path behind one of them, in order. */
    knots: statement<KnotValues, [number, number, number, number]>(
      `SELECT ${knot} WHERE s.path = ? AND s.link IN ('begins', 'clock') AND (s.start, s.id) > (?, ?) ORDER BY s.start, s.id LIMIT ?`,
    ),
    /** The last segment that began a span by then. */
    lastBegin: statement<{ start: number }, [number, number]>(
      "SELECT start FROM segments WHERE path = ? AND link IN ('begins', 'clock') AND link = 'begins' AND start <= ? ORDER BY start DESC LIMIT 1",
    ),
  };
};

/** See {@link prepareStatements}. */
export type Statements = ReturnType<typeof prepareStatements>;
