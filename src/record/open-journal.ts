import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A recording that was begun, and not ended as far as is known. */
export interface OpenRecording {
  readonly path: string;
  readonly file: string;
  /** Of the process that writes, or wrote it. */
  readonly pid: number;
  /** What the event of its end is called, where that was noted. */
  readonly endId: string | undefined;
}

/** Which journal it is, and who writes it. */
export interface JournalOptions {
  readonly name?: string;
  readonly pid?: number;
}

type Line = (
  | { readonly begin: string; readonly path: string; readonly endId?: string | undefined }
  | { readonly end: string }
) & {
  readonly pid: number;
};

/** Lines after which a journal is written anew. */
const maxLines = 10_000;

/** Journals of a folder of recordings: what is being written, and what has yet to be uploaded. */
export const journalNames = { open: ".rtmp-server-open", uploads: ".rtmp-server-uploads" } as const;

/**
 * Which recordings below a folder are being written: a file of lines beside them, so that a start after a crash knows what was left open.
 * What is written to it survives the end of the process at any moment; a line that is cut is passed over.
 */
export class OpenJournal {
  readonly #file: string;
  readonly #pid: number;
  #lines = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param root the folder; it is made where there is none as soon as something is to be noted */
  constructor(root: string, { name = journalNames.open, pid = process.pid }: JournalOptions = {}) {
    this.#file = join(root, name);
    this.#pid = pid;
  }

  /** What is open, whoever writes it. None where there is no journal. @throws an error of the operating system */
  async read(): Promise<readonly OpenRecording[]> {
    const content = await readFile(this.#file, "utf8").catch((error: unknown) => {
      if (isAbsence(error)) return "";
      throw error;
    });
    const open = new Map<string, OpenRecording>();
    const lines = content.split("\n");
    this.#lines = lines.length;
    for (const text of lines) {
      const line = parse(text);
      if (!line) continue;
      if ("begin" in line)
        open.set(line.begin, {
          path: line.path,
          file: line.begin,
          pid: line.pid,
          endId: line.endId,
        });
      else open.delete(line.end);
    }
    return [...open.values()];
  }

  /** Notes that a file was begun. Resolves when that is written. @throws an error of the operating system */
  begin(path: string, file: string, endId?: string): Promise<void> {
    return this.#inOrder(() => this.#append({ begin: file, path, pid: this.#pid, endId }));
  }

  /** Notes that a file was ended. Resolves when that is written. @throws an error of the operating system */
  end(file: string): Promise<void> {
    return this.#inOrder(async () => {
      await this.#append({ end: file, pid: this.#pid });
      if (this.#lines >= maxLines) await this.#compact();
    });
  }

  /** What is written goes one behind the other, whether the one before succeeded or not. */
  #inOrder(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #append(line: Line): Promise<void> {
    const text = `${JSON.stringify(line)}\n`;
    try {
      await appendFile(this.#file, text);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      await mkdir(dirname(this.#file), { recursive: true });
      await appendFile(this.#file, text);
    }
    this.#lines++;
  }

  async #compact(): Promise<void> {
    const open = await this.read();
    const lines = open.map(({ file, ...rest }) => `${JSON.stringify({ begin: file, ...rest })}\n`);
    await writeFile(`${this.#file}.new`, lines.join(""));
    await rename(`${this.#file}.new`, this.#file);
    this.#lines = lines.length;
  }
}

/** Whether another process of this id is there. One of our own id is an earlier one: in containers they are alike. */
export const isAlive = (pid: number): boolean => {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

const isAbsence = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

const parse = (text: string): Line | undefined => {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line !== "object" || line === null || !("pid" in line) || typeof line.pid !== "number")
      return undefined;
    const { pid } = line;
    if ("end" in line && typeof line.end === "string") return { end: line.end, pid };
    if (!("begin" in line && "path" in line)) return undefined;
    const { begin, path } = line;
    const endId = "endId" in line && typeof line.endId === "string" ? line.endId : undefined;
    return typeof begin === "string" && typeof path === "string" ? { begin, path, pid, endId } : undefined;
  } catch {
    // The process was killed while it wrote this line, or it is empty.
    return undefined;
  }
};
