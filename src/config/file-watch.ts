import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { ConfigError, messageOf } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";
import { type Cancel, type Clock, systemClock } from "../base/time.ts";
import { maxDocumentBytes } from "./document.ts";

/** How a {@link FileWatch} works, and whom it tells. */
export interface FileWatchOptions {
  /** Followed where it is a symbolic link, each time anew. */
  readonly path: string;
  /** What the file is known to hold; without it the first look tells of what it finds. */
  readonly text?: string;
  /** Gets the text of the file after each change. */
  readonly onChange: (text: string) => void;
  /** Told once when the file can no longer be read, and again only after it could be. */
  readonly onError: (error: ConfigError) => void;
  readonly clock?: Clock;
  /** Time between two looks, in milliseconds. */
  readonly pollMs?: number;
  /** Time between two reads that have to agree, in milliseconds. */
  readonly settleMs?: number;
}

/** What a file looked like when it was read. */
interface Sight {
  /** Size, times and place on the disk: while they stay the same the file is not read again. */
  readonly outside: string;
  readonly hash: string;
  readonly text: string;
}

/** A file that is written while it is read settles soon; one that is written all the time is looked at again later. */
const maxReads = 25;

/**
 * Watches a file for changes by looking at it now and then: that works with every editor, every file system and with links that are
 * turned, where notifications of the system do not. A change counts when two reads some time apart agree. What the file held before
 * stays in force until then, and while the file is missing.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #clock: Clock;
  readonly #stopPolling: Cancel;
  #outside: string | undefined;
  #hash: string | undefined;
  #isFailing = false;
  #isClosed = false;
  #look: Promise<void> | undefined;
  #cancelWait: Cancel | undefined;

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#hash = options.text === undefined ? undefined : hashOf(options.text);
    this.#stopPolling = this.#clock.every(options.pollMs ?? 5_000, () => {
      if (!this.#look) void this.#begin(false);
    });
  }

  /**
   * Looks now, and tells of the text even if it is the same: what it refers to may have changed. Ends when that is done. It never
   * rejects unless `onChange` or `onError` throws.
   */
  async check(): Promise<void> {
    await this.#look?.catch(() => undefined);
    await this.#begin(true);
  }

  /** Looks no more, and tells nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#stopPolling();
    this.#cancelWait?.();
  }

  #begin(isForced: boolean): Promise<void> {
    const look = this.#run(isForced).finally(() => {
      if (this.#look === look) this.#look = undefined;
    });
    this.#look = look;
    return look;
  }

  async #run(isForced: boolean): Promise<void> {
    let sight: Sight | undefined;
    try {
      sight = isForced || (await this.#hasMoved()) ? await this.#settled() : undefined;
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#isClosed) return;
    this.#isFailing = false;
    if (!sight) return;
    const isNews = sight.hash !== this.#hash;
    this.#outside = sight.outside;
    this.#hash = sight.hash;
    if (isNews || isForced) this.#options.onChange(sight.text);
  }

  async #hasMoved(): Promise<boolean> {
    return (await outsideOf(this.#options.path)) !== this.#outside;
  }

  /** The file, once two reads agree; undefined where it changes all the time. @throws what keeps it from being read */
  async #settled(): Promise<Sight | undefined> {
    const { path, settleMs = 200 } = this.#options;
    let before = await sightOf(path);
    for (let reads = 1; reads < maxReads && !this.#isClosed; reads++) {
      await this.#wait(settleMs);
      const now = await sightOf(path);
      if (now.hash === before.hash) return now;
      before = now;
    }
    return undefined;
  }

  #wait(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(delayMs, resolve);
    this.#cancelWait = () => {
      cancel();
      resolve();
    };
    return promise;
  }

  #fail(error: unknown): void {
    this.#outside = undefined;
    if (this.#isFailing || this.#isClosed) return;
    this.#isFailing = true;
    const { path, onError } = this.#options;
    onError(new ConfigError(`${printable(path)} cannot be read: ${messageOf(error)}`, { cause: error }));
  }
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

const outsideOf = async (path: string): Promise<string> => {
  const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path);
  return [dev, ino, size, mtimeMs, ctimeMs].join(" ");
};

/** Looks at the outside first, so that a change while the file is read is seen the next time. */
const sightOf = async (path: string): Promise<Sight> => {
  const outside = await outsideOf(path);
  const size = Number(outside.split(" ")[2]);
  if (size > maxDocumentBytes) throw new ConfigError(`${size} bytes, expected at most ${maxDocumentBytes}`);
  const text = await readFile(path, "utf8");
  return { outside, text, hash: hashOf(text) };
};
