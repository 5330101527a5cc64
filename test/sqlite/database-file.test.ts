import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabaseFile } from "../../src/sqlite/database-file.ts";
import { KeptLog } from "../base/kept-log.ts";

const within = (use: (directory: string) => void): void => {
  const directory = mkdtempSync(join(tmpdir(), "rtmp-sqlite-"));
  try {
    use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const prepare = (database: import("bun:sqlite").Database): void => {
  database.run("CREATE TABLE IF NOT EXISTS notes (text TEXT NOT NULL) STRICT");
};

describe("a database file", () => {
  test("can be read by nobody else, nor can its journal", () =>
    within((directory) => {
      const file = join(directory, "notes.db");
      const database = openDatabaseFile({
        file,
        what: "store",
        prepare,
        log: new KeptLog(),
        now: new Date(0),
      });
      database.run("INSERT INTO notes VALUES ('a')");
      const modes = ["", "-wal", "-shm"].map((ending) => statSync(file + ending).mode & 0o777);
      database.close();
      expect(modes).toEqual([0o600, 0o600, 0o600]);
    }));

  test("is set aside where it is damaged, and begun anew", () =>
    within((directory) => {
      const file = join(directory, "notes.db");
      writeFileSync(file, "no database at all, but a text that is long enough to be looked at".repeat(20));
      const log = new KeptLog();
      const database = openDatabaseFile({ file, what: "store", prepare, log, now: new Date(0) });
      const rows = database.query("SELECT * FROM notes").all();
      database.close();
      expect(rows).toEqual([]);
      expect(log.messages("error")).toEqual(["store is damaged and was set aside, a new one is begun"]);
      expect(readdirSync(directory)).toContain("notes.db.corrupt-1970-01-01T00-00-00-000Z");
    }));
});
