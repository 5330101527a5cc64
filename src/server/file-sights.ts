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
  /** What was seen of each file. */
  #seen: ReadonlyMap<string, string>;

  /** `files` may give others later; `changed` is called after each change. */
  constructor(options: { files: () => readonly string[]; changed: () => void; clock: Clock }) {
    this.#files = options.files;
    this.#changed = options.changed;
    this.#seen = this.#look();
    this.#cancel = options.clock.every(pollMs, () => this.#check());
  }

  /** The files are others: those that have just come to them are known, and only what comes later is a change. */
  settle(): void {
    const seen = this.#seen;
    this.#seen = new Map([...this.#look()].map(([file, now]) => [file, seen.get(file) ?? now]));
  }

  /** Looks no more. */
  close(): void {
    this.#cancel();
  }

  #check(): void {
    const seen = this.#seen;
    this.#seen = this.#look();
    const isOther = ([file, now]: [string, string]): boolean => (seen.get(file) ?? now) !== now;
    if ([...this.#seen].some(isOther)) this.#changed();
  }

  #look(): ReadonlyMap<string, string> {
    return new Map(this.#files().map((file) => [file, sightOf(file)]));
  }
}

const sightOf = (file: string): string => {
  try {
    const { dev, ino, size, mtimeMs } = statSync(file);
    return `${dev} ${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    // Not there, or not to be reached: that is a sight, too, and whoever reads the file says what is wrong.
    return `${codeOf(error) ?? messageOf(error)}`;
  }
};
