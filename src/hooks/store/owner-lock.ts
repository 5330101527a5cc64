import { Database } from "bun:sqlite";
import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, codeOf, messageOf } from "../../base/errors.ts";

/**
 * The right to deliver what lies in a directory, held by one process at a time. The system itself lets go of it when the process ends,
 * however it ends. Command lines that only look, or send dead letters again, do not need it.
 */
export class OwnerLock {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Makes the directory where it is not there, readable by nobody else, and takes the right to it.
   * @throws ConfigError where it cannot be made or written, or another process has it
   */
  static take(directory: string): OwnerLock {
    const shown = JSON.stringify(directory);
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      accessSync(directory, constants.W_OK);
    } catch (error) {
      throw new ConfigError(
        `${shown} cannot be written: ${messageOf(error)}, expected a directory for events`,
        {
          cause: error,
        },
      );
    }
    let database: Database | undefined;
    try {
      // A transaction that is never committed: it writes nothing, and nobody else can begin one.
      database = new Database(join(directory, "hooks.lock"), { create: true });
      database.run("BEGIN EXCLUSIVE");
    } catch (error) {
      database?.close();
      const isTaken = codeOf(error) === "SQLITE_BUSY";
      const why = isTaken ? "is in use by another server" : `cannot be used: ${messageOf(error)}`;
      throw new ConfigError(`${shown} ${why}, expected a directory of its own for each server`, {
        cause: error,
      });
    }
    return new OwnerLock(database);
  }

  /** Gives the right up. */
  release(): void {
    this.#database.close();
  }
}
