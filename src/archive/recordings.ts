import { rm } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { RefusedError } from "../base/errors.ts";
import { parseStreamPath, printable } from "../base/stream-path.ts";
import { diskError } from "../record/disk.ts";
import type { FindRecordConf, RecordConf, RecordsConf } from "../record/path-conf.ts";
import { RecordPath } from "../record/record-path.ts";
import { formatStart, parseStart } from "../record/segment-time.ts";
import type { DomainEvent, EventHub } from "../stream/event.ts";
import type { IndexPort, OwnFile } from "./index-port.ts";
import { type ObjectStore, placeOf } from "./object-store.ts";
import { Pace } from "./pace.ts";
import type { PlayableSegment } from "./playable.ts";
import type { Timespan } from "./timespans.ts";

/** The recordings of a path as the control API shows them, the oldest first; `start` is RFC 3339. */
export interface RecordingView {
  readonly name: string;
  readonly segments: readonly { readonly start: string }[];
}

/** The recordings of a path in a few words; `first` and `last` are when a segment begins, in RFC 3339, and null where there is none. */
export interface RecordingOverview {
  readonly name: string;
  readonly segments: number;
  readonly first: string | null;
  readonly last: string | null;
}

/** What recordings need of the house around them. */
export interface RecordingsContext {
  readonly events: EventHub;
  /** Knows what lies where. */
  readonly index: IndexPort;
  /** Has what is not on this machine. */
  readonly store: ObjectStore;
  /** Looks in the configuration that holds now. */
  readonly find: FindRecordConf;
}

/**
 * What was recorded under the names that the configuration gives recordings, whoever wrote it. The configuration says which names are a
 * path's; the index which segments there are.
 */
export class Recordings {
  readonly #context: RecordingsContext;
  #templates: readonly string[] = [];
  /** Files that are being written. */
  readonly #open = new Set<string>();
  /** Files that are being played, and how often. */
  readonly #held = new Map<string, number>();
  /** Those who wait until a file is let go of. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(context: RecordingsContext) {
    this.#context = context;
    context.events.listen((event) => this.#hear(event));
  }

  /** The configuration has changed: `find` looks in it already. */
  configure({ paths }: RecordsConf): void {
    this.#templates = [...new Set(Object.values(paths).map(({ recordPath }) => recordPath))];
  }

  /** The templates that recordings are named by. */
  get templates(): readonly string[] {
    return this.#templates;
  }

  /** Every path that has recordings, in order. @throws TransportError DISK */
  async names(): Promise<readonly string[]> {
    const found = await Promise.all(this.#templates.map((template) => this.namesBy(template)));
    return found.flat().sort();
  }

  /** Paths that have recordings, and whose recordings are named by a template. @throws TransportError DISK */
  async namesBy(template: string): Promise<readonly string[]> {
    const names = await this.#context.index.names(template);
    return names.filter((name) => this.#isFrom(template, name));
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

  /** Absolute paths of all files that are written or held. */
  get busy(): readonly string[] {
    return [...this.#open, ...this.#held.keys()];
  }

  /** Keeps a file from being deleted for its age or size, until what this gives is called. */
  hold(file: string): () => void {
    const path = resolve(file);
    this.#held.set(path, (this.#held.get(path) ?? 0) + 1);
    return once(() => {
      const left = (this.#held.get(path) ?? 1) - 1;
      if (left > 0) this.#held.set(path, left);
      else {
        this.#held.delete(path);
        for (const proceed of this.#waiting.get(path)?.splice(0) ?? []) proceed();
        this.#waiting.delete(path);
      }
    });
  }

  /** Resolves when nobody holds a file: at once, or in the turn in which it is let go of. */
  whenFree(file: string): Promise<void> {
    const path = resolve(file);
    if (!this.#held.has(path)) return Promise.resolve();
    const { promise, resolve: proceed } = Promise.withResolvers<void>();
    const others = this.#waiting.get(path);
    if (others) others.push(proceed);
    else this.#waiting.set(path, [proceed]);
    return promise;
  }

  /** The recordings of one path: none where there are none. @throws RefusedError BAD_STREAM_NAME, PATH_NOT_CONFIGURED; TransportError DISK */
  async get(name: string): Promise<RecordingView> {
    const starts = await this.#context.index.starts(this.#archivePath(name));
    const pace = new Pace();
    const segments: { start: string }[] = [];
    for (const start of starts) {
      segments.push({ start: formatStart(start) });
      await pace.step();
    }
    return { name, segments };
  }

  /** How many recordings there are of one path, from when to when. @throws as {@link get} */
  async overview(name: string): Promise<RecordingOverview> {
    const starts = await this.#context.index.starts(this.#archivePath(name));
    const at = (index: number): string | null => {
      const start = starts.at(index);
      return start === undefined ? null : formatStart(start);
    };
    return { name, segments: starts.length, first: at(0), last: at(-1) };
  }

  /**
   * When something was recorded of a path without a gap; of what lies between two times in Unix milliseconds, where they are given.
   * @throws RefusedError BAD_STREAM_NAME, PATH_NOT_CONFIGURED; TransportError DISK
   */
  async timespans(
    name: string,
    {
      fromMs = 0,
      toMs = Number.MAX_SAFE_INTEGER,
    }: { fromMs?: number | undefined; toMs?: number | undefined } = {},
  ): Promise<readonly Timespan[]> {
    const pairs = await this.#context.index.timespans({ ...this.#archivePath(name), fromMs, toMs });
    const pace = new Pace();
    const spans: Timespan[] = [];
    for (let at = 0; at < pairs.length; at += 2) {
      spans.push({ startMs: pairs[at] ?? 0, durationMs: pairs[at + 1] ?? 0 });
      await pace.step();
    }
    return spans;
  }

  /**
   * What can be played of a path between two times in Unix milliseconds, and the two segments in front of it.
   * @throws RefusedError BAD_STREAM_NAME, PATH_NOT_CONFIGURED; TransportError DISK
   */
  async playable(name: string, fromMs: number, toMs: number): Promise<readonly PlayableSegment[]> {
    return await this.#context.index.playable({ ...this.#archivePath(name), fromMs, toMs });
  }

  /**
   * Deletes the segment of a path that began at `start`, in RFC 3339 as it was listed: here and in the store.
   * @throws RefusedError BAD_TIME, BAD_STREAM_NAME, PATH_NOT_CONFIGURED, SEGMENT_NOT_FOUND, SEGMENT_BUSY while it is being written;
   * TransportError DISK, and as the store does
   */
  async deleteSegment(name: string, start: string): Promise<void> {
    const time = parseStart(start);
    const path = this.#archivePath(name);
    const [segment] = await this.#context.index.at({ ...path, start: time });
    const shown = `segment ${formatStart(time)} of ${printable(name)}`;
    if (!segment) throw new RefusedError("SEGMENT_NOT_FOUND", `${shown} does not exist`);
    const { file } = segment;
    if (this.#open.has(resolve(file)))
      throw new RefusedError("SEGMENT_BUSY", `${shown} is being written, expected one that is complete`);
    await this.remove({ ...path, ...segment });
    // An upload that was under way may have arrived before the file was gone.
    const left = await this.#context.index.at({ ...path, start: time });
    for (const each of left) if (each.file === file) await this.remove({ ...path, ...each });
  }

  /** Deletes a segment from the store, where it is in one, and from this machine. @throws TransportError DISK, and as the store does */
  async remove({ template, name, file, remote }: OwnFile & { remote: string | undefined }): Promise<void> {
    const { index, store } = this.#context;
    const place = remote === undefined ? undefined : placeOf(remote);
    if (place) {
      await store.remove(place);
      await index.stored({ template, name, file, remote: undefined });
    }
    await this.removeFile({ template, file });
  }

  /** Deletes the file of a segment from this machine, if it is there. @throws TransportError DISK */
  async removeFile({ template, file }: { readonly template: string; readonly file: string }): Promise<void> {
    await rm(file, { force: true }).catch((error) => {
      throw diskError(error);
    });
    await this.#context.index.deleted({ template, files: [file] });
  }

  #hear(event: DomainEvent): void {
    if (
      event.kind !== "recordingStarted" &&
      event.kind !== "recordingCompleted" &&
      event.kind !== "recordingFailed"
    )
      return;
    const { path: name, file } = event;
    const hasBegun = event.kind === "recordingStarted";
    if (hasBegun) this.#open.add(resolve(file));
    else this.#open.delete(resolve(file));
    const template = this.#context.find(name)?.conf.recordPath;
    if (template === undefined || !isIn(new RecordPath(template).root, file)) return;
    const own = { template, name, file };
    if (hasBegun) this.#context.index.began(own);
    else this.#context.index.ended(own);
  }

  /** @throws RefusedError BAD_STREAM_NAME, PATH_NOT_CONFIGURED */
  #archivePath(name: string): { readonly template: string; readonly name: string } {
    return { template: this.#confOf(name).recordPath, name };
  }

  #confOf(name: string): RecordConf {
    // A name with slashes that mean nothing names no other stream here.
    if (parseStreamPath(name) !== name)
      throw new RefusedError("BAD_STREAM_NAME", `${printable(name)} has a slash too many`);
    const found = this.#context.find(name);
    if (!found) throw new RefusedError("PATH_NOT_CONFIGURED", `path '${name}' is not configured`);
    return found.conf;
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
}

const isIn = (root: string, file: string): boolean => {
  const way = relative(resolve(root), resolve(file));
  return file !== "" && way !== ".." && !way.startsWith(`..${sep}`);
};

/** Calling it twice does what calling it once does. */
const once = (run: () => void): (() => void) => {
  let isDone = false;
  return () => {
    if (!isDone) run();
    isDone = true;
  };
};
