import { TransportError } from "../base/errors.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { type DiskFile, diskError } from "./disk.ts";

/** Bytes gathered for one write. */
const blockBytes = 256 * 1024;

/** What waits longer than this is written, however little it is: so much is lost when the process is killed. */
const flushMs = 1_000;

/** More than this waiting, in bytes, and the disk cannot keep up: seconds of any real stream. */
const defaultMaxWaitingBytes = 16 * 1024 * 1024;

/** Bytes gathered so far. Whoever reserved room fills the last bytes below `used`. */
export interface Block {
  readonly bytes: Uint8Array;
  used: number;
}

/** Bytes that go over what was written before. */
export interface Patch {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * Writes one file from its start to its end without ever making its caller wait.
 *
 *   reserve → block → full, or due → one write at a time → patches → close
 *
 * The caller fills gather buffers; a loop beside it writes them. What waits is bounded: beyond the bound the writer
 * gives the file up.
 */
export class DiskWriter {
  readonly #clock: Clock;
  readonly #maxWaitingBytes: number;
  /** The block that is being filled, and those that are full. */
  #current: Block | undefined;
  readonly #full: Block[] = [];
  /** A written block, to be filled again. */
  #spare: Block | undefined;
  /** The current block has waited long enough. */
  #isDue = false;
  #cancelFlush: Cancel | undefined;
  #waitingBytes = 0;
  #writtenBytes = 0;
  #patches: readonly Patch[] | undefined;
  #fault: Error | undefined;
  /** Wakes the loop while it has nothing to do. */
  #wake: (() => void) | undefined;
  readonly #done = Promise.withResolvers<void>();
  readonly #closed: Promise<void>;

  /** Writes to what `file` gives, as soon as it does; closes it in the end. */
  constructor(file: Promise<DiskFile>, options: { clock: Clock; maxWaitingBytes?: number | undefined }) {
    this.#clock = options.clock;
    this.#maxWaitingBytes = options.maxWaitingBytes ?? defaultMaxWaitingBytes;
    this.#closed = this.#run(file).then(
      () => this.#done.resolve(),
      (error) => this.abort(diskError(error)),
    );
  }

  /** Resolves when the file is whole and closed. @throws TransportError DISK, OVERFLOW; what {@link abort} was given */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** Resolves when the file descriptor is closed, after a failure too. Never rejects. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Bytes that are in the file. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Bytes that are not in the file yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /**
   * Appends room for `size` bytes in one piece: the last `size` of the block's used bytes, to be filled before the turn
   * of the event loop ends. Gives undefined when the writer has failed or was ended: there is nothing to fill.
   */
  reserve(size: number): Block | undefined {
    if (this.#fault || this.#patches) return undefined;
    if (this.#waitingBytes >= this.#maxWaitingBytes) {
      const text = `the disk cannot keep up: ${this.#waitingBytes} bytes wait, expected less than ${this.#maxWaitingBytes}`;
      this.abort(new TransportError("OVERFLOW", text));
      return undefined;
    }
    let block = this.#current;
    if (!block || block.used + size > block.bytes.length) {
      this.#seal();
      block = this.#begin(size);
    }
    block.used += size;
    this.#waitingBytes += size;
    return block;
  }

  /** What was reserved so far is worth writing at once: it is written as soon as the disk is free. */
  flush(): void {
    if (!this.#current || this.#isDue) return;
    this.#isDue = true;
    this.#rouse();
  }

  /** Nothing follows but `patches`, which are written over the file in their order. Then it is closed: see {@link done}. */
  end(patches: readonly Patch[]): void {
    if (this.#patches) return;
    this.#patches = patches;
    this.#seal();
    this.#rouse();
  }

  /** Gives the file up: what waits is forgotten, {@link done} rejects with `error`, the file is closed as soon as possible. */
  abort(error: Error): void {
    if (this.#fault) return;
    this.#fault = error;
    this.#cancelFlush?.();
    this.#current = undefined;
    this.#spare = undefined;
    this.#full.length = 0;
    this.#waitingBytes = 0;
    this.#done.reject(error);
    this.#rouse();
  }

  #begin(size: number): Block {
    const spare = size <= blockBytes ? this.#spare : undefined;
    if (spare) this.#spare = undefined;
    const block = spare ?? { bytes: Buffer.allocUnsafeSlow(Math.max(size, blockBytes)), used: 0 };
    this.#current = block;
    this.#cancelFlush = this.#clock.after(flushMs, () => {
      this.#isDue = true;
      this.#rouse();
    });
    return block;
  }

  #seal(): void {
    const block = this.#current;
    if (!block) return;
    this.#leave();
    this.#full.push(block);
    this.#rouse();
  }

  /** No more bytes go into the current block. */
  #leave(): void {
    this.#current = undefined;
    this.#isDue = false;
    this.#cancelFlush?.();
  }

  #rouse(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** The next block to write. One that is due is left to be filled while the disk is busy, so that blocks are used well. */
  #take(): Block | undefined {
    const full = this.#full.shift();
    const current = this.#current;
    if (full || !current || !this.#isDue) return full;
    this.#leave();
    return current;
  }

  async #run(opening: Promise<DiskFile>): Promise<void> {
    const file = await opening;
    try {
      await this.#pump(file);
    } catch (error) {
      // A part of a block is worse than none: what was reserved in one piece is whole in the file, or not there.
      if (!this.#fault) await file.truncate(this.#writtenBytes).catch(() => undefined);
      // The first error tells more than one in closing.
      await file.close().catch(() => undefined);
      throw error;
    }
    await file.close();
  }

  async #pump(file: DiskFile): Promise<void> {
    for (;;) {
      if (this.#fault) throw this.#fault;
      const block = this.#take();
      if (block) await this.#writeBlock(file, block);
      else if (this.#patches) break;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
    for (const { bytes, position } of this.#patches) await writeAll(file, bytes, position);
  }

  async #writeBlock(file: DiskFile, block: Block): Promise<void> {
    const { used } = block;
    await writeAll(file, block.bytes.subarray(0, used), this.#writtenBytes);
    this.#writtenBytes += used;
    if (this.#fault) return;
    this.#waitingBytes -= used;
    block.used = 0;
    if (block.bytes.length === blockBytes) this.#spare = block;
  }
}

const writeAll = async (file: DiskFile, bytes: Uint8Array, position: number): Promise<void> => {
  for (let at = 0; at < bytes.length; ) {
    const count = await file.write(bytes.subarray(at), position + at);
    if (count <= 0) throw new TransportError("DISK", `the disk took none of ${bytes.length - at} bytes`);
    at += count;
  }
};
