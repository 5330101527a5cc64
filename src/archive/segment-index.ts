import { Database } from "bun:sqlite";
import { existsSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { codeOf, messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { diskError } from "../record/disk.ts";
import { RecordPath } from "../record/record-path.ts";
import { isCorruption, openDatabaseFile, diskError as storeError } from "../sqlite/database-file.ts";
import { ArchiveIndex } from "./archive-index.ts";
import type { ArchivePath, IndexPort, OwnFile, PathRange, StoredSegment, StorePage } from "./index-port.ts";
import { prepareIndex } from "./index-schema.ts";
import type { ObjectStore } from "./object-store.ts";
import { Pace } from "./pace.ts";
import type { PlayableSegment } from "./playable.ts";
import { hasWork, type OldSegment, type PathTotal, planSweep, type SweepRules } from "./retention-plan.ts";
import { Rounds } from "./rounds.ts";
import { atStart, SegmentStore } from "./segment-store.ts";
import { cutTimespan, SpanMaker, type Timespan } from "./timespans.ts";

/** What an index needs of the house around it. */
export interface SegmentIndexContext {
  readonly clock: Clock;
  readonly log: Logger;
  /** Has what is not on this machine. */
  readonly objects: ObjectStore;
  /** How many names of files and folders are looked at for one answer. */
  readonly maxEntries?: number;
  /** Nothing is written to the disk. */
  readonly isInMemory?: boolean;
}

const defaultMaxEntries = 1_000_000;

/** The file of an index, beside the recordings that it is about. */
export const indexFile = ".rtmp-server-index.db";

/** Whoever asks waits so long for what has just changed, in milliseconds. */
const maxWaitMs = 15;

/** How often all files are looked through for what others have done to them, in milliseconds. */
const lookThroughMs = 60 * 60_000;

/** After a start files that are known are looked through so much later, in milliseconds. */
const startMs = 5_000;

/** Rows that are read at once: a few milliseconds. */
const rowsAtOnce = 1_000;

/**
 * The index of what was recorded, in a database beside the recordings, so that a start need not look into every file. It is told of what this
 * process does, finds out about what others do, and can always be made anew: a database that is damaged, or cannot be written, costs that
 * work and nothing else. It knows nothing of threads, and holds the one it runs in only for some milliseconds at a time.
 */
export class SegmentIndex implements IndexPort {
  readonly #context: SegmentIndexContext;
  /** By root. */
  readonly #stores = new Map<string, SegmentStore>();
  /** By template. */
  readonly #archives = new Map<string, ArchiveIndex>();
  /** Roots whose database failed, and how often. */
  readonly #faults = new Map<string, number>();
  /** Files that this process writes. */
  readonly #open = new Set<string>();
  readonly #looking = new Rounds();
  readonly #pace = new Pace();
  #watched: readonly string[] = [];
  #isClosed = false;
  #cancelWatch: (() => void) | undefined;

  constructor(context: SegmentIndexContext) {
    this.#context = context;
  }

  watch(templates: readonly string[]): void {
    const added = templates.filter((template) => !this.#watched.includes(template));
    this.#watched = templates;
    for (const template of added)
      void this.#quietly(template, (archive) => {
        // What is known is good enough for those who ask at once, and they come first.
        if (archive.isKnown) this.#context.clock.after(startMs, () => void this.#lookThrough(template));
        else if (!this.#looking.isRunning(template)) void this.#lookThrough(template);
      });
    this.#cancelWatch ??= this.#context.clock.every(lookThroughMs, () => {
      for (const template of this.#watched) void this.#lookThrough(template);
    });
  }

  began({ template, name, file }: OwnFile): void {
    this.#open.add(resolve(file));
    void this.#quietly(template, (archive) => {
      const way = wayOf(template, file);
      if (way !== undefined) archive.begin(name, way);
    });
  }

  ended({ template, name, file }: OwnFile): void {
    this.#open.delete(resolve(file));
    void this.#quietly(template, (archive) => {
      archive.end(file);
      return archive.settle(name);
    });
  }

  async names(template: string): Promise<readonly string[]> {
    return await this.#with(template, [], async (archive, store) => {
      await archive.listNames();
      return store.paths(archive.id).map(({ name }) => name);
    });
  }

  async starts({ template, name }: ArchivePath): Promise<Float64Array> {
    return await this.#with(template, new Float64Array(0), async (archive, store) => {
      await archive.survey.path(name, { mayRest: false });
      const path = store.pathId(archive.id, name);
      return path === undefined ? new Float64Array(0) : store.starts(path);
    });
  }

  async at({ template, name, start }: ArchivePath & { start: number }): Promise<readonly StoredSegment[]> {
    return await this.#with(template, [], async (archive, store) => {
      await archive.survey.path(name, { mayRest: false });
      const path = store.pathId(archive.id, name);
      const rows = path === undefined ? [] : store.at(path, start);
      return rows.map((row) => ({
        start: row.start,
        file: store.fileOf(row),
        isLocal: row.is_local === 1,
        remote: row.remote ?? undefined,
      }));
    });
  }

  async timespans({ template, name, fromMs, toMs }: PathRange): Promise<Float64Array> {
    return await this.#with(template, new Float64Array(0), async (archive, store) => {
      await this.#refresh(archive, store, name);
      const path = store.pathId(archive.id, name);
      return path === undefined
        ? new Float64Array(0)
        : Float64Array.from(await this.#spansOf(store, path, { fromMs, toMs }));
    });
  }

  /** Pairs of start and duration. */
  async #spansOf(
    store: SegmentStore,
    path: number,
    range: { fromMs: number; toMs: number },
  ): Promise<number[]> {
    const pairs: number[] = [];
    const maker = new SpanMaker();
    const keep = (span: Timespan | undefined): void => {
      const cut = span && cutTimespan(span, range);
      if (cut) pairs.push(cut.startMs, cut.durationMs);
    };
    for (let cursor = store.beforeSpanAt(path, range.fromMs * 1_000); ; ) {
      const knots = store.knots(path, cursor, rowsAtOnce);
      for (const knot of knots) {
        const over = maker.take(knot);
        keep(over);
        // The span that ends behind the range is known with the one behind it.
        if (over && over.startMs > range.toMs) return pairs;
      }
      const next = knots.at(-1);
      if (!next || knots.length < rowsAtOnce) break;
      cursor = { start: next[0], id: next[6] };
      await this.#pace.turn();
    }
    const last = store.last(path);
    if (last) keep(maker.end(last));
    return pairs;
  }

  async playable({ template, name, fromMs, toMs }: PathRange): Promise<readonly PlayableSegment[]> {
    return await this.#with(template, [], async (archive, store) => {
      await this.#refresh(archive, store, name);
      const path = store.pathId(archive.id, name);
      return path === undefined ? [] : store.playable(path, fromMs * 1_000, toMs * 1_000);
    });
  }

  async plan(rules: SweepRules): Promise<readonly OldSegment[]> {
    const segments: OldSegment[] = [];
    const totals: PathTotal[] = [];
    const busy = new Set(rules.busy);
    for (const { template, paths, root } of rules.archives)
      await this.#with(template, undefined, async (archive, store) => {
        await archive.listNames();
        if (rules.needsSizes) await archive.settleAll();
        for (const { id, name } of store.paths(archive.id)) {
          if (!Object.hasOwn(paths, name)) continue;
          const bytes = rules.needsSizes ? store.bytes(id) : 0;
          totals.push({ name, root, bytes, oldest: store.oldest(id) });
          await this.#pace.turn();
        }
      });
    if (!hasWork(totals, rules)) return [];
    for (const { template, paths, root } of rules.archives)
      await this.#with(template, undefined, async (archive, store) => {
        for (const { id, name } of store.paths(archive.id)) {
          if (!Object.hasOwn(paths, name)) continue;
          for (let cursor = atStart; ; ) {
            const rows = store.after(id, cursor, rowsAtOnce);
            for (const row of rows) {
              const file = store.fileOf(row);
              const isLocal = row.is_local === 1;
              segments.push({
                ...{ template, root, path: name, file, isLocal, startMs: row.start / 1_000 },
                remote: row.remote ?? undefined,
                bytes: isLocal ? Math.max(0, row.size) : 0,
                isBusy: busy.has(resolve(file)),
              });
            }
            cursor = rows.at(-1) ?? cursor;
            await this.#pace.turn();
            if (rows.length < rowsAtOnce) break;
          }
        }
      });
    return planSweep(segments, rules);
  }

  async deleted({ template, files }: { template: string; files: readonly string[] }): Promise<void> {
    await this.#with(template, undefined, (archive, store) => {
      const ids = files.flatMap((file) => {
        const way = wayOf(template, file) ?? "";
        const cut = way.lastIndexOf("/");
        const row = store.byFile(archive.id, way.substring(0, Math.max(0, cut)), way.substring(cut + 1));
        return row ? [row.id] : [];
      });
      store.loseFiles(ids);
    });
  }

  async stored({ template, name, file, remote }: OwnFile & { remote: string | undefined }): Promise<void> {
    await this.#with(template, undefined, async (archive) => {
      // What is in it is known by now, or is looked at while it is here.
      await archive.settle(name);
      const way = wayOf(template, file);
      if (way !== undefined) archive.setStored(way, remote);
    });
  }

  async listed(page: StorePage): Promise<void> {
    await this.#with(page.template, undefined, (archive) => archive.list(page));
  }

  /** Lets go of the files. */
  close(): void {
    this.#isClosed = true;
    this.#cancelWatch?.();
    for (const store of this.#stores.values()) store.close();
    this.#stores.clear();
    this.#archives.clear();
  }

  /** What has just changed is waited for, but not for long; where nothing is known yet it is waited for in any case. */
  async #refresh(archive: ArchiveIndex, store: SegmentStore, name: string): Promise<void> {
    const path = store.pathId(archive.id, name);
    const isKnown = archive.isKnown && path !== undefined && store.oldest(path) < Number.POSITIVE_INFINITY;
    const work = archive.refresh(name);
    if (!isKnown) return await work;
    const { promise: isLate, resolve: proceed } = Promise.withResolvers<void>();
    const cancel = this.#context.clock.after(maxWaitMs, proceed);
    // Whoever did not wait for it need not hear how it ended; whoever asks next finds the same fault.
    work.catch(() => undefined);
    await Promise.race([work, isLate]).finally(cancel);
  }

  async #lookThrough(template: string): Promise<void> {
    await this.#looking.run(template, () => this.#quietly(template, (archive) => archive.lookThrough()));
  }

  async #quietly(template: string, work: (archive: ArchiveIndex) => Promise<void> | void): Promise<void> {
    try {
      await this.#with(template, undefined, work);
    } catch (error) {
      this.#context.log.warn("recordings could not be looked through", { error: messageOf(error) });
    }
  }

  /**
   * Works on an archive; gives `nothing` where there is no folder that it could lie in. A database that fails is replaced, and the work is done
   * again.
   */
  async #with<Value>(
    template: string,
    nothing: Value,
    work: (archive: ArchiveIndex, store: SegmentStore) => Promise<Value> | Value,
  ): Promise<Value> {
    const { root } = new RecordPath(template);
    for (;;) {
      const store = this.#storeOf(root);
      if (!store) return nothing;
      try {
        return await work(this.#archiveOf(template, store), store);
      } catch (error) {
        const isReplaced = this.#stores.get(root) !== store;
        const isOfStore = codeOf(error)?.startsWith("SQLITE_") ?? false;
        if (!isOfStore && !isReplaced) throw diskError(error);
        // Another server that uses the same folder takes its time.
        if (codeOf(error)?.startsWith("SQLITE_BUSY")) throw storeError(error);
        if (!isReplaced) this.#replace(root, { store, error });
        if ((this.#faults.get(root) ?? 0) > maxFaults) throw storeError(error);
      }
    }
  }

  #archiveOf(template: string, store: SegmentStore): ArchiveIndex {
    const known = this.#archives.get(template);
    if (known) return known;
    const { log, objects, maxEntries = defaultMaxEntries } = this.#context;
    const archive = new ArchiveIndex({
      template,
      recordPath: new RecordPath(template),
      store,
      objects,
      log,
      maxEntries,
      isOpen: (file) => this.#open.has(file),
    });
    this.#archives.set(template, archive);
    // The folder of a watched archive may have been made just now, or its database.
    if (!archive.isKnown && this.#watched.includes(template) && !this.#looking.isRunning(template))
      void this.#lookThrough(template);
    return archive;
  }

  /** Nothing is made where there are no recordings. */
  #storeOf(root: string): SegmentStore | undefined {
    const known = this.#stores.get(root);
    if (known) return known;
    if (this.#isClosed || !existsSync(root)) return undefined;
    const store = new SegmentStore(root, this.#openDatabase(root));
    this.#stores.set(root, store);
    return store;
  }

  #openDatabase(root: string): Database {
    const { log, clock, isInMemory = false } = this.#context;
    const file = join(root, indexFile);
    const faults = this.#faults.get(root) ?? 0;
    if (!isInMemory && faults < maxFileFaults)
      try {
        return openDatabaseFile({
          ...{ file, what: "index of recordings", prepare: prepareIndex, log, now: clock.date() },
          // It takes longer than the first answer may: damage is found where it is read.
          isTrusted: faults === 0,
          isDurable: false,
        });
      } catch (error) {
        log.warn("index of recordings cannot be kept on disk, the next start makes it anew", {
          file,
          error: messageOf(error),
        });
      }
    const database = new Database(":memory:");
    prepareIndex(database);
    return database;
  }

  /** A file that is damaged is set aside as it is opened again; one that fails otherwise is not used any more. */
  #replace(root: string, { store, error }: { store: SegmentStore; error: unknown }): void {
    const faults = (this.#faults.get(root) ?? 0) + (isCorruption(error) ? 1 : maxFileFaults);
    this.#faults.set(root, faults);
    this.#context.log.warn("index of recordings fails, it is made anew", {
      folder: root,
      error: messageOf(error),
    });
    this.#stores.delete(root);
    for (const template of [...this.#archives.keys()])
      if (new RecordPath(template).root === root) this.#archives.delete(template);
    store.close();
  }
}

/** The path of a file below the root of a template, `/` between folders; undefined for one that lies elsewhere. */
const wayOf = (template: string, file: string): string | undefined => {
  const { root } = new RecordPath(template);
  const way = relative(resolve(root), resolve(file)).split(sep).join("/");
  return way.startsWith("../") ? undefined : way;
};

/** A database file that was damaged so often is not used any more. */
const maxFileFaults = 2;

/** More faults than these are not the file's. */
const maxFaults = 10;
