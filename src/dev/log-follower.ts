import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { Glob } from "bun";
import { prettyLine } from "../base/log.ts";

/** So much of each log is shown at first, in bytes. */
const firstBytes = 4_096;

const pollMs = 300;

/** Shows what is written to the logs of a directory, those to come too, until it is aborted. Each line has the name of its log in front. */
export const followLogs = async (
  directory: string,
  { show, signal }: { show: (line: string) => void; signal: AbortSignal },
): Promise<void> => {
  const read = new Map<string, number>();
  const rests = new Map<string, string>();
  while (!signal.aborted) {
    for (const name of logsIn(directory)) {
      const path = `${directory}/${name}`;
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      // One that has become shorter was begun anew.
      const known = read.get(name) ?? Math.max(0, size - firstBytes);
      const from = known > size ? 0 : known;
      if (size === from) continue;
      const isCut = !read.has(name) && from > 0;
      const lines = ((rests.get(name) ?? "") + readPart(path, from, size)).split("\n");
      rests.set(name, lines.pop() ?? "");
      read.set(name, size);
      for (const line of isCut ? lines.slice(1) : lines)
        show(`${name.replace(/\.log$/, "")} | ${prettyLine(line) ?? line}`);
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      signal.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }
};

/** Nothing was started yet where there is no directory. */
const logsIn = (directory: string): readonly string[] =>
  existsSync(directory) ? [...new Glob("**/*.log").scanSync({ cwd: directory })].sort() : [];

const readPart = (path: string, from: number, to: number): string => {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(to - from);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from)).toString();
  } finally {
    closeSync(file);
  }
};
