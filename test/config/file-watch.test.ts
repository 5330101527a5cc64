import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileWatch, type FileWatchOptions } from "../../src/config/file-watch.ts";
import { FakeClock } from "../base/fake-clock.ts";

const directory = mkdtempSync(join(tmpdir(), "file-watch-"));
afterAll(() => rmSync(directory, { recursive: true }));

const open: FileWatch[] = [];
afterEach(() => {
  for (const watch of open.splice(0)) watch.close();
});

let files = 0;

/** A watched file that holds `text`, and what the watch told. */
const watched = (text: string | undefined, options: Partial<FileWatchOptions> = {}) => {
  const path = options.path ?? join(directory, `f${++files}`);
  if (text !== undefined) writeFileSync(path, text);
  const clock = new FakeClock();
  const told: string[] = [];
  const watch = new FileWatch({
    path,
    clock,
    ...(text === undefined ? {} : { text }),
    onChange: (news) => told.push(news),
    onError: ({ message }) => told.push(`! ${message}`),
    ...options,
  });
  open.push(watch);
  return { path, clock, told, watch };
};

/**
 * Lets what waits for the disk go on; nothing here waits for anything else but the clock. What is read here goes the same way as what the watch
 * reads, so that a machine that is slow is slow for both.
 */
const breathe = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await stat(import.meta.path);
    await readFile(import.meta.path);
  }
};

/** Lets so many milliseconds pass in small steps, with time for the disk in between. */
const pass = async (clock: FakeClock, ms: number, step = 200): Promise<void> => {
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(Math.min(step, ms - passed));
    if (clock.timers > 1 || passed + step >= ms || passed % 5_000 >= 4_600) await breathe();
  }
};

describe("a watch of a file", () => {
  test("tells of a change after 5 seconds and two equal reads, once", async () => {
    const { path, clock, told } = watched("old");
    await pass(clock, 4_800);
    writeFileSync(path, "new");
    await pass(clock, 200);
    expect(told).toEqual([]);
    clock.advance(199);
    await breathe();
    expect(told).toEqual([]);
    clock.advance(1);
    await breathe();
    expect(told).toEqual(["new"]);
    await pass(clock, 11_000);
    expect(told).toEqual(["new"]);
  });

  test("believes nothing that is still being written", async () => {
    const { path, clock, told } = watched("old");
    clock.advance(5_000);
    for (const text of ["n", "ne", "new"]) {
      writeFileSync(path, text);
      await breathe();
      expect(told).toEqual([]);
      clock.advance(200);
    }
    await breathe();
    clock.advance(200);
    await breathe();
    expect(told).toEqual(["new"]);
  });

  test("gives up on a file that changes all the time, and looks again later", async () => {
    const { path, clock, told } = watched("old", { settleMs: 1 });
    clock.advance(5_000);
    for (let round = 0; round < 30; round++) {
      writeFileSync(path, `${round}`);
      await breathe();
      clock.advance(1);
    }
    await breathe();
    expect(told).toEqual([]);
    await pass(clock, 5_200);
    expect(told).toEqual(["29"]);
  });

  test("says nothing of a file that was only touched", async () => {
    const { path, clock, told } = watched("same");
    await pass(clock, 5_400);
    utimesSync(path, 1, 1);
    await pass(clock, 5_400);
    expect(told).toEqual([]);
  });

  test("sees content change in place while size and times stay", async () => {
    const { path, clock, told } = watched("aaa");
    utimesSync(path, 5, 5);
    await pass(clock, 5_400);
    writeFileSync(path, "bbb");
    utimesSync(path, 5, 5);
    await pass(clock, 5_400);
    expect(told).toEqual(["bbb"]);
  });

  test("sees a file that is put in the place of another", async () => {
    const { path, clock, told } = watched("old");
    await pass(clock, 5_400);
    writeFileSync(`${path}.new`, "new");
    renameSync(`${path}.new`, path);
    await pass(clock, 5_400);
    expect(told).toEqual(["new"]);
  });

  test("follows a link that is turned, as mounted configurations are", async () => {
    const base = join(directory, "mount");
    for (const version of ["1", "2"]) {
      mkdirSync(join(base, version), { recursive: true });
      writeFileSync(join(base, version, "hooks.yaml"), version);
    }
    symlinkSync("1", join(base, "current"));
    const { clock, told } = watched(undefined, { path: join(base, "current", "hooks.yaml"), text: "1" });
    await pass(clock, 5_400);
    symlinkSync("2", join(base, "next"));
    renameSync(join(base, "next"), join(base, "current"));
    await pass(clock, 5_400);
    expect(told).toEqual(["2"]);
  });

  test("says once that the file is missing, and goes on with what there is when it is back", async () => {
    const { path, clock, told } = watched("old");
    rmSync(path);
    await pass(clock, 15_400);
    expect(told.length).toBe(1);
    expect(told[0]).toStartWith(`! "${path}" cannot be read: ENOENT`);
    writeFileSync(path, "old");
    await pass(clock, 5_400);
    expect(told.length).toBe(1);
    writeFileSync(path, "new");
    await pass(clock, 5_400);
    rmSync(path);
    await pass(clock, 5_400);
    expect(told.map((line) => line.substring(0, 3))).toEqual(['! "', "new", '! "']);
  });

  test("refuses what is too long to be read", async () => {
    const { path, clock, told } = watched("old");
    writeFileSync(path, "#".repeat(1_048_577));
    await pass(clock, 5_400);
    expect(told).toEqual([`! "${path}" cannot be read: 1048577 bytes, expected at most 1048576`]);
  });

  test("tells of what it finds at first where nothing is known", async () => {
    const path = join(directory, "unknown");
    writeFileSync(path, "first");
    const { clock, told } = watched(undefined, { path });
    await pass(clock, 5_400);
    expect(told).toEqual(["first"]);
  });

  test("looks at once when it is asked to, and tells even of the same text", async () => {
    const { path, clock, told, watch } = watched("same");
    for (const text of ["same", "new"]) {
      writeFileSync(path, text);
      let isDone = false;
      const checked = watch.check().then(() => {
        isDone = true;
      });
      await breathe();
      expect(isDone).toBe(false);
      clock.advance(200);
      await checked;
    }
    expect(told).toEqual(["same", "new"]);
    await pass(clock, 5_400);
    expect(told).toEqual(["same", "new"]);
  });

  test("does one look after the other", async () => {
    const { path, clock, told, watch } = watched("old");
    writeFileSync(path, "new");
    clock.advance(5_000);
    const checked = watch.check();
    for (let turn = 0; turn < 3; turn++) {
      await breathe();
      clock.advance(200);
    }
    await checked;
    expect(told).toEqual(["new", "new"]);
  });

  test("is silent once it is closed, and leaves no timer", async () => {
    const { path, clock, told, watch } = watched("old");
    writeFileSync(path, "new");
    clock.advance(5_000);
    await breathe();
    watch.close();
    await pass(clock, 10_000);
    await watch.check();
    expect(told).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});
