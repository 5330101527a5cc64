import type { JsonObject } from "./json-body.ts";

/**
 * The configuration, as it holds now and as it may be changed. Views are in MediaMTX's form with secrets hidden. A change is checked as a
 * whole and applied before it is done, or not at all.
 *
 * Changes throw ConfigError for what is not accepted, with the code NOT_FOUND where it is about a path that is not there.
 */
export interface ConfigPort {
  /** Every key but `pathDefaults` and `paths`. */
  globalView(): JsonObject;
  pathDefaultsView(): JsonObject;
  /** Of an entry, with what `pathDefaults` says; undefined where there is none. */
  pathView(name: string): JsonObject | undefined;
  /** Of all entries. */
  pathNames(): Iterable<string>;
  patchGlobal(body: JsonObject): Promise<void>;
  patchPathDefaults(body: JsonObject): Promise<void>;
  /** A name that is there already is not accepted. */
  addPath(name: string, body: JsonObject): Promise<void>;
  patchPath(name: string, body: JsonObject): Promise<void>;
  /** Of what was there nothing stays. */
  replacePath(name: string, body: JsonObject): Promise<void>;
  deletePath(name: string): Promise<void>;
}
