import { Database } from "bun:sqlite";
import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, codeOf, messageOf } from "../base/errors.ts";

/** What a directory is for, in messages. */
export interface DirectoryUse {
  /** The name of the file that holds the lock. */
  readonly file: string;
  /** Who has it: `server`. */
  readonly owner: string;
  /** What lies in it: `events`. */
  readonly contents: string;
}

/**
 * The right to a directory, held by one process at a time. The system itself lets go of it when the process ends, however it ends.
 */
export class DirectoryLock {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Makes the directory where it is not there, readable by nobody else, and takes the right to it.
   * @throws ConfigError where it cannot be made or written, or another process has it
   */
  static take(directory: string, { file, owner, contents }: DirectoryUse): DirectoryLock {
    const shown = JSON.stringify(directory);
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      accessSync(directory, constants.W_OK);
    } catch (error) {
      throw new ConfigError(
        `${shown} cannot be written: ${messageOf(error)}, expected a directory for ${contents}`,
        { cause: error },
      );
    }
    let database: Database | undefined;
    try {
      // A transaction that is never committed: it writes nothing, and nobody else can begin one.
      database = new Database(join(directory, file), { create: true });
      database.run("BEGIN EXCLUSIVE");
    } catch (error) {
      database?.close();
      const isTaken = codeOf(error) === "SQLITE_BUSY";
      const why = isTaken ? `is in use by another ${owner}` : `cannot be used: ${messageOf(error)}`;
      throw new ConfigError(`${shown} ${why}, expected a directory of its own for each ${owner}`, {
        cause: error,
      });
    }
    return new DirectoryLock(database);
  }

  /** Gives the right up. */
  release(): void {
    this.#database.close();
  }
}
