import type { Dirent } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../base/errors.ts";
import { Pace } from "./pace.ts";
import type { Level } from "./record-path.ts";

/** A folder as it was when it was looked into. */
export interface SeenFolder {
  /** When it had changed last, in Unix milliseconds. */
  readonly changedAt: number;
  /** How many names it had. */
  readonly names: number;
}

/** Looks into folders, and counts what it sees: whoever walks has a bound. Links are neither files nor folders to it. */
export class FolderWalk {
  /** The folders that were looked into. */
  readonly folders = new Map<string, SeenFolder>();
  #left: number;
  readonly #pace = new Pace();

  /** @param maxEntries how many names may be looked at */
  constructor(maxEntries: number) {
    this.#left = maxEntries;
  }

  /** Whether there was more than the bound. */
  get isExhausted(): boolean {
    return this.#left <= 0;
  }

  /** The files below `folder`, at most `depth` folders down, by their paths in it with `/` between. */
  async *all(folder: string, depth: number, above = ""): AsyncGenerator<string> {
    for (const entry of await this.#entries(folder, above)) {
      await this.#pace.step();
      const path = above === "" ? entry.name : `${above}/${entry.name}`;
      if (entry.isFile()) yield path;
      else if (entry.isDirectory() && depth > 0) yield* this.all(folder, depth - 1, path);
    }
  }

  /** The files in the last of some levels of folders, by their paths in `folder` with `/` between. */
  async *matching(folder: string, levels: readonly Level[], above = ""): AsyncGenerator<string> {
    const [level, ...below] = levels;
    if (!level) return;
    const isLast = below.length === 0;
    const prefix = above === "" ? "" : `${above}/`;
    if ("name" in level) {
      const { name } = level;
      if (name !== "." && name !== ".." && (await isFolder(join(folder, above, name))))
        yield* this.matching(folder, below, `${prefix}${name}`);
      return;
    }
    for (const entry of await this.#entries(folder, above)) {
      await this.#pace.step();
      if (!level.pattern.test(entry.name)) continue;
      if (isLast && entry.isFile()) yield `${prefix}${entry.name}`;
      else if (!isLast && entry.isDirectory()) yield* this.matching(folder, below, `${prefix}${entry.name}`);
    }
  }

  async #entries(folder: string, above: string): Promise<readonly Dirent[]> {
    if (this.isExhausted) return [];
    const place = join(folder, above);
    const changedAt = await changeOf(place);
    const entries = await readdir(place, { withFileTypes: true }).catch((error: unknown) => {
      // What we may not look into is not ours, but for the folder that was asked for.
      if (absent.includes(codeOf(error)) || (above !== "" && codeOf(error) === "EACCES")) return [];
      throw error;
    });
    if (changedAt !== undefined) this.folders.set(place, { changedAt, names: entries.length });
    this.#left -= entries.length;
    return entries;
  }
}

const absent: readonly (string | undefined)[] = ["ENOENT", "ENOTDIR"];

/** When a folder changed last, in Unix milliseconds; undefined where nobody may know. */
export const changeOf = async (folder: string): Promise<number | undefined> => {
  try {
    return (await stat(folder)).mtimeMs;
  } catch {
    // Whoever looks into it is told why.
    return undefined;
  }
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (absent.includes(codeOf(error))) return false;
    throw error;
  }
};
