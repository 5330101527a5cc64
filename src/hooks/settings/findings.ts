import { ConfigError } from "../../base/errors.ts";
import type { DocumentPath } from "../../config/document.ts";

/** Says where something stands: a line of an error about what is at `path`. */
export type FaultPlace = (path: DocumentPath, message: string) => string;

/** What is wrong, or odd, with settings, gathered while they are read, so that all of it is told at once. */
export class Findings {
  readonly #place: FaultPlace;
  readonly #path: DocumentPath;
  readonly #faults: string[];
  readonly #warnings: string[];

  /** `place` words a finding; all findings of one `within` go to the lists of their origin. */
  constructor(place: FaultPlace, parent?: { path: DocumentPath; faults: string[]; warnings: string[] }) {
    this.#place = place;
    this.#path = parent?.path ?? [];
    this.#faults = parent?.faults ?? [];
    this.#warnings = parent?.warnings ?? [];
  }

  /** The lines of all warnings so far. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** The same findings, about what is inside. */
  within(...path: (string | number)[]): Findings {
    return this.#derive(this.#place, [...this.#path, ...path]);
  }

  /** The same findings, about things that `place` words. */
  placedBy(place: FaultPlace): Findings {
    return this.#derive(place, []);
  }

  /** Notes what cannot be used. */
  fault(message: string): void {
    this.#faults.push(this.#place(this.#path, message));
  }

  /** Notes what works, and may not be meant. */
  warn(message: string): void {
    this.#warnings.push(this.#place(this.#path, message));
  }

  /** What `read` gives; undefined where it throws a ConfigError, which is a fault then. */
  attempt<Value>(read: () => Value): Value | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.fault(error.message);
      return undefined;
    }
  }

  /** @throws ConfigError with a line for each fault, where there are any */
  throwFaults(): void {
    if (this.#faults.length > 0) throw new ConfigError([...new Set(this.#faults)].join("\n"));
  }

  #derive(place: FaultPlace, path: DocumentPath): Findings {
    return new Findings(place, { path, faults: this.#faults, warnings: this.#warnings });
  }
}
