import { statSync } from "node:fs";
import { codeOf, messageOf } from "../base/errors.ts";
import type { Cancel, Clock } from "../base/time.ts";

/** How often files are looked at, in milliseconds: a certificate is renewed in two steps, which then are rarely seen half done. */
const pollMs = 2_000;

/**
 * Looks now and then whether any of some files is another one, or has been written. Links are followed, each time anew, so that a link
 * that is turned to another file counts as a change.
 */
export class FileSights {
  readonly #files: () => readonly string[];
  readonly #changed: () => void;
  readonly #cancel: Cancel;
  #seen: string;

  /** `files` may give others later; `changed` is called after each change. */
  constructor(options: { files: () => readonly string[]; changed: () => void; clock: Clock }) {
    this.#files = options.files;
    this.#changed = options.changed;
    this.#seen = this.#look();
    this.#cancel = options.clock.every(pollMs, () => this.#check());
  }

  /** What is there now is known: only what comes later is a change. */
  settle(): void {
    this.#seen = this.#look();
  }

  /** Looks no more. */
  close(): void {
    this.#cancel();
  }

  #check(): void {
    const now = this.#look();
    if (now === this.#seen) return;
    this.#seen = now;
    this.#changed();
  }

  #look(): string {
    return this.#files().map(sightOf).join("\n");
  }
}

const sightOf = (file: string): string => {
  try {
    const { dev, ino, size, mtimeMs } = statSync(file);
    return `${file} ${dev} ${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    // Not there, or not to be reached: that is a sight, too, and whoever reads the file says what is wrong.
    return `${file} ${codeOf(error) ?? messageOf(error)}`;
  }
};
