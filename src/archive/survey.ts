import { lstat, readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { codeOf } from "../base/errors.ts";
import type { Level, RecordPath } from "../record/record-path.ts";
import type { FolderRow } from "./index-statements.ts";
import { Pace } from "./pace.ts";
import type { NamedFile, SegmentStore } from "./segment-store.ts";

/** What is looked through. */
export interface SurveyOptions {
  readonly store: SegmentStore;
  readonly archive: number;
  readonly recordPath: RecordPath;
  /** How many names may be looked at in all. */
  readonly maxEntries: number;
}

/** Folders that lie deeper hold no segments: no name of a path has so many parts. */
const maxFolders = 256;

/** File systems tell the time of a change so exactly, or better, in milliseconds. */
const clockStepMs = 50;

/** A folder that was just read is not read again before this many times as long as that took. */
const restFactor = 20;

/** Rows that are read or written at once: about a millisecond. */
const rowsAtOnce = 200;

/**
 * Keeps what a store says of an archive's names in line with the disk. Folders are read again where their time of change tells that names
 * have come or gone. Links are neither files nor folders to it.
 */
export class Survey {
  readonly #options: SurveyOptions;
  readonly #pace = new Pace();
  /** Folders that are being read. */
  readonly #reading = new Map<number, Promise<void>>();
  /** When folders that were read may be read again, in Unix milliseconds. */
  readonly #rests = new Map<number, number>();
  #left: number;

  constructor(options: SurveyOptions) {
    this.#options = options;
    this.#left = options.maxEntries;
  }

  /** Whether there was more than the bound. */
  get isExhausted(): boolean {
    return this.#left <= 0;
  }

  /** Looks at all folders, however lately that was done. @throws an error of the operating system, where the root cannot be read */
  async all(): Promise<void> {
    const { store, archive, maxEntries } = this.#options;
    this.#left = maxEntries;
    await this.#below(store.addFolder(archive, "", undefined), maxFolders);
  }

  /**
   * Looks at the folders that segments of one path may lie in; where many ask for it (`mayRest`) not at those that were just read at length.
   * @throws an error of the operating system, where the root cannot be read
   */
  async path(name: string, { mayRest }: { readonly mayRest: boolean }): Promise<void> {
    const { store, archive, recordPath, maxEntries } = this.#options;
    this.#left = maxEntries;
    const { levels } = recordPath.search(name);
    await this.#matching(store.addFolder(archive, "", undefined), levels, mayRest);
  }

  async #below(folder: FolderRow, depth: number): Promise<void> {
    await this.#refresh(folder);
    if (depth === 0) return;
    for (const each of this.#options.store.foldersIn(folder)) {
      await this.#pace.step();
      await this.#below(each, depth - 1);
    }
  }

  async #matching(folder: FolderRow, [level, ...below]: readonly Level[], mayRest: boolean): Promise<void> {
    if (!level) return;
    const { store, archive } = this.#options;
    if ("name" in level) {
      const place = join(folder.place, level.name);
      const isThere = level.name !== "." && level.name !== ".." && (await isFolder(this.#placeOf(place)));
      if (isThere) await this.#matching(store.addFolder(archive, place, folder), below, mayRest);
      else await this.#lose(store.folder(archive, place));
      return;
    }
    if (!mayRest || Date.now() >= (this.#rests.get(folder.id) ?? 0)) await this.#refresh(folder);
    if (below.length === 0) return;
    for (const each of store.foldersIn(folder))
      if (level.pattern.test(basename(each.place))) await this.#matching(each, below, mayRest);
  }

  #placeOf(place: string): string {
    return join(this.#options.recordPath.root, place);
  }

  /** Reads a folder's names where they are others than they were. */
  async #refresh(folder: FolderRow): Promise<void> {
    const running = this.#reading.get(folder.id);
    if (running) return await running;
    const work = this.#refreshNow(folder).finally(() => this.#reading.delete(folder.id));
    this.#reading.set(folder.id, work);
    await work;
  }

  async #refreshNow(folder: FolderRow): Promise<void> {
    const { store, archive } = this.#options;
    const startedAt = Date.now();
    const known = store.folder(archive, folder.place)?.changed_at ?? 0;
    const changedAt = await changeOf(this.#placeOf(folder.place));
    if (changedAt === undefined) return await this.#lose(folder);
    if (changedAt === known || this.isExhausted) return;
    await this.#read(folder);
    // What changes while names are read, or as its time is written, would not be noticed.
    const isSure = changedAt < startedAt - clockStepMs && !this.isExhausted;
    store.setChanged(folder, isSure ? changedAt : 0);
    const tookMs = Date.now() - startedAt;
    this.#rests.set(folder.id, Date.now() + (tookMs > 2 ? tookMs * restFactor : 0));
  }

  async #read(folder: FolderRow): Promise<void> {
    const { store, archive, recordPath } = this.#options;
    const files = new Set<string>();
    const folders = new Set<string>();
    for (const entry of await this.#entries(folder)) {
      await this.#pace.step();
      if (entry.isFile()) files.add(entry.name);
      else if (entry.isDirectory()) folders.add(entry.name);
    }
    const lost: number[] = [];
    for (let after = ""; ; ) {
      const rows = store.filesIn(folder, after, rowsAtOnce);
      for (const { id, file } of rows) if (!files.delete(file)) lost.push(id);
      after = rows.at(-1)?.file ?? "";
      if (rows.length < rowsAtOnce) break;
      await this.#pace.turn();
    }
    const found: NamedFile[] = [];
    for (const file of files) {
      await this.#pace.step();
      const named = recordPath.read(folder.place === "" ? file : `${folder.place}/${file}`);
      if (named) found.push({ file, ...named });
    }
    await this.#inBatches(lost, (ids) => store.loseFiles(ids));
    await this.#inBatches(found, (batch) => store.addFiles(archive, folder, batch));
    for (const each of store.foldersIn(folder))
      if (!folders.delete(basename(each.place))) await this.#lose(each);
    await this.#inBatches([...folders], (names) =>
      store.together(() => {
        for (const name of names) store.addFolder(archive, join(folder.place, name), folder);
      }),
    );
  }

  /** A folder is gone, with all that was in it. */
  async #lose(folder: FolderRow | undefined): Promise<void> {
    if (!folder) return;
    const { store } = this.#options;
    for (const each of store.foldersIn(folder)) await this.#lose(each);
    for (;;) {
      const rows = store.filesIn(folder, "", rowsAtOnce);
      if (rows.length === 0) break;
      store.loseFiles(rows.map(({ id }) => id));
      await this.#pace.turn();
    }
    store.removeFolder(folder);
  }

  async #inBatches<Item>(items: readonly Item[], work: (batch: readonly Item[]) => void): Promise<void> {
    for (let at = 0; at < items.length; at += rowsAtOnce) {
      work(items.slice(at, at + rowsAtOnce));
      await this.#pace.turn();
    }
  }

  async #entries({ place }: FolderRow) {
    const entries = await readdir(this.#placeOf(place), { withFileTypes: true }).catch((error: unknown) => {
      // What we may not look into is not ours, but for the root.
      if (absent.includes(codeOf(error)) || (place !== "" && codeOf(error) === "EACCES")) return [];
      throw error;
    });
    this.#left -= entries.length;
    return entries;
  }
}

const absent: readonly (string | undefined)[] = ["ENOENT", "ENOTDIR"];

/** When a folder changed last, in Unix milliseconds; undefined where there is none. */
const changeOf = async (folder: string): Promise<number | undefined> => {
  try {
    const { mtimeMs } = await stat(folder);
    return mtimeMs;
  } catch (error) {
    // Whoever reads it is told why it cannot be.
    return absent.includes(codeOf(error)) ? undefined : 0;
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
