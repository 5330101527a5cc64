import type { Level } from "./level.ts";

/** What stands in a file, level by level. */
export interface ServerFile {
  readonly global: Level;
  readonly pathDefaults: Level;
  readonly paths: ReadonlyMap<string, Level>;
  /** Nobody said a path, so that `paths` was given one that lets every name be used. */
  readonly isOpen: boolean;
}
