import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { hideInText } from "../../base/hide-secrets.ts";

/** So much of the end of a file is read for its last words, in bytes. */
const tailBytes = 4_096;

/** A longer line is cut. */
const maxLineChars = 300;

/**
 * The file that a process writes what it has to say into. It is no pipe, so that the process outlives whoever has started it. It is
 * always appended to, so it may be emptied while the process goes on.
 */
export class OutputFile {
  readonly path: string;
  readonly #maxBytes: number;

  constructor(path: string, maxBytes: number) {
    this.path = path;
    this.#maxBytes = maxBytes;
  }

  /** Opens it, readable by nobody else, and gives its descriptor, which the caller closes. Throws what the system says. */
  open(): number {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    return openSync(this.path, "a", 0o600);
  }

  /** How long it is, in bytes; 0 where it is not there. */
  get size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /**
   * Keeps it within its bound: the end of what it holds becomes its older part `.1`, in the place of the one before. Throws what the system
   * says where that cannot be written; the file is emptied all the same, as it may be what has filled the disk.
   */
  turn(): void {
    const { size } = this;
    if (size <= this.#maxBytes) return;
    try {
      writeFileSync(`${this.path}.1`, this.#read(size - this.#maxBytes, size), { mode: 0o600 });
    } finally {
      truncateSync(this.path, 0);
    }
  }

  /** The end of what was written behind `from`, some KiB at most. Empty where it cannot be read. */
  tail(from = 0): string {
    const { size } = this;
    // A file that was emptied meanwhile begins anew.
    const start = Math.max(from > size ? 0 : from, size - tailBytes);
    return new TextDecoder().decode(this.#read(start, size));
  }

  #read(start: number, end: number): Uint8Array {
    if (start >= end) return new Uint8Array();
    const file = openSync(this.path, "r");
    try {
      const bytes = new Uint8Array(end - start);
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
    } finally {
      closeSync(file);
    }
  }
}

/**
 * Removes the files in a folder, and in those in it, that nobody has written into since `before`, in Unix milliseconds, but for `kept`; and
 * folders in it that nothing is in.
 */
export const removeOldFiles = (
  folder: string,
  { before, kept }: { before: number; kept: ReadonlySet<string> },
): void => {
  if (!existsSync(folder)) return;
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) => ({
    path: join(entry.parentPath, entry.name),
    entry,
  }));
  for (const { path, entry } of entries) {
    if (!entry.isFile() || kept.has(path)) continue;
    const { mtimeMs = before } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (mtimeMs < before) rmSync(path, { force: true });
  }
  for (const { path, entry } of entries)
    if (entry.isDirectory() && readdirSync(path).length === 0) rmdirSync(path);
};

/** A shorter text is no secret, and may be a part of any word. */
const minSecretLength = 4;

/**
 * What a program said last, as people may see it: the last line of a text that says something, without credentials of URLs and without
 * `secrets`. Of a line of a log in JSON it is the message, and the error.
 */
export const lastWords = (text: string, secrets: readonly string[] = []): string => {
  const line = text.split(/[\r\n]+/).findLast((each) => each.trim() !== "") ?? "";
  let shown = sentenceOf(line.trim());
  for (const secret of secrets) if (secret.length >= minSecretLength) shown = shown.replaceAll(secret, "***");
  shown = hideInText(shown);
  return shown.length > maxLineChars ? `${shown.substring(0, maxLineChars)}…` : shown;
};

const sentenceOf = (line: string): string => {
  if (!line.startsWith("{")) return line;
  try {
    const { msg, message = msg, error } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    const parts = [message, error].filter((each) => typeof each === "string");
    return parts.length > 0 ? parts.join(": ") : line;
  } catch {
    return line;
  }
};
