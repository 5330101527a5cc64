import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { codeOf, messageOf, TransportError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { RandomFile } from "../record/random-file.ts";
import type { RecordPath } from "../record/record-path.ts";
import { lookInto } from "./facts.ts";
import type { StorePage } from "./index-port.ts";
import type { UnsettledRow } from "./index-statements.ts";
import { type ObjectStore, placeOf } from "./object-store.ts";
import { Pace } from "./pace.ts";
import { RemoteFile } from "./remote-file.ts";
import { Rounds } from "./rounds.ts";
import { atStart, type Finding, type SegmentStore } from "./segment-store.ts";
import { Survey } from "./survey.ts";

/** What the index of one archive is made of. */
export interface ArchiveIndexOptions {
  readonly template: string;
  readonly recordPath: RecordPath;
  readonly store: SegmentStore;
  /** Has what is not on this machine. */
  readonly objects: ObjectStore;
  readonly log: Logger;
  readonly maxEntries: number;
  /** Whether this process writes a file, by its absolute path. */
  readonly isOpen: (file: string) => boolean;
}

/** Files that are looked into at the same time. */
const maxLooks = 16;

/** Rows that are read or written at once: a few milliseconds. */
const rowsAtOnce = 64;

/** A file that does not say whether it is over, and was not written for so long, is, in milliseconds. */
const overMs = 60_000;

/**
 * What is known of the recordings that one template names: which files there are ({@link Survey}), and what is in them. Files are looked into
 * once: those that are over do not change, unless others change them, which {@link lookThrough} finds out.
 */
export class ArchiveIndex {
  readonly id: number;
  readonly survey: Survey;
  readonly #options: ArchiveIndexOptions;
  readonly #pace = new Pace();
  /** Files that this process wrote, and that are over. */
  readonly #over = new Set<string>();
  readonly #refreshing = new Rounds();
  readonly #settling = new Rounds();
  /** What the store has, as far as its list has come. */
  #listing: Set<string> | undefined;
  #isKnown: boolean;
  #hasComplained = false;

  constructor(options: ArchiveIndexOptions) {
    this.#options = options;
    const { store, template, recordPath, maxEntries } = options;
    const { id, isKnown } = store.archive(template);
    this.id = id;
    this.#isKnown = isKnown;
    this.survey = new Survey({ store, archive: id, recordPath, maxEntries });
  }

  /** Whether all of it was looked through, by this process or an earlier one. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** A file begins, which this process writes. `way` is its path below the root. */
  begin(name: string, way: string): void {
    const { store, recordPath } = this.#options;
    const named = recordPath.search(name).read(way);
    if (!named) return;
    const { place, file } = partsOf(way);
    store.together(() => store.addFiles(this.id, store.folderAt(this.id, place), [{ file, ...named }]));
  }

  /** A file is in a store, or not any more. */
  setStored(way: string, remote: string | undefined): void {
    const { store } = this.#options;
    const { place, file } = partsOf(way);
    const row = store.byFile(this.id, place, file);
    if (row) store.setRemote(row.id, remote ?? null);
    if (remote !== undefined) this.#listing?.add(remote);
  }

  /** What a store has: see `IndexPort.listed`. Resolves when that is known; objects are looked into beside everything else. */
  async list(page: StorePage): Promise<void> {
    const { store, recordPath } = this.#options;
    if (page.isFirst) this.#listing = new Set();
    for (let at = 0; at < page.objects.length; at += rowsAtOnce) {
      store.together(() => {
        for (const { way, remote, size } of page.objects.slice(at, at + rowsAtOnce)) {
          const named = recordPath.read(way);
          const { place, file } = partsOf(way);
          if (named)
            store.addRemote(this.id, store.folderAt(this.id, place), { file, ...named, remote, size });
          this.#listing?.add(remote);
        }
      });
      await this.#pace.turn();
    }
    if (!page.isLast) return;
    await this.#forgetUnlisted(page.url);
    void this.#refreshing.run("objects", () => this.#seeObjects());
  }

  /** A file of this process is over: what is in it will not change. */
  end(file: string): void {
    this.#over.add(resolve(file));
  }

  /** Brings all that is known of a path up to date. */
  refresh(name: string): Promise<void> {
    return this.#refreshing.run(name, async () => {
      await this.survey.path(name, { mayRest: true });
      await this.settle(name);
    });
  }

  /** Looks into all files, those too that were looked into before and are others now. */
  async lookThrough(): Promise<void> {
    const startedAt = performance.now();
    await this.listNames();
    if (this.#isKnown) for (const { id } of this.#options.store.paths(this.id)) await this.#findChanged(id);
    await this.settleAll();
    this.#options.store.setKnown(this.id);
    this.#isKnown = true;
    this.#options.log.debug("recordings were looked through", {
      folder: this.#options.recordPath.root,
      took_ms: Math.round(performance.now() - startedAt),
    });
  }

  /** Looks at the names of all folders. */
  async listNames(): Promise<void> {
    await this.survey.all();
    this.#tellBound();
  }

  /** Looks into all files that have to be. */
  async settleAll(): Promise<void> {
    for (const { name } of this.#options.store.paths(this.id)) await this.settle(name);
  }

  /** Looks into those files of a path that have to be. */
  settle(name: string): Promise<void> {
    return this.#settling.run(name, async () => {
      const { store } = this.#options;
      const path = store.pathId(this.id, name);
      if (path === undefined) return;
      for (let cursor = atStart; ; ) {
        const rows = store.unsettled(path, cursor, rowsAtOnce);
        const last = rows.at(-1);
        if (!last) return;
        store.settle(path, await this.#lookAt(rows));
        cursor = last;
        await this.#pace.turn();
      }
    });
  }

  async #lookAt(rows: readonly UnsettledRow[]): Promise<readonly Finding[]> {
    const findings: (Finding | undefined)[] = [];
    const lost: number[] = [];
    const work = async (queue: Iterator<[number, UnsettledRow]>): Promise<void> => {
      for (let each = queue.next(); !each.done; each = queue.next()) {
        const [index, row] = each.value;
        const finding = await this.#look(row);
        if (finding === "lost") lost.push(row.id);
        else findings[index] = finding;
      }
    };
    const queue = rows.entries();
    await Promise.all(Array.from({ length: Math.min(maxLooks, rows.length) }, () => work(queue)));
    this.#options.store.loseFiles(lost);
    return findings.filter((finding) => finding !== undefined);
  }

  /** Undefined where there is nothing new. */
  async #look(row: UnsettledRow): Promise<Finding | "lost" | undefined> {
    const path = this.#options.store.fileOf(row);
    const isOpen = this.#options.isOpen(resolve(path));
    const isOver = !isOpen && this.#over.delete(resolve(path));
    const file = await RandomFile.open(path).catch((error: unknown) => error);
    if (!(file instanceof RandomFile)) {
      if (codeOf(file) === "ENOENT" || codeOf(file) === "ENOTDIR") return "lost";
      const about = { row, facts: undefined, size: Math.max(0, row.size), changedAt: 0, isSettled: false };
      return { ...about, fault: this.#complain(row, file) };
    }
    const { size, changedAt } = file;
    const isOld = isOver || (!isOpen && changedAt < Date.now() - overMs);
    try {
      if (size === row.size && changedAt === row.changed_at && !isOld) return undefined;
      const known = row.duration > 0 && size >= row.seen ? row : undefined;
      const facts = await lookInto(file, known && { seen: known.seen, durationMs: known.duration });
      return { row, facts, fault: "", size, changedAt, isSettled: !isOpen && (facts.isFinal || isOld) };
    } catch (error) {
      // What is being written may have nothing in it yet.
      const fault = isOpen ? "" : this.#complain(row, error);
      return { row, facts: undefined, fault, size, changedAt, isSettled: isOld };
    } finally {
      await file.close();
    }
  }

  /** A file that cannot be played is named once. Gives why. */
  #complain(row: UnsettledRow, error: unknown): string {
    const { store, log } = this.#options;
    const fault = messageOf(error);
    if (fault !== row.fault)
      log.warn("recording cannot be played, it is left out", { file: store.fileOf(row), error: fault });
    return fault;
  }

  /** Files of a path that were looked into, and were written by others since. */
  async #findChanged(path: number): Promise<void> {
    const { store } = this.#options;
    for (let cursor = atStart; ; ) {
      const rows = store.after(path, cursor, rowsAtOnce);
      const last = rows.at(-1);
      if (!last) return;
      const changed: number[] = [];
      for (const row of rows) {
        if (row.is_settled === 0 || row.is_local === 0) continue;
        const found = await stat(store.fileOf(row)).catch(() => undefined);
        if (found?.size !== row.size || found.mtimeMs !== row.changed_at) changed.push(row.id);
      }
      if (changed.length > 0) store.unsettle(changed);
      cursor = last;
      await this.#pace.turn();
    }
  }

  /** Objects that the store has not any more. */
  async #forgetUnlisted(url: string): Promise<void> {
    const { store } = this.#options;
    const listed = this.#listing;
    if (!listed) return;
    for (const { id: path } of store.paths(this.id))
      for (let cursor = atStart; ; ) {
        const rows = store.storedAfter(path, cursor, rowsAtOnce);
        for (const { id, remote } of rows)
          if (remote.startsWith(url) && !listed.has(remote)) store.setRemote(id, null);
        cursor = rows.at(-1) ?? cursor;
        await this.#pace.turn();
        if (rows.length < rowsAtOnce) break;
      }
    this.#listing = undefined;
  }

  /** Looks into objects that nobody here has looked into as they were files. */
  async #seeObjects(): Promise<void> {
    const { store } = this.#options;
    for (const { id: path } of store.paths(this.id))
      for (let cursor = atStart; ; ) {
        const rows = store.unseen(path, cursor, rowsAtOnce);
        const last = rows.at(-1);
        if (!last) break;
        const findings = await Promise.all(rows.map((row) => this.#see(row)));
        store.settle(
          path,
          findings.filter((finding) => finding !== undefined),
        );
        cursor = last;
      }
  }

  /** Undefined where the store cannot be asked now. */
  async #see(row: UnsettledRow): Promise<Finding | undefined> {
    const { log, objects } = this.#options;
    const place = placeOf(row.remote ?? "");
    if (!place) return undefined;
    const about = { row, changedAt: 0, isSettled: true };
    try {
      const file = await RemoteFile.open(objects, place);
      const facts = await lookInto(file);
      await file.close();
      return { ...about, facts, fault: "", size: file.size };
    } catch (error) {
      if (error instanceof TransportError && error.code !== "DISK") {
        log.debug("object is not looked into now", { object: row.remote ?? "", error: messageOf(error) });
        return undefined;
      }
      return { ...about, facts: undefined, fault: this.#complain(row, error), size: row.size };
    }
  }

  #tellBound(): void {
    if (!this.survey.isExhausted || this.#hasComplained) return;
    this.#hasComplained = true;
    const { log, recordPath } = this.#options;
    log.warn("too many files, some recordings are not listed", { folder: recordPath.root });
  }
}

const partsOf = (way: string): { readonly place: string; readonly file: string } => {
  const cut = way.lastIndexOf("/");
  return { place: way.substring(0, Math.max(0, cut)), file: way.substring(cut + 1) };
};
