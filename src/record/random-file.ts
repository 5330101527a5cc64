import { type FileHandle, open } from "node:fs/promises";

/** A recorded file that is read here and there, wherever it lies. */
export interface ReadableFile {
  /** Its path, or what stands for one: the ending says what form it has. */
  readonly path: string;
  /** What it had when it was opened, in bytes. */
  readonly size: number;
  /** Up to `length` bytes at `offset`, fewer at the end, in a buffer of their own. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A file of this machine that is read here and there. */
export class RandomFile implements ReadableFile {
  readonly path: string;
  readonly size: number;
  /** When it was written last, in Unix milliseconds. */
  readonly changedAt: number;
  readonly #handle: FileHandle;

  private constructor(
    path: string,
    { handle, size, changedAt }: { handle: FileHandle; size: number; changedAt: number },
  ) {
    this.path = path;
    this.#handle = handle;
    this.size = size;
    this.changedAt = changedAt;
  }

  /** Opens a file; `size` is what it has now. @throws an error of the operating system */
  static async open(path: string): Promise<RandomFile> {
    const handle = await open(path, "r");
    try {
      const { size, mtimeMs: changedAt } = await handle.stat();
      return new RandomFile(path, { handle, size, changedAt });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Up to `length` bytes at `offset`, fewer at the end, in a buffer of their own. */
  readonly read = async (offset: number, length: number): Promise<Uint8Array> => {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    const bytes = new Uint8Array(wanted);
    let at = 0;
    while (at < wanted) {
      const { bytesRead } = await this.#handle.read(bytes, at, wanted - at, offset + at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  };

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Reads a part of a file that is opened for that alone. */
export const readRange = (path: string, from: number, to: number): Promise<Uint8Array> =>
  Bun.file(path).slice(from, to).bytes();
