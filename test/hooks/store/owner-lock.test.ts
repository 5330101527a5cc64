import { describe, expect, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../../../src/base/errors.ts";
import { DeadLetters } from "../../../src/hooks/store/dead-letters.ts";
import { takeOwnership } from "../../../src/hooks/store/owner-lock.ts";
import { idsOf, openStore, temporaryDirectory } from "./stored-event.ts";

const child = join(import.meta.dir, "crash-child.ts");

describe("the right to a directory", () => {
  test("makes the directory, for nobody else to read", () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, "deep/er");
    takeOwnership(path).release();
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test("can be taken again once it was given up", () => {
    using directory = temporaryDirectory();
    takeOwnership(directory.path).release();
    takeOwnership(directory.path).release();
  });

  test("belongs to one process, stays while others look and memory is collected, and ends with its kill", async () => {
    using directory = temporaryDirectory();
    const owner = Bun.spawn([process.execPath, child, directory.path, "x"], {
      stdout: "pipe",
      stderr: "inherit",
    });
    try {
      const reader = owner.stdout.getReader();
      // It is killed in the middle of writing: only once it has written something.
      let said = "";
      while (!said.includes("\nstored "))
        said += new TextDecoder().decode((await reader.read()).value ?? Buffer.from("nothing\nstored "));
      expect(said).toStartWith("opened");
      // It must go on writing: a pipe that nobody reads would hold it up.
      const drained = (async () => {
        while (!(await reader.read()).done);
      })();
      expect(() => takeOwnership(directory.path)).toThrow(ConfigError);
      expect(() => takeOwnership(directory.path)).toThrow("is in use by another server");
      using letters = DeadLetters.open(directory.path);
      expect(letters.count()).toBe(0);
      owner.kill("SIGKILL");
      await owner.exited;
      await drained;
    } finally {
      owner.kill("SIGKILL");
    }
    const lock = takeOwnership(directory.path);
    const store = openStore(directory.path);
    expect(store.wasClean).toBe(false);
    expect(idsOf(store).length).toBeGreaterThan(0);
    store.close();
    lock.release();
  });

  test("says which directory cannot be used", () => {
    using directory = temporaryDirectory();
    const file = join(directory.path, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below"), "/proc/no-such-thing"]) {
      expect(() => takeOwnership(path)).toThrow(ConfigError);
      expect(() => takeOwnership(path)).toThrow(JSON.stringify(path));
    }
  });
});
