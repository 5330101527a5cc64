import type { ConfigDocument, DocumentPath } from "../document.ts";
import { formatPath } from "../document.ts";
import { type Origin, type Origins, placeKey, rankOf } from "./origin.ts";

/** Something that is wrong, or odd, and where. */
export interface Finding {
  readonly path: DocumentPath;
  readonly message: string;
}

/** Knows where everything was said: on which line of the file, in which variable, or by which flag. */
export class Places {
  readonly #document: ConfigDocument | undefined;
  readonly #origins: Origins;
  /** Keys at the top, and names of paths, that somebody said something about who is not the file. */
  readonly #said: ReadonlySet<string>;

  /** `document` is undefined where there is no file. */
  constructor(document: ConfigDocument | undefined, origins: Origins) {
    this.#document = document;
    this.#origins = origins;
    this.#said = new Set([...origins.keys()].map((key) => rootOf(JSON.parse(key) as DocumentPath)));
  }

  /**
   * One line about what is at `path`: `mediamtx.yml:12: paths.cam.source: …`, `MTX_PATHS_CAM_SOURCE: paths.cam.source: …` or
   * `--rtmp-address: …`.
   */
  tell(path: DocumentPath, message: string): string {
    const where = path.length > 0 ? `${formatPath(path)}: ` : "";
    for (let length = this.#said.has(rootOf(path)) ? path.length : 0; length > 0; length--) {
      const origin = this.#origins.get(placeKey(path.filter((_, index) => index < length)));
      if (origin) return this.#byOrigin(origin, { where, isExact: length === path.length }) + message;
    }
    return this.#document ? this.#document.faultAt(path, message) : where + message;
  }

  /** A line for each finding, in the order of the file, none twice. */
  tellAll(findings: readonly Finding[]): string[] {
    const sorted = findings
      .map(({ path, message }) => ({ path, message, line: this.#document?.lineOf(path) ?? 0 }))
      .sort((a, b) => a.line - b.line);
    return [...new Set(sorted.map(({ path, message }) => this.tell(path, message)))];
  }

  /** How much who said what is just there counts: 0 for the file. */
  rankOf(path: DocumentPath): number {
    return this.#said.has(rootOf(path)) ? rankOf(this.#origins.get(placeKey(path))) : 0;
  }

  #byOrigin({ kind, name }: Origin, { where, isExact }: { where: string; isExact: boolean }): string {
    if (name === "") return where;
    // A flag has the name of its key.
    return kind === "flag" && isExact ? `${name}: ` : `${name}: ${where}`;
  }
}

/** The part of a file in which something stands. There may be thousands of paths, and few of them are spoken of elsewhere. */
const rootOf = ([first = "", second = ""]: DocumentPath): string =>
  first === "paths" ? `paths ${second}` : String(first);
