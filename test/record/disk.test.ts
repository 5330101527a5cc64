import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TransportError } from "../../src/base/errors.ts";
import { createFree, type Disk, diskError, systemDisk } from "../../src/record/disk.ts";
import { numberedPath } from "../../src/record/file-name.ts";
import { systemError } from "./studio.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "disk-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const createNumbered = (disk: Disk, path: string) => createFree(disk, (number) => numberedPath(path, number));

const failureOf = async (promise: Promise<unknown>): Promise<TransportError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
};

describe("disk", () => {
  test("the room of a folder that is not there yet is that of the one it will be made in", async () => {
    const [there, notYet] = await Promise.all([
      systemDisk.freeBytes(folder),
      systemDisk.freeBytes(join(folder, "not", "yet")),
    ]);
    expect(there).toBeGreaterThan(0);
    expect(Math.abs(there - notYet)).toBeLessThan(2 ** 30);
  });

  test("a folder that was removed between two steps is made again, once", async () => {
    let losses = 0;
    const disk: Disk = {
      ...systemDisk,
      create: (path) => {
        if (losses++ === 0) rmSync(join(folder, "lost"), { recursive: true });
        return systemDisk.create(path);
      },
    };
    const { file, path } = await createNumbered(disk, join(folder, "lost", "a.flv"));
    await file.close();
    expect([path, losses]).toEqual([join(folder, "lost", "a.flv"), 2]);
  });

  test("a name that is taken is numbered, and nothing is overwritten", async () => {
    const path = join(folder, "deep", "er", "name.flv");
    const opened = await Promise.all(Array.from({ length: 5 }, () => createNumbered(systemDisk, path)));
    await Promise.all(opened.map(({ file }, i) => file.write(Uint8Array.of(i), 0)));
    await Promise.all(opened.map(({ file }) => file.close()));
    const names = ["name.flv", "name_2.flv", "name_3.flv", "name_4.flv", "name_5.flv"];
    expect(readdirSync(join(folder, "deep", "er")).toSorted()).toEqual(names.toSorted());
    for (const [i, { path }] of opened.entries()) expect([...(await Bun.file(path).bytes())]).toEqual([i]);
  });

  test("folders and links, dangling ones too, are names that are taken", async () => {
    mkdirSync(join(folder, "taken.flv"));
    symlinkSync(join(folder, "elsewhere"), join(folder, "taken_2.flv"));
    const { path, file } = await createNumbered(systemDisk, join(folder, "taken.flv"));
    await file.close();
    expect(path).toBe(join(folder, "taken_3.flv"));
    expect(await systemDisk.exists(join(folder, "elsewhere"))).toBe(false);
  });

  test("the search for a free name ends", async () => {
    let attempts = 0;
    const disk: Disk = {
      ...systemDisk,
      create: () => {
        attempts++;
        return Promise.reject(systemError("EEXIST"));
      },
    };
    const { code, message } = await failureOf(createNumbered(disk, join(folder, "full.flv")));
    expect([code, attempts]).toEqual(["DISK", 9_999]);
    expect(message).toBe("9999 recordings have this name already, move some away");
  });

  test("a path through a file is told", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    for (const path of [join(file, "a.flv"), join(file, "b", "a.flv")]) {
      const { code, message } = await failureOf(createNumbered(systemDisk, path));
      expect([code, message.replace(/ \(.*/, "")]).toEqual([
        "DISK",
        "a part of the path is a file, expected a folder",
      ]);
    }
  });

  test("files beyond 4 GiB are written where they should be", async () => {
    const path = join(folder, "big.flv");
    const file = await systemDisk.create(path);
    const position = 5 * 2 ** 30 + 1;
    expect(await file.write(Uint8Array.of(1, 2, 3), position)).toBe(3);
    await file.close();
    expect(Bun.file(path).size).toBe(position + 3);
    await systemDisk.remove(path);
    await systemDisk.remove(path);
    expect(await systemDisk.exists(path)).toBe(false);
  });

  test.each(["EACCES", "ENOENT", "EROFS", "EMFILE", "ENAMETOOLONG"])("%s is explained", (code) => {
    const error = diskError(systemError(code));
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toEndWith(` (${code})`);
    expect(error.message).not.toContain("as if");
  });

  test("errors that are not of the operating system pass as they are", () => {
    const ours = [new TransportError("OVERFLOW", "x"), new TypeError("y")];
    expect(ours.map(diskError)).toEqual(ours);
  });
});
