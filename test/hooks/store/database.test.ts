import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { silentLogger } from "../../../src/base/log.ts";
import { DeadLetters } from "../../../src/hooks/store/dead-letters.ts";
import { codeThrownBy, idsOf, openStore, storedEvent, temporaryDirectory } from "./stored-event.ts";

const overwrite = (file: string, position: number, bytes: Uint8Array): void => {
  const handle = openSync(file, "r+");
  writeSync(handle, bytes, 0, bytes.length, position);
  closeSync(handle);
};

const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, n) => (n * 37 + 11) % 251);

describe("a damaged file", () => {
  const damages = [
    { name: "at its start", hurt: (file: string) => overwrite(file, 0, noise(200)) },
    {
      name: "in its middle",
      hurt: (file: string) => overwrite(file, 4096 * Math.floor(statSync(file).size / 8192), noise(40_960)),
    },
    {
      name: "that is no database at all",
      hurt: (file: string) => writeFileSync(file, "once upon a time ".repeat(500)),
    },
  ];
  for (const { name, hurt } of damages)
    test(`${name} is set aside as it is, and a new one takes and keeps events`, () => {
      using directory = temporaryDirectory();
      const file = join(directory.path, "hooks.db");
      const first = openStore(directory.path);
      first.commit({
        events: Array.from({ length: 300 }, (_, n) => storedEvent(`old${n}`, { body: "y".repeat(900) })),
      });
      first.close();
      hurt(file);
      const damaged = readFileSync(file);

      const lines: string[] = [];
      const log = {
        ...silentLogger,
        warn: (line: string) => lines.push(line),
        error: (line: string) => lines.push(line),
      };
      const second = openStore(directory.path, { log });
      expect(lines).toEqual(["hook store is damaged and was set aside, a new one is begun"]);
      const aside = readdirSync(directory.path).filter((each) => /^hooks\.db\.corrupt-.*Z$/.test(each));
      expect(aside.length).toBe(1);
      expect(readFileSync(join(directory.path, aside[0]!)).equals(damaged)).toBe(true);
      second.commit({ events: [storedEvent("new")] });
      // What is left of the connection to the old file must not take the new one's journal with it.
      Bun.gc(true);
      second.abandon();
      const third = openStore(directory.path);
      expect(idsOf(third)).toEqual(["new"]);
      third.close();
    });
});

describe("a file that cannot be used", () => {
  test("of a later version of the server is left alone", () => {
    using directory = temporaryDirectory();
    openStore(directory.path).close();
    const file = join(directory.path, "hooks.db");
    const database = new Database(file);
    database.run("PRAGMA user_version = 99");
    database.close();
    expect(codeThrownBy(() => openStore(directory.path))).toBe("DISK");
    expect(readdirSync(directory.path).filter((each) => each.includes("corrupt"))).toEqual([]);
  });

  test("in a directory that is none, or that takes no files, is an error of the disk", () => {
    for (const path of ["/proc/no-such-thing", "/dev/null"])
      expect(codeThrownBy(() => openStore(path))).toBe("DISK");
  });

  test("because it is not there is an error for whoever only wants to look, and none is made", () => {
    using directory = temporaryDirectory();
    expect(codeThrownBy(() => DeadLetters.open(directory.path))).toBe("DISK");
    expect(readdirSync(directory.path)).toEqual([]);
  });
});

test("the file is in WAL mode and can shrink", () => {
  using directory = temporaryDirectory();
  openStore(directory.path).close();
  const database = new Database(join(directory.path, "hooks.db"));
  expect(database.query("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  expect(database.query("PRAGMA auto_vacuum").get()).toEqual({ auto_vacuum: 2 });
  database.close();
});
