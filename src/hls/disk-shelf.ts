import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Shelf } from "./segment-list.ts";

/** Tells this process from one before it that had its number, as in containers all of them do. */
const thisRun = randomUUID();

const folderName = /^hls-(\d+)-([0-9a-f-]{36})-\d+$/;

/** Segments of one stream in a folder of their own. Its name tells nothing of the stream's, which may be anything. */
export class DiskShelf implements Shelf {
  static #count = 0;
  readonly #folder: string;
  readonly #log: Logger;
  readonly #stream: StreamPath;
  #writes: Promise<unknown> = Promise.resolve();
  readonly #dropped = new Set<string>();
  #hasFailed = false;

  /** The folder is made with the first segment. */
  constructor(directory: string, { log, stream }: { log: Logger; stream: StreamPath }) {
    this.#folder = join(directory, `hls-${process.pid}-${thisRun}-${++DiskShelf.#count}`);
    this.#log = log;
    this.#stream = stream;
  }

  /** What cannot be written stays in memory: the stream goes on. */
  keep(name: string, file: Blob, kept: (file: Blob) => void): void {
    const path = join(this.#folder, name);
    this.#writes = this.#writes
      .then(async () => {
        if (this.#dropped.delete(name)) return;
        await Bun.write(path, file, { createPath: true, mode: 0o600 });
        this.#hasFailed = false;
        kept(Bun.file(path));
      })
      .catch((error: unknown) => this.#failed(error));
  }

  drop(name: string): void {
    this.#dropped.add(name);
    this.#writes = this.#writes.then(async () => {
      this.#dropped.delete(name);
      await unlink(join(this.#folder, name)).catch(() => undefined);
    });
  }

  /** Lets go of everything. */
  close(): void {
    this.#writes = this.#writes.then(() => this.#removeFolder());
  }

  #removeFolder(): void {
    try {
      rmSync(this.#folder, { recursive: true, force: true });
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Said once, until it works again. */
  #failed(error: unknown): void {
    if (!this.#hasFailed)
      this.#log.error("HLS segments stay in memory, the disk does not take them", {
        stream: this.#stream,
        error: messageOf(error),
      });
    this.#hasFailed = true;
  }
}

/** Whether a process is there, whoever it belongs to. */
const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/** Makes the directory, and removes what servers left in it that are gone. @throws Error where it cannot be had */
export const clearDirectory = (directory: string): void => {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    const [, pid, run] = folderName.exec(name) ?? [];
    if (pid === undefined || run === thisRun) continue;
    if (Number(pid) !== process.pid && isRunning(Number(pid))) continue;
    rmSync(join(directory, name), { recursive: true, force: true });
  }
};
