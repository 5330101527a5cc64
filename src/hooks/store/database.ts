import { Database } from "bun:sqlite";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { codeOf, messageOf, TransportError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { prepareTables } from "./schema.ts";

/** The file of a store in its directory. */
export const storeFile = (directory: string): string => join(directory, "hooks.db");

/** Whether an error says that the file is no database any more. */
export const isCorruption = (error: unknown): boolean =>
  /^SQLITE_(?:CORRUPT|NOTADB)/.test(codeOf(error) ?? "");

/** What SQLite says, as our own error. */
export const diskError = (error: unknown): TransportError =>
  error instanceof TransportError
    ? error
    : new TransportError("DISK", `${messageOf(error)} (${codeOf(error) || "SQLite"})`, { cause: error });

const open = (file: string, create: boolean): Database => {
  const database = new Database(file, { create, readwrite: true });
  try {
    database.run("PRAGMA busy_timeout = 5000");
    // Only takes effect while the file is empty.
    database.run("PRAGMA auto_vacuum = INCREMENTAL");
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA synchronous = NORMAL");
    database.run("PRAGMA journal_size_limit = 67108864");
    const { quick_check: health } = database.query("PRAGMA quick_check(1)").get() as { quick_check: string };
    if (health !== "ok") throw Object.assign(new Error(`damaged: ${health}`), { code: "SQLITE_CORRUPT" });
    prepareTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

/** Renames a damaged file, with what belongs to it, so that nothing is thrown away and a new one can begin. */
const setAside = (file: string, stamp: string): string => {
  const aside = `${file}.corrupt-${stamp}`;
  for (const ending of ["", "-wal", "-shm"])
    if (existsSync(file + ending)) renameSync(file + ending, aside + ending);
  return aside;
};

/**
 * Opens the store of a directory, and makes it where there is none. A damaged file is set aside, and a new one is begun.
 * @throws TransportError DISK
 */
export const openDatabase = (directory: string, parts: { log: Logger; now: Date }): Database => {
  const file = storeFile(directory);
  try {
    return open(file, true);
  } catch (error) {
    if (!isCorruption(error)) throw diskError(error);
    const aside = setAside(file, parts.now.toISOString().replaceAll(/[:.]/g, "-"));
    parts.log.error("hook store is damaged and was set aside, a new one is begun", {
      file: aside,
      error: messageOf(error),
    });
  }
  try {
    return open(file, true);
  } catch (error) {
    throw diskError(error);
  }
};

/**
 * Opens the store of a directory beside the server that owns it.
 * @throws TransportError DISK where there is none, or it cannot be read
 */
export const openExistingDatabase = (directory: string): Database => {
  const file = storeFile(directory);
  if (!existsSync(file))
    throw new TransportError(
      "DISK",
      `${JSON.stringify(file)} is not there, expected the store of a server with --hook-delivery-guarantee at-least-once`,
    );
  try {
    const database = new Database(file, { readwrite: true });
    database.run("PRAGMA busy_timeout = 5000");
    prepareTables(database);
    return database;
  } catch (error) {
    throw diskError(error);
  }
};
