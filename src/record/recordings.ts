import { readdir, unlink } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { RefusedError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { parseStreamPath, printable } from "../base/stream-path.ts";
import type { DomainEvent, EventHub } from "../stream/event.ts";
import { diskError } from "./disk.ts";
import { changeOf, FolderWalk, type SeenFolder } from "./folder-walk.ts";
import { Pace } from "./pace.ts";
import type { FindRecordConf, RecordConf, RecordsConf } from "./path-conf.ts";
import { RecordPath } from "./record-path.ts";
import { formatStart, type Microseconds, parseStart } from "./segment-time.ts";

/** A file that was recorded, or is being recorded. */
export interface Segment {
  readonly start: Microseconds;
  readonly file: string;
}

/** The recordings of a path with their files, the oldest first. */
export interface PathSegments {
  readonly name: string;
  /** The folder in front of the first placeholder of their template. */
  readonly root: string;
  readonly segments: readonly Segment[];
}

/** The recordings of a path as the control API shows them, the oldest first; `start` is RFC 3339. */
export interface RecordingView {
  readonly name: string;
  readonly segments: readonly { readonly start: string }[];
}

/** What recordings need of the house around them. */
export interface RecordingsContext {
  readonly events: EventHub;
  readonly log: Logger;
  /** Looks in the configuration that holds now. */
  readonly find: FindRecordConf;
  /** How many names of files and folders are looked at for one answer. */
  readonly maxEntries?: number;
}

const defaultMaxEntries = 1_000_000;

/** A name has no more segments than these. */
const maxFolders = 256;

/** Paths whose segments are remembered. */
const maxKnown = 1_000;

/**
 * What lies on the disk under the names that the configuration gives recordings, whoever wrote it. It reads names alone, never the files,
 * and follows no links.
 */
export class Recordings {
  readonly #context: RecordingsContext;
  #templates: readonly string[] = [];
  /** Files that are being written. */
  readonly #open = new Set<string>();
  /** Files that are being played, and how often. */
  readonly #held = new Map<string, number>();
  /** What was found of paths that were asked for last. */
  readonly #known = new Map<string, Known>();
  /** What is new is learnt one after the other. */
  #learning: Promise<void> = Promise.resolve();

  constructor(context: RecordingsContext) {
    this.#context = context;
    context.events.listen((event) => this.#hear(event));
  }

  /** The configuration has changed: `find` looks in it already. */
  configure({ paths }: RecordsConf): void {
    this.#templates = [...new Set(Object.values(paths).map(({ recordPath }) => recordPath))];
  }

  /** Every path that has recordings, by name. @throws TransportError DISK */
  async list(): Promise<readonly RecordingView[]> {
    const views: RecordingView[] = [];
    for (const { name, segments } of await this.all()) views.push(await viewOf(name, segments));
    return views;
  }

  /** The same with their files. @throws TransportError DISK */
  async all(): Promise<readonly PathSegments[]> {
    const found = new Map<string, { root: string; segments: Segment[] }>();
    for (const template of this.#templates) {
      const { root } = new RecordPath(template);
      for await (const { name, segment } of this.#all(template)) {
        const known = found.get(name);
        if (known) known.segments.push(segment);
        else found.set(name, { root, segments: [segment] });
      }
    }
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { root, segments }]) => ({ name, root, segments: segments.sort(byStart) }));
  }

  /** Whether a file is being written, or held by {@link hold}. */
  isBusy(file: string): boolean {
    const path = resolve(file);
    return this.#open.has(path) || this.#held.has(path);
  }

  /** Whether a file is being written. */
  isOpen(file: string): boolean {
    return this.#open.has(resolve(file));
  }

  /** Keeps a file from being deleted for its age or size, until what this gives is called. */
  hold(file: string): () => void {
    const path = resolve(file);
    this.#held.set(path, (this.#held.get(path) ?? 0) + 1);
    return once(() => {
      const left = (this.#held.get(path) ?? 1) - 1;
      if (left > 0) this.#held.set(path, left);
      else this.#held.delete(path);
    });
  }

  /** The recordings of one path: none where there are none. @throws RefusedError BAD_STREAM_NAME, PATH_NOT_CONFIGURED; TransportError DISK */
  async get(name: string): Promise<RecordingView> {
    return await viewOf(name, await this.segments(name));
  }

  /** The same with their files, the oldest first; the same array while no folder has changed. @throws RefusedError BAD_STREAM_NAME, PATH_NOT_CONFIGURED; TransportError DISK */
  async segments(name: string): Promise<readonly Segment[]> {
    const template = this.#confOf(name).recordPath;
    await this.#learning;
    const known = this.#known.get(name);
    if (known?.template === template && (await isUnchanged(known))) return known.segments;
    const seenAt = Date.now();
    const recordPath = new RecordPath(template);
    const { levels, read } = recordPath.search(name);
    const walk = this.#walk();
    const segments: Segment[] = [];
    try {
      for await (const relative of walk.matching(recordPath.root, levels)) {
        const named = read(relative);
        if (named) segments.push({ start: named.start, file: join(recordPath.root, relative) });
      }
    } catch (error) {
      throw diskError(error);
    }
    this.#tellBound(walk, recordPath.root);
    segments.sort(byStart);
    this.#known.delete(name);
    this.#known.set(name, { template, root: recordPath.root, folders: walk.folders, seenAt, segments });
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest);
    return segments;
  }

  /**
   * Deletes the segment of a path that began at `start`, in RFC 3339 as it was listed.
   * @throws RefusedError BAD_TIME, BAD_STREAM_NAME, PATH_NOT_CONFIGURED, SEGMENT_NOT_FOUND, SEGMENT_BUSY while it is being written;
   * TransportError DISK
   */
  async deleteSegment(name: string, start: string): Promise<void> {
    const time = parseStart(start);
    const segments = await this.segments(name);
    const segment = segments.find((each) => each.start === time);
    const shown = `segment ${formatStart(time)} of ${printable(name)}`;
    if (!segment) throw new RefusedError("SEGMENT_NOT_FOUND", `${shown} does not exist`);
    if (this.#open.has(resolve(segment.file)))
      throw new RefusedError("SEGMENT_BUSY", `${shown} is being written, expected one that is complete`);
    await unlink(segment.file).catch((error) => {
      throw diskError(error);
    });
  }

  #hear(event: DomainEvent): void {
    if (event.kind === "recordingStarted") {
      this.#open.add(resolve(event.file));
      this.#learning = this.#learning.then(() => this.#learn(event));
    } else if (event.kind === "recordingCompleted" || event.kind === "recordingFailed")
      this.#open.delete(resolve(event.file));
  }

  /**
   * A file of ours is new: what is known of its path is brought up to date, so that thousands of names need not be read again. Where more
   * than that has changed in its folder, they are.
   */
  async #learn({ path, file }: { readonly path: string; readonly file: string }): Promise<void> {
    const known = this.#known.get(path);
    if (!known) return;
    const name = relative(known.root, file);
    const named = new RecordPath(known.template).search(path).read(name);
    const place = [...known.folders].find(([folder]) => resolve(folder) === dirname(resolve(file)));
    const seen = named && place && (await isUnchangedBut(known, place[0])) ? await look(place[0]) : undefined;
    if (this.#known.get(path) !== known) return;
    if (!named || !place || seen?.names !== place[1].names + 1) {
      this.#known.delete(path);
      return;
    }
    const segments = [...known.segments, { start: named.start, file: join(known.root, name) }].sort(byStart);
    const folders = new Map(known.folders).set(place[0], seen);
    this.#known.set(path, { ...known, folders, seenAt: seen.changedAt + clockStepMs, segments });
  }

  #confOf(name: string): RecordConf {
    // A name with slashes that mean nothing names no other stream here.
    if (parseStreamPath(name) !== name)
      throw new RefusedError("BAD_STREAM_NAME", `${printable(name)} has a slash too many`);
    const found = this.#context.find(name);
    if (!found) throw new RefusedError("PATH_NOT_CONFIGURED", `path '${name}' is not configured`);
    return found.conf;
  }

  async *#all(template: string): AsyncGenerator<{ name: string; segment: Segment }> {
    const recordPath = new RecordPath(template);
    const walk = this.#walk();
    const verdicts = new Map<string, boolean>();
    try {
      for await (const relative of walk.all(recordPath.root, maxFolders)) {
        const named = recordPath.read(relative);
        if (!named) continue;
        const isOurs = verdicts.get(named.path) ?? this.#isFrom(template, named.path);
        verdicts.set(named.path, isOurs);
        if (!isOurs) continue;
        const { path: name, start } = named;
        yield { name, segment: { start, file: join(recordPath.root, relative) } };
      }
    } catch (error) {
      throw diskError(error);
    }
    this.#tellBound(walk, recordPath.root);
  }

  /** Whether a name that was read from files may be a stream's, and its recordings go by this template. */
  #isFrom(template: string, name: string): boolean {
    try {
      return this.#confOf(name).recordPath === template;
    } catch (error) {
      if (error instanceof RefusedError) return false;
      throw error;
    }
  }

  #walk(): FolderWalk {
    return new FolderWalk(this.#context.maxEntries ?? defaultMaxEntries);
  }

  #tellBound(walk: FolderWalk, folder: string): void {
    if (walk.isExhausted)
      this.#context.log.warn("too many files, some recordings are not listed", { folder });
  }
}

/** Segments of a path as they were found, and when the folders that hold them had changed last. */
interface Known {
  readonly template: string;
  readonly root: string;
  readonly folders: ReadonlyMap<string, SeenFolder>;
  /** In Unix milliseconds. */
  readonly seenAt: number;
  readonly segments: readonly Segment[];
}

/** File systems tell the time of a change so exactly, or better, in milliseconds. */
const clockStepMs = 50;

const isUnchanged = async (known: Known): Promise<boolean> =>
  known.folders.size > 0 && (await isUnchangedBut(known, undefined));

/** The same without a look at one of the folders. */
const isUnchangedBut = async ({ folders, seenAt }: Known, except: string | undefined): Promise<boolean> => {
  for (const [folder, { changedAt }] of folders) {
    if (folder === except) continue;
    if (changedAt > seenAt - clockStepMs || (await changeOf(folder)) !== changedAt) return false;
  }
  return true;
};

/** A folder as it is; undefined where it cannot be looked into. */
const look = async (folder: string): Promise<SeenFolder | undefined> => {
  const changedAt = await changeOf(folder);
  const names = await readdir(folder).catch(() => undefined);
  return changedAt === undefined || !names ? undefined : { changedAt, names: names.length };
};

/** Calling it twice does what calling it once does. */
const once = (run: () => void): (() => void) => {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
};

const byStart = (a: Segment, b: Segment): number => a.start - b.start;

const viewOf = async (name: string, segments: readonly Segment[]): Promise<RecordingView> => {
  const pace = new Pace();
  const shown: { start: string }[] = [];
  for (const { start } of segments) {
    shown.push({ start: formatStart(start) });
    await pace.step();
  }
  return { name, segments: shown };
};
