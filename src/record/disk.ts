import { access, mkdir, open, rm, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { codeOf, messageOf, TransportError } from "../base/errors.ts";
import { maxNameNumber } from "./file-name.ts";

/** A file that is being written. */
export interface DiskFile {
  /** Writes `bytes` at `position`; gives how many were written. `bytes` stay untouched until then. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Cuts off what is behind `size` bytes. */
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** What recording needs of a file system. Errors are those of the operating system, with its `code`. */
export interface Disk {
  /** Makes a file; EEXIST where the name is taken by anything, a dangling link too. */
  create(path: string): Promise<DiskFile>;
  /** Makes a folder and those above it; does nothing where it exists. */
  makeFolder(path: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** Removes a file; does nothing where there is none. */
  remove(path: string): Promise<void>;
  /** Bytes that may still be written where a folder is, or is to be. */
  freeBytes(folder: string): Promise<number>;
}

/** Room on the file system of a folder, or of the nearest one above it that is there. */
const freeBytes = async (folder: string): Promise<number> => {
  for (let place = resolve(folder); ; place = dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch (error) {
      const isThere = codeOf(error) !== "ENOENT";
      if (isThere || place === dirname(place)) throw error;
    }
  }
};

/** The file system of this machine. All work is done by threads of the runtime. */
export const systemDisk: Disk = {
  async create(path) {
    const handle = await open(path, "wx");
    return {
      async write(bytes, position) {
        const { bytesWritten } = await handle.write(bytes, 0, bytes.length, position);
        return bytesWritten;
      },
      truncate: (size) => handle.truncate(size),
      close: () => handle.close(),
    };
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true });
  },
  exists: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  remove: (path) => rm(path, { force: true }),
  freeBytes,
};

/** What a code of the operating system means for the person who reads it. */
const explanations: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full, free some space or record elsewhere",
  EDQUOT: "the disk quota is used up, free some space or raise it",
  EFBIG: "the file is as large as it may become, use segments",
  EACCES: "permission denied, the server needs to write to the record directory",
  EPERM: "permission denied, the server needs to write to the record directory",
  EROFS: "the file system is read-only, record elsewhere",
  ENOENT: "the record directory is gone",
  ENOTDIR: "a part of the path is a file, expected a folder",
  EEXIST: "a part of the path is a file, expected a folder",
  ENAMETOOLONG: "the path is too long, use a shorter record directory or pattern",
  EMFILE: "too many open files, raise the limit of the process",
  ENFILE: "too many open files on this machine",
  EIO: "the disk reports a fault",
};

/** The operating system's name for an error; undefined for errors that are not its. */
const systemCodeOf = (error: unknown): string | undefined => {
  const code = codeOf(error);
  return code !== undefined && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
};

/** Turns what a {@link Disk} rejected with into a TransportError DISK with a sentence to act on; other errors pass. */
export const diskError = (error: unknown): Error => {
  const code = systemCodeOf(error);
  if (code === undefined) return error instanceof Error ? error : new Error(messageOf(error));
  const explanation = explanations[code];
  const message = explanation ? `${explanation} (${code})` : messageOf(error);
  return new TransportError("DISK", message, { cause: error });
};

/**
 * Makes a new file and the folders it stands in, under the first name of `nameOf(1)`, `nameOf(2)` and so on that is not taken: nothing
 * is ever overwritten. Gives the path that was free.
 * @throws TransportError DISK
 */
export const createFree = async (
  disk: Disk,
  nameOf: (number: number) => string,
): Promise<{ readonly path: string; readonly file: DiskFile }> => {
  let folder: string | undefined;
  let losses = 0;
  for (let number = 1; number <= maxNameNumber; number++) {
    const candidate = nameOf(number);
    if (dirname(candidate) !== folder) {
      folder = dirname(candidate);
      await disk.makeFolder(folder).catch((error) => {
        throw diskError(error);
      });
    }
    try {
      return { path: candidate, file: await disk.create(candidate) };
    } catch (error) {
      const code = codeOf(error);
      // Somebody removed the folder, which was empty, between two of our steps.
      if (code === "ENOENT" && losses++ === 0) {
        folder = undefined;
        number--;
      } else if (code !== "EEXIST") throw diskError(error);
    }
  }
  throw new TransportError("DISK", `${maxNameNumber} recordings have this name already, move some away`);
};
