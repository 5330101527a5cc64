import { Database } from "bun:sqlite";
import { closeSync, existsSync, openSync, renameSync } from "node:fs";
import { codeOf, messageOf, TransportError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";

/** Whether an error says that the file is no database any more. */
export const isCorruption = (error: unknown): boolean =>
  /^SQLITE_(?:CORRUPT|NOTADB)/.test(codeOf(error) ?? "");

/** What SQLite says, as our own error. */
export const diskError = (error: unknown): TransportError =>
  error instanceof TransportError
    ? error
    : new TransportError("DISK", `${messageOf(error)} (${codeOf(error) || "SQLite"})`, { cause: error });

/** How a database is opened. */
export interface DatabaseFileOptions {
  readonly file: string;
  /** What it is called where it is damaged: `hook store`. */
  readonly what: string;
  /** Makes the tables where they are not there. */
  readonly prepare: (database: Database) => void;
  readonly log: Logger;
  readonly now: Date;
  /** It is not looked through for damage, which takes about a second per gigabyte; false unless given. */
  readonly isTrusted?: boolean;
  /** Whether what was written last has to outlive a failure of power; true unless given. Without it nothing waits for the disk. */
  readonly isDurable?: boolean;
}

/**
 * Opens a database in WAL mode, and makes it where there is none, readable by nobody else. A damaged file is set aside, and a new one
 * is begun.
 * @throws TransportError DISK
 */
export const openDatabaseFile = (options: DatabaseFileOptions): Database => {
  const { file, what, log, now } = options;
  try {
    return open(options);
  } catch (error) {
    if (!isCorruption(error)) throw diskError(error);
    const aside = setAside(file, now.toISOString().replaceAll(/[:.]/g, "-"));
    log.error(`${what} is damaged and was set aside, a new one is begun`, {
      file: aside,
      error: messageOf(error),
    });
  }
  try {
    return open(options);
  } catch (error) {
    throw diskError(error);
  }
};

const open = ({ file, prepare, isTrusted, isDurable = true }: DatabaseFileOptions): Database => {
  // SQLite gives its journal the mode of the file, and would make the file readable for all.
  closeSync(openSync(file, "a", 0o600));
  const database = new Database(file, { readwrite: true });
  try {
    database.run("PRAGMA busy_timeout = 5000");
    // Only takes effect while the file is empty.
    database.run("PRAGMA auto_vacuum = INCREMENTAL");
    database.run("PRAGMA journal_mode = WAL");
    database.run(`PRAGMA synchronous = ${isDurable ? "NORMAL" : "OFF"}`);
    database.run("PRAGMA journal_size_limit = 67108864");
    const health = isTrusted ? "ok" : healthOf(database);
    if (health !== "ok") throw Object.assign(new Error(`damaged: ${health}`), { code: "SQLITE_CORRUPT" });
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

const healthOf = (database: Database): string =>
  (database.query("PRAGMA quick_check(1)").get() as { quick_check: string }).quick_check;

/** Renames a damaged file, with what belongs to it, so that nothing is thrown away and a new one can begin. */
const setAside = (file: string, stamp: string): string => {
  const aside = `${file}.corrupt-${stamp}`;
  for (const ending of ["", "-wal", "-shm"])
    if (existsSync(file + ending)) renameSync(file + ending, aside + ending);
  return aside;
};
