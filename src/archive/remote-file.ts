import { TransportError } from "../base/errors.ts";
import type { ReadableFile } from "../record/random-file.ts";
import { type ObjectPlace, type ObjectStore, urlOf } from "./object-store.ts";

/** Read from the store at once, in bytes: a request takes about as long for a few of them as for so many. */
const blockBytes = 1024 * 1024;

/** Blocks that are kept of a file. */
const maxBlocks = 8;

/** Blocks that are read ahead of whoever goes through a file. */
const ahead = 3;

/**
 * An object of a store that is read here and there, in blocks. Whoever goes through it from its beginning, as from one fragment to the next, finds
 * the next blocks on their way.
 */
export class RemoteFile implements ReadableFile {
  readonly path: string;
  readonly size: number;
  readonly #store: ObjectStore;
  readonly #place: ObjectPlace;
  /** The newest last. */
  readonly #blocks = new Map<number, Promise<Uint8Array>>();
  #latest = -2;

  private constructor(store: ObjectStore, { place, size }: { place: ObjectPlace; size: number }) {
    this.#store = store;
    this.#place = place;
    this.path = urlOf(place);
    this.size = size;
  }

  /** Opens an object. @throws TransportError DISK where nothing is there, and as the store does */
  static async open(store: ObjectStore, place: ObjectPlace): Promise<RemoteFile> {
    const head = await store.head(place);
    if (!head) throw new TransportError("DISK", "the recording is not in the store any more");
    return new RemoteFile(store, { place, size: head.size });
  }

  readonly read = async (offset: number, length: number): Promise<Uint8Array> => {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return new Uint8Array(0);
    const bytes = new Uint8Array(end - offset);
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / blockBytes);
      const block = await this.#block(index);
      const from = at - index * blockBytes;
      const part = block.subarray(from, Math.min(block.length, end - index * blockBytes));
      if (part.length === 0)
        throw new TransportError("DISK", "the recording in the store is shorter than it was");
      bytes.set(part, at - offset);
      at += part.length;
    }
    return bytes;
  };

  close(): Promise<void> {
    this.#blocks.clear();
    return Promise.resolve();
  }

  #block(index: number): Promise<Uint8Array> {
    const isNext = index === this.#latest + 1;
    if (index !== this.#latest) {
      this.#latest = index;
      if (isNext) for (let next = index; next <= index + ahead; next++) void this.#fetch(next);
    }
    return this.#fetch(index) ?? Promise.resolve(new Uint8Array(0));
  }

  #fetch(index: number): Promise<Uint8Array> | undefined {
    const start = index * blockBytes;
    if (start >= this.size) return undefined;
    const known = this.#blocks.get(index);
    const block = known ?? this.#store.read(this.#place, start, Math.min(start + blockBytes, this.size));
    // What is read ahead may fail unheard: whoever wants it asks again.
    if (!known) block.catch(() => this.#blocks.delete(index));
    this.#blocks.delete(index);
    this.#blocks.set(index, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > maxBlocks && oldest !== undefined) this.#blocks.delete(oldest);
    return block;
  }
}
