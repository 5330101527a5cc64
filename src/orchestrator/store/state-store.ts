import type { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Logger } from "../../base/log.ts";
import { diskError, openDatabaseFile } from "../../sqlite/database-file.ts";
import type { KeeperRecord } from "../machine/keeper.ts";
import type { StreamId } from "../machine/path-template.ts";
import type { PresenceRecord } from "../machine/presence.ts";
import type { ProcessId } from "../process/process-table.ts";
import { instanceOf } from "./instance.ts";
import { prepareTables } from "./schema.ts";
import { prepareStatements } from "./statements.ts";

/** Which process of a stream is meant. */
export interface ProcessKey {
  readonly stream: StreamId;
  /** The name of the target a forwarder pushes to; empty for the worker. */
  readonly target: string;
}

/** A start of a process. */
export interface Launch extends ProcessKey {
  /** Its own name, which is in the environment of the process too. */
  readonly launch: string;
  /** Stands for what it was started for, so that a process for something else is known. */
  readonly digest: string;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  /** How long its output file was then, in bytes. */
  readonly outputFrom: number;
  /** Undefined while it is not known whether it was started. */
  readonly process: ProcessId | undefined;
}

/** Where a stream is pushed to by wish of the API. */
export interface StoredTarget {
  readonly stream: StreamId;
  readonly name: string;
  /** With credentials. */
  readonly url: string;
}

/** An event that came, as it is remembered. */
export interface StoredEvent {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly kind: "ready" | "not-ready";
  readonly path: string;
  /** Empty where the path belongs to none. */
  readonly stream: string;
  readonly sourceType: string;
  readonly sourceId: string;
  readonly query: string;
  /** What became of it. */
  readonly verdict: string;
  readonly requestId: string;
}

/** What is known of a stream. */
export interface StreamRecord {
  /** Whether it is fed. */
  readonly source: PresenceRecord;
  /** Whether what its worker makes of it is there. */
  readonly output: PresenceRecord;
}

/** So many events are remembered. */
const keptEvents = 1_000;

/** The file of the state in its directory. */
export const stateFile = (directory: string): string => join(directory, "orchestrator.db");

/**
 * All that the next process has to know, in a SQLite file (WAL) that nobody else may read: it holds credentials. What a call has written
 * survives the end of the process at any moment. Every call may throw TransportError DISK.
 */
export class StateStore {
  readonly #database: Database;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #hasFailed = false;
  /** Tells the processes of this state from those of others. */
  readonly instance: string;

  private constructor(database: Database, instance: string) {
    this.#database = database;
    this.#statements = prepareStatements(database);
    this.instance = instance;
  }

  /** Opens the state of a directory, or begins one. @throws TransportError DISK */
  static open(directory: string, { log, now }: { log: Logger; now: Date }): StateStore {
    const file = stateFile(directory);
    const what = "state of the orchestrator";
    const instance = instanceOf(directory);
    return new StateStore(openDatabaseFile({ file, what, prepare: prepareTables, log, now }), instance);
  }

  /** All streams that were ever heard of and not forgotten. */
  streams(): { readonly id: StreamId; readonly record: StreamRecord }[] {
    return this.#statements.streams
      .all()
      .map(({ id, record }) => ({ id: id as StreamId, record: JSON.parse(record) as StreamRecord }));
  }

  /** How the processes of all streams are kept. */
  keepers(): (ProcessKey & { readonly record: KeeperRecord })[] {
    return this.#statements.keepers.all().map(({ stream, target, record }) => ({
      stream: stream as StreamId,
      target,
      record: JSON.parse(record) as KeeperRecord,
    }));
  }

  /** All processes that run, as far as is known. */
  launches(): Launch[] {
    return this.#statements.launches.all().map((row) => ({
      launch: row.launch,
      stream: row.stream as StreamId,
      target: row.target,
      digest: row.digest,
      startedAt: row.started_at,
      outputFrom: row.output_from,
      process:
        row.pid === null
          ? undefined
          : { pid: row.pid, startTime: row.start_time ?? -1, boot: row.boot ?? "" },
    }));
  }

  /** Where streams are pushed to by wish of the API. */
  targets(): StoredTarget[] {
    return this.#statements.targets
      .all()
      .map(({ stream, name, url }) => ({ stream: stream as StreamId, name, url }));
  }

  /** The latest events, the latest first. */
  events(limit: number, before = Number.MAX_SAFE_INTEGER): (StoredEvent & { readonly number: number })[] {
    return this.#statements.events.all(before, limit).map((row) => ({
      number: row.number,
      at: row.at,
      kind: row.kind === "ready" ? "ready" : "not-ready",
      path: row.path,
      stream: row.stream,
      sourceType: row.source_type,
      sourceId: row.source_id,
      query: row.query,
      verdict: row.verdict,
      requestId: row.request_id,
    }));
  }

  /** Notes what is known of a stream, and what said so, in one. */
  saveStream(id: StreamId, record: StreamRecord, event?: StoredEvent): void {
    this.#write(() => {
      this.#statements.saveStream.run(id, JSON.stringify(record));
      if (event) this.#addEvent(event);
    });
  }

  /** Notes an event that changes nothing. */
  addEvent(event: StoredEvent): void {
    this.#write(() => this.#addEvent(event));
  }

  /** Notes how a process is kept. */
  saveKeeper({ stream, target }: ProcessKey, record: KeeperRecord): void {
    this.#write(() => this.#statements.saveKeeper.run(stream, target, JSON.stringify(record)));
  }

  /** Notes that a process is about to be started. */
  beginLaunch({ launch, stream, target, digest, startedAt, outputFrom }: Launch): void {
    this.#write(() =>
      this.#statements.beginLaunch.run(launch, stream, target, digest, startedAt, outputFrom),
    );
  }

  /** Notes which process was started. */
  noteProcess(launch: string, { pid, startTime, boot }: ProcessId): void {
    this.#write(() => this.#statements.noteProcess.run(pid, startTime, boot, launch));
  }

  /** Notes that a process has ended, or was not started. */
  endLaunch(launch: string): void {
    this.#write(() => this.#statements.endLaunch.run(launch));
  }

  /** Keeps a target, in the place of one of its name. */
  putTarget({ stream, name, url }: StoredTarget): void {
    this.#write(() => this.#statements.putTarget.run(stream, name, url));
  }

  /** Forgets a target, and how its forwarder was kept. */
  deleteTarget({ stream, target }: ProcessKey): void {
    this.#write(() => {
      this.#statements.deleteTarget.run(stream, target);
      this.#statements.deleteKeeper.run(stream, target);
    });
  }

  /** Forgets how a process was kept. */
  deleteKeeper({ stream, target }: ProcessKey): void {
    this.#write(() => this.#statements.deleteKeeper.run(stream, target));
  }

  /** Forgets a stream that has no process. */
  deleteStream(id: StreamId): void {
    this.#write(() => {
      this.#statements.deleteStream.run(id);
      this.#statements.deleteKeepers.run(id);
    });
  }

  /** Whether something can be written: tried where that failed the last time. */
  get isWritable(): boolean {
    if (!this.#hasFailed) return true;
    try {
      // What is written is as it was, and is written all the same.
      this.#write(() => prepareTables(this.#database));
    } catch {
      // That is the answer.
    }
    return !this.#hasFailed;
  }

  /** Closes the file. */
  close(): void {
    try {
      this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // The disk is full: the next one finds it all in the journal.
    } finally {
      this.#database.close();
    }
  }

  #addEvent(event: StoredEvent): void {
    const { at, kind, path, stream, sourceType, sourceId, query, verdict, requestId } = event;
    const added = this.#statements.addEvent.get(
      at,
      kind,
      path,
      stream,
      sourceType,
      sourceId,
      query,
      verdict,
      requestId,
    );
    if (added) this.#statements.forgetEvents.run(added.number - keptEvents);
  }

  #write(write: () => void): void {
    try {
      this.#database.transaction(write).immediate();
      this.#hasFailed = false;
    } catch (error) {
      this.#hasFailed = true;
      throw diskError(error);
    }
  }
}
