import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ScriptSettings } from "../../../src/hooks/script/script-settings.ts";

/** A folder of scripts and of what they leave. Other users may look into it. */
export class ScriptFiles implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "scripts-"));
  #count = 0;

  constructor() {
    chmodSync(this.folder, 0o755);
  }

  /** A path in the folder that nobody else has. */
  path(name: string): string {
    return join(this.folder, `${this.#count++}-${name}`);
  }

  /** Writes a script and gives its path. */
  script(body: string, { head = "#!/bin/sh\n", mode = 0o755 } = {}): string {
    const path = this.path("hook.sh");
    writeFileSync(path, head + body);
    chmodSync(path, mode);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A script that is run once per event and inherits everything, with what a test wants different. */
export const scriptSettings = (path: string, changes: Partial<ScriptSettings> = {}): ScriptSettings => ({
  path,
  args: [],
  mode: "oneshot",
  env: {},
  envMode: "inherit",
  withheld: [],
  cwd: undefined,
  uid: undefined,
  gid: undefined,
  ...changes,
});

/** Waits until something is so, at most 10 s. */
export const until = async (what: string, isSo: () => boolean): Promise<void> => {
  const end = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`waited 10 s in vain until ${what}`);
    await Bun.sleep(10);
  }
};

/** What is in a file; nothing where there is none. */
export const contentOf = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** A script has left its process id, whole, in a file. */
export const hasPid = (file: string): boolean => /\d\n/.test(contentOf(file));

/** The process whose id is in a file runs. */
export const isAlive = (pidFile: string): boolean => {
  const pid = readFileSync(pidFile, "utf8").trim();
  // A zombie that its new parent has not fetched yet is dead all the same.
  return existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(contentOf(`/proc/${pid}/stat`));
};

/** Variables as `env -0` writes them. */
export const variablesIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split("\0")
      .filter((pair) => pair !== "")
      .map((pair) => [pair.substring(0, pair.indexOf("=")), pair.substring(pair.indexOf("=") + 1)]),
  );
