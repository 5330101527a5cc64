import type { ConfigDocument, DocumentPath } from "../document.ts";
import { formatPath } from "../document.ts";

/** Something that is wrong, or odd, and where. */
export interface Finding {
  readonly path: DocumentPath;
  readonly message: string;
}

/** Knows where everything was said: on which line of the file, or in which variable. */
export class Places {
  readonly #document: ConfigDocument;
  readonly #variables: ReadonlyMap<string, string>;

  /** `variables` has the names of variables that something was taken from, by the path of it as JSON. */
  constructor(document: ConfigDocument, variables: ReadonlyMap<string, string>) {
    this.#document = document;
    this.#variables = variables;
  }

  /** One line about what is at `path`: `mediamtx.yml:12: paths.cam.source: …`, or `MTX_PATHS_CAM_SOURCE: paths.cam.source: …`. */
  tell(path: DocumentPath, message: string): string {
    for (let length = path.length; length > 0; length--) {
      const variable = this.#variables.get(placeKey(path.filter((_, index) => index < length)));
      if (variable !== undefined) return `${variable}: ${formatPath(path)}: ${message}`;
    }
    return this.#document.faultAt(path, message);
  }

  /** A line for each finding, in the order of the file, none twice. */
  tellAll(findings: readonly Finding[]): string[] {
    const sorted = findings.toSorted((a, b) => this.#document.lineOf(a.path) - this.#document.lineOf(b.path));
    return [...new Set(sorted.map(({ path, message }) => this.tell(path, message)))];
  }
}

/** A path as the key of a map. */
export const placeKey = (path: DocumentPath): string => JSON.stringify(path);
