import { messageOf, TransportError } from "../base/errors.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { EventHub } from "../stream/event.ts";
import { createFree, type Disk, type DiskFile } from "./disk.ts";
import { type Block, DiskWriter, type Patch } from "./disk-writer.ts";

/** What a recorded file needs of the house around it. */
export interface RecordedFileContext {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly events: EventHub;
  /** How much may wait for a slow disk, in bytes; undefined for the usual. */
  readonly maxWaitingBytes?: number | undefined;
}

/** A file that is about to be recorded. */
export interface RecordedFileOptions {
  readonly stream: StreamPath;
  /** Gives its path; the number counts names that are taken. @throws RefusedError BAD_STREAM_NAME */
  readonly nameOf: (number: number) => string;
}

/** How a file that is finished ended. */
export interface FileEnd {
  readonly patches: readonly Patch[];
  readonly durationMs: number;
}

/**
 * One file of a recording, whatever its form: made under a name that is free, written from its start to its end. Raises
 * recordingStarted when it is there, and then recordingCompleted, or recordingFailed in place of either.
 */
export class RecordedFile {
  readonly #options: RecordedFileOptions;
  readonly #context: RecordedFileContext;
  readonly #writer: DiskWriter;
  readonly #finished: Promise<void>;
  /** Where the file is, or was to be. */
  #path = "";
  #isCreated = false;
  #hasFailed = false;
  #size = 0;
  #durationMs = 0;
  #neededSize = 1;
  /** What the event of its end is called: it is noted with the beginning, so that a crash makes no other event of the same end. */
  readonly #endId = `evt_${Bun.randomUUIDv7()}`;

  constructor(options: RecordedFileOptions, context: RecordedFileContext) {
    this.#options = options;
    this.#context = context;
    this.#writer = new DiskWriter(this.#create(), context);
    this.#finished = this.#report();
  }

  /** True once nothing more is written, because of an error. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Whether something of what was recorded is in the file. */
  get hasWritten(): boolean {
    return this.#writer.writtenBytes >= this.#neededSize;
  }

  /** Bytes appended so far: where the next one goes. */
  get size(): number {
    return this.#size;
  }

  /** Resolves when the file is whole or given up, its descriptor closed and its event raised. Never rejects. */
  get finished(): Promise<void> {
    return this.#finished;
  }

  /** Appends room for `size` bytes: see `DiskWriter`. */
  reserve(size: number): Block | undefined {
    const block = this.#writer.reserve(size);
    if (block) this.#size += size;
    return block;
  }

  /** Appends a copy of `bytes`. */
  append(bytes: Uint8Array): void {
    const block = this.reserve(bytes.length);
    block?.bytes.set(bytes, block.used - bytes.length);
  }

  /** A file that fails with less than what was appended so far, and one byte more, holds no frame: it is removed. */
  needsMore(): void {
    this.#neededSize = this.#size + 1;
  }

  /** A file that fails with less than what was appended so far holds no frame: it is removed. */
  needsThis(): void {
    this.#neededSize = this.#size;
  }

  /** What was appended so far makes sense by itself: it is written as soon as the disk is free. */
  flush(): void {
    this.#writer.flush();
  }

  /** Nothing follows: the patches are written over the file, and it is closed. */
  finish({ patches, durationMs }: FileEnd): void {
    this.#durationMs = durationMs;
    this.#writer.end(patches);
  }

  /** Gives the file up because of `error`; what is in it stays. */
  abort(error: unknown): void {
    this.#writer.abort(error instanceof Error ? error : new Error(messageOf(error)));
  }

  async #create(): Promise<DiskFile> {
    const { disk, events } = this.#context;
    const { stream, nameOf } = this.#options;
    const { path, file } = await createFree(disk, (number) => {
      this.#path = nameOf(number);
      return this.#path;
    });
    this.#path = path;
    this.#isCreated = true;
    if (!this.#hasFailed)
      events.emit({ kind: "recordingStarted", path: stream, file: path, endId: this.#endId });
    return file;
  }

  async #report(): Promise<void> {
    const { disk, events } = this.#context;
    try {
      await this.#writer.done;
      if (!(await disk.exists(this.#path)))
        throw new TransportError("DISK", "the file was moved or removed while it grew");
      const about = { path: this.#options.stream, file: this.#path };
      const facts = { durationMs: this.#durationMs, bytes: this.#size, eventId: this.#endId };
      events.emit({ kind: "recordingCompleted", ...about, ...facts });
    } catch (error) {
      this.#hasFailed = true;
      const about = { path: this.#options.stream, file: this.#path };
      events.emit({ kind: "recordingFailed", ...about, error: messageOf(error) });
      await this.#writer.closed;
      await this.#removeEmpty();
    }
  }

  /** A file without a frame tells nobody anything. */
  async #removeEmpty(): Promise<void> {
    if (!this.#isCreated || this.#writer.writtenBytes >= this.#neededSize) return;
    // The failure that left it behind was told; this one adds nothing.
    await this.#context.disk.remove(this.#path).catch(() => undefined);
  }
}
