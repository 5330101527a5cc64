import { test } from "bun:test";
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { codeOf } from "../../../src/base/errors.ts";
import { TempDirectory } from "./directory.ts";

const mount = (size: string, place: string): string => {
  const { success, stderr } = Bun.spawnSync([
    "mount",
    "-t",
    "tmpfs",
    "-o",
    `size=${size}`,
    "rtmp-e2e",
    place,
  ]);
  return success ? "" : stderr.toString().trim() || "mount failed";
};

const unmount = (place: string): void => {
  // Lazily: whoever still has a file open there must not keep it from going.
  Bun.spawnSync(["umount", "-l", place]);
};

/** `test` for tests that mount a disk. Where that is not permitted they are skipped, and a line says so; in CI they run and fail. */
export const needsMount = (): typeof test | typeof test.skip => {
  using directory = new TempDirectory();
  const fault = Bun.which("mount") ? mount("1m", directory.path) : "there is no mount";
  if (fault === "") unmount(directory.path);
  if (fault === "" || process.env.CI) return test;
  console.warn(`SKIPPED: the tests that mount a tmpfs: ${fault}`);
  return test.skip;
};

const step = 64 * 1024;

/** A disk of its own, in memory, that can be filled. Disposing of it unmounts it. */
export class SmallDisk implements Disposable {
  readonly #directory = new TempDirectory();
  /** Where it is mounted. */
  readonly path = this.#directory.file("disk");

  /** @throws Error where it cannot be mounted */
  constructor(megabytes: number) {
    mkdirSync(this.path);
    const fault = mount(`${megabytes}m`, this.path);
    if (fault === "") return;
    this.#directory[Symbol.dispose]();
    throw new Error(`mount: ${fault}`);
  }

  /** Bytes that are left. */
  get free(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Another program takes all the room but so much; disposing of what this gives has it deleted again. */
  fill(leaveBytes = 0): Disposable {
    const name = `${this.path}/of-another-program`;
    const descriptor = openSync(name, "w");
    try {
      for (let left = this.free - leaveBytes; left > 0 || leaveBytes === 0; left -= step)
        writeSync(descriptor, new Uint8Array(leaveBytes === 0 ? step : Math.min(step, left)));
    } catch (error) {
      if (codeOf(error) !== "ENOSPC") throw error;
    } finally {
      closeSync(descriptor);
    }
    return { [Symbol.dispose]: () => rmSync(name, { force: true }) };
  }

  [Symbol.dispose](): void {
    unmount(this.path);
    this.#directory[Symbol.dispose]();
  }
}
