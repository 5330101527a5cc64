import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TransportError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { diskError, openDatabaseFile } from "../../sqlite/database-file.ts";
import { prepareTables } from "./schema.ts";

/** The file of a store in its directory. */
export const storeFile = (directory: string): string => join(directory, "hooks.db");

/**
 * Opens the store of a directory, and makes it where there is none. A damaged file is set aside, and a new one is begun.
 * @throws TransportError DISK
 */
export const openDatabase = (directory: string, parts: { log: Logger; now: Date }): Database =>
  openDatabaseFile({ ...parts, file: storeFile(directory), what: "hook store", prepare: prepareTables });

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
