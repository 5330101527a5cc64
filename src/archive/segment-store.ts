import type { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Microseconds } from "../record/segment-time.ts";
import type { FileFacts } from "./facts.ts";
import {
  type FolderRow,
  type KnotValues,
  type NamedRow,
  type PlayableRow,
  prepareStatements,
  type Statements,
  type UnsettledRow,
} from "./index-statements.ts";
import { type JoinFacts, joinOf, lineOf } from "./joins.ts";
import type { PlayableSegment } from "./playable.ts";
import type { Place } from "./timespans.ts";

/** A file by what its name tells. */
export interface NamedFile {
  readonly file: string;
  readonly path: string;
  readonly start: Microseconds;
}

/** What a look into a file found. */
export interface Finding {
  readonly row: UnsettledRow;
  /** Undefined where it cannot be played. */
  readonly facts: FileFacts | undefined;
  /** Why not; empty where it can, or there is nothing in it yet. */
  readonly fault: string;
  readonly size: number;
  readonly changedAt: number;
  readonly isSettled: boolean;
}

/** Where a page of rows goes on. */
export interface Cursor {
  readonly start: number;
  readonly id: number;
}

/** In front of everything. */
export const atStart: Cursor = { start: -1, id: 0 };

/**
 * The segments of a root as they lie in a database: see `prepareIndex`. Every method is one transaction, and takes as long as it
 * is given rows.
 */
export class SegmentStore {
  readonly #root: string;
  readonly #database: Database;
  readonly #say: Statements;

  /** @param root the folder that places of rows lie in */
  constructor(root: string, database: Database) {
    this.#root = root;
    this.#database = database;
    this.#say = prepareStatements(database);
  }

  /** Lets go of the file: what is written lies in it alone, and no other beside it. */
  close(): void {
    // A database stays open as long as its statements.
    for (const statement of Object.values(this.#say)) statement.finalize();
    this.#database.close();
  }

  /** Runs several of the methods as one transaction. */
  together<Value>(work: () => Value): Value {
    // One that begins by reading fails at once where another process writes, instead of waiting for it.
    return this.#database.inTransaction ? work() : this.#database.transaction(work).immediate();
  }

  /** The archive of a template, which is made where there is none. `isKnown`: all of it was looked through once. */
  archive(template: string): { readonly id: number; readonly isKnown: boolean } {
    this.#say.addArchive.run(template);
    const row = this.#say.archive.get(template);
    return { id: row?.id ?? 0, isKnown: row?.is_known === 1 };
  }

  /** All of an archive was looked through. */
  setKnown(archive: number): void {
    this.#say.setKnown.run(archive);
    this.#say.removeIdlePaths.run(archive);
  }

  folder(archive: number, place: string): FolderRow | undefined {
    return this.#say.folder.get(archive, place) ?? undefined;
  }

  foldersIn(folder: FolderRow): readonly FolderRow[] {
    return this.#say.foldersIn.all(folder.id);
  }

  /** A folder of an archive, which is noted where it is new. */
  addFolder(archive: number, place: string, parent: FolderRow | undefined): FolderRow {
    this.#say.addFolder.run(archive, parent?.id ?? 0, place);
    return this.folder(archive, place) ?? { id: 0, place, changed_at: 0 };
  }

  /** The names of a folder are known, as they were at that time. */
  setChanged(folder: FolderRow, changedAt: number): void {
    this.#say.setChanged.run(changedAt, folder.id);
  }

  /** A folder is gone: it is forgotten unless something that lay in it is in a store. */
  removeFolder(folder: FolderRow): void {
    this.#say.setChanged.run(0, folder.id);
    this.#say.removeFolder.run(folder.id);
  }

  /** Names of a folder's files on this machine behind `after`, in order. */
  filesIn(
    folder: FolderRow,
    after: string,
    limit: number,
  ): readonly { readonly id: number; readonly file: string }[] {
    return this.#say.filesIn.all(folder.id, after, limit);
  }

  /** Files that were found in a folder. */
  addFiles(archive: number, folder: FolderRow, files: readonly NamedFile[]): void {
    this.together(() => {
      for (const { file, path, start } of files)
        this.#say.addFile.run(this.#pathId(archive, path), folder.id, file, start);
    });
  }

  /** An object that was found in a store, under the name of a file. */
  addRemote(
    archive: number,
    folder: FolderRow,
    { file, path, start, remote, size }: NamedFile & { readonly remote: string; readonly size: number },
  ): void {
    this.#say.addRemote.run(this.#pathId(archive, path), folder.id, file, start, remote, size);
  }

  /** A folder by its place, with those above it. */
  folderAt(archive: number, place: string): FolderRow {
    const levels = place === "" ? [] : place.split("/");
    let folder = this.addFolder(archive, "", undefined);
    for (const index of levels.keys())
      folder = this.addFolder(archive, levels.slice(0, index + 1).join("/"), folder);
    return folder;
  }

  /** Files that are not on this machine any more. What lies in a store stays. */
  loseFiles(ids: readonly number[]): void {
    this.together(() => {
      for (const id of ids) {
        this.#say.loseFile.run(id);
        this.#remove(id);
      }
    });
  }

  /** An object is, or is not any more, in a store. */
  setRemote(id: number, remote: string | null): void {
    this.together(() => {
      this.#say.setRemote.run(remote, id);
      const row = this.#say.byId.get(id);
      if (row?.is_local === 0) this.#remove(id);
    });
  }

  /** A segment by its place and name. */
  byFile(archive: number, place: string, file: string): NamedRow | undefined {
    return this.#say.byFile.get(archive, place, file) ?? undefined;
  }

  /** Paths that have segments, in order. */
  paths(archive: number): readonly { readonly id: number; readonly name: string }[] {
    return this.#say.paths.all(archive);
  }

  pathId(archive: number, name: string): number | undefined {
    return this.#say.path.get(archive, name)?.id;
  }

  /** How many bytes a path has on this machine. */
  bytes(path: number): number {
    return this.#say.bytes.get(path)?.bytes ?? 0;
  }

  /** When the oldest segment of a path began, in microseconds. */
  oldest(path: number): number {
    return this.#say.oldest.get(path)?.start ?? Number.POSITIVE_INFINITY;
  }

  /** When the segments of a path began, in order. */
  starts(path: number): Float64Array<ArrayBuffer> {
    return Float64Array.from(this.#say.starts.values(path) as [number][], ([start]) => start);
  }

  /** The segments of a path that began at this moment. */
  at(path: number, start: Microseconds): readonly NamedRow[] {
    return this.#say.at.all(path, start);
  }

  /** Segments of a path behind one, in order. */
  after(path: number, { start, id }: Cursor, limit: number): readonly NamedRow[] {
    return this.#say.after.all(path, start, id, limit);
  }

  /** Segments of a path that have to be looked into, behind one of them, in order. */
  unsettled(path: number, { start, id }: Cursor, limit: number): readonly UnsettledRow[] {
    return this.#say.unsettled.all(path, start, id, limit);
  }

  /** Segments of a path that are in a store alone and were never looked into, behind one of them, in order. */
  unseen(path: number, { start, id }: Cursor, limit: number): readonly UnsettledRow[] {
    return this.#say.unseen.all(path, start, id, limit);
  }

  /** Segments of a path that are in a store, behind one of them, in order. */
  storedAfter(
    path: number,
    { start, id }: Cursor,
    limit: number,
  ): readonly (Cursor & { readonly remote: string })[] {
    return this.#say.storedAfter.all(path, start, id, limit);
  }

  /** Files that are others than they were. */
  unsettle(ids: readonly number[]): void {
    this.together(() => {
      for (const id of ids) this.#say.unsettle.run(id);
    });
  }

  /** What was found in files of one path, which lie behind each other. */
  settle(path: number, findings: readonly Finding[]): void {
    const [first] = findings;
    const last = findings.at(-1);
    if (!first || !last) return;
    this.together(() => {
      for (const finding of findings) this.#setFacts(finding);
      this.#join(path, first.row.start, last.row.start);
    });
  }

  /**
   * The segments of a path that do not simply go on with the one in front of them, behind one, in order, each with that one: timespans are made
   * of them.
   */
  knots(path: number, { start, id }: Cursor, limit: number): readonly KnotValues[] {
    // The columns are those of the statement.
    return this.#say.knots.values(path, start, id, limit) as unknown as KnotValues[];
  }

  /** In front of the span of a path that a time lies in, or the first one behind it. */
  beforeSpanAt(path: number, time: Microseconds): Cursor {
    const begin = this.#say.lastBegin.get(path, time);
    return begin ? { start: begin.start, id: 0 } : atStart;
  }

  /** The last segment of a path that can be played. */
  last(path: number): Place | undefined {
    const [row] = this.#say.before.all(path, Number.MAX_SAFE_INTEGER, 1);
    return row && { startMs: row.start / 1_000, lineMs: row.line, durationMs: row.duration };
  }

  /** What can be played of a path between two times, and the two segments in front of it. */
  playable(path: number, from: Microseconds, to: Microseconds): readonly PlayableSegment[] {
    const before = [...this.#say.before.all(path, from, 2)].reverse();
    return [...before, ...this.#say.between.all(path, from, to)].map((row) => this.#playableOf(row));
  }

  /** Where a row's file is. */
  fileOf({ place, file }: { readonly place: string; readonly file: string }): string {
    return join(this.#root, place, file);
  }

  #pathId(archive: number, name: string): number {
    const known = this.pathId(archive, name);
    if (known !== undefined) return known;
    this.#say.addPath.run(archive, name);
    return this.pathId(archive, name) ?? 0;
  }

  /** A row that is nowhere any more. Those beside it are joined anew. */
  #remove(id: number): void {
    const row = this.#say.byId.get(id);
    if (!row || row.remote !== null) return;
    this.#say.removeFile.run(id);
    this.#join(row.path, row.start, row.start);
  }

  #setFacts({ row, facts, fault, size, changedAt, isSettled }: Finding): void {
    const durationMs = facts?.durationMs ?? 0;
    const kept = joinColumns(facts?.join);
    const startMs = row.start / 1_000;
    const line = facts ? lineOf({ startMs, durationMs, join: facts.join }) : 0;
    this.#say.setFacts.run(
      size,
      changedAt,
      facts?.seen ?? 0,
      isSettled ? 1 : 0,
      fault,
      durationMs,
      kept.kind,
      kept.stream,
      kept.number,
      line,
      row.id,
    );
    if (durationMs === 0) this.#say.setLink.run(null, row.id);
  }

  /** Joins the segments of a path from one start to another anew, and the one behind them. */
  #join(path: number, from: Microseconds, to: Microseconds): void {
    const rows = this.#say.joinable.all(path, from, to);
    const next = this.#say.next.get(path, to);
    let [before] = this.#say.before.all(path, from, 1).map((row) => this.#playableOf(row));
    for (const row of next ? [...rows, next] : rows) {
      const segment = this.#playableOf(row);
      const link = joinOf(before, segment);
      if (link !== row.link) this.#say.setLink.run(link, row.id);
      before = segment;
    }
  }

  #playableOf(row: PlayableRow): PlayableSegment {
    return {
      file: this.fileOf(row),
      isLocal: row.is_local === 1,
      remote: row.remote ?? undefined,
      bytes: row.size,
      startMs: row.start / 1_000,
      durationMs: row.duration,
      join: joinOfRow(row),
    };
  }
}

const joinColumns = (join: JoinFacts | undefined): { kind: string; stream: string; number: number } => {
  if (join?.kind === "origin") return { kind: join.kind, stream: join.streamId, number: join.number };
  if (join?.kind === "tracks") return { kind: join.kind, stream: join.signature, number: 0 };
  return { kind: join?.kind ?? "tracks", stream: "", number: 0 };
};

const joinOfRow = ({ kind, stream, number, line }: PlayableRow): JoinFacts => {
  if (kind === "origin") return { kind, streamId: stream, number, startMs: line };
  return kind === "clock" ? { kind, startMs: line } : { kind: "tracks", signature: stream };
};
