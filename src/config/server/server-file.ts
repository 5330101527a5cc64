import type { Level } from "./level.ts";

/** What stands in a file, level by level. */
export interface ServerFile {
  readonly global: Level;
  readonly pathDefaults: Level;
  readonly paths: ReadonlyMap<string, Level>;
}
