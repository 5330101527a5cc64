import { ConfigError } from "../../base/errors.ts";
import type { Mapping } from "../document.ts";
import { type BodyLevel, readApiBody } from "./api-body.ts";
import { type ApiChanges, deleted, patched, replaced } from "./api-changes.ts";
import { ConfigChangeError } from "./config-change-error.ts";
import { deprecatedGlobalKeys, deprecatedPathKeys } from "./deprecated-keys.ts";
import { writeGlobal, writePath } from "./effective.ts";
import { globalSettings } from "./global-section.ts";
import { checkPathName } from "./path-name.ts";
import { type PathConfig, pathSettings } from "./path-section.ts";
import { readableGlobalKeys, readablePathKeys } from "./readable-keys.ts";
import type { ServerConfig } from "./server-config.ts";

/** Runs something whose ConfigError is about a change that was asked for. @throws ConfigChangeError INVALID */
export const asChange = <Value>(run: () => Value): Value => {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ConfigError) || error instanceof ConfigChangeError) throw error;
    throw new ConfigChangeError("INVALID", error.message, { cause: error });
  }
};

const globalLevel = (server: ServerConfig): BodyLevel => ({
  readable: readableGlobalKeys,
  settings: globalSettings,
  deprecated: deprecatedGlobalKeys,
  plain: writeGlobal(server, { redacted: false, full: true }),
  shown: writeGlobal(server, { redacted: true, full: true }),
});

/** `path` is what is in force; undefined for an entry that is new. */
const pathLevel = (path: PathConfig | undefined): BodyLevel => ({
  readable: readablePathKeys,
  settings: pathSettings,
  deprecated: deprecatedPathKeys,
  plain: path ? writePath(path, { redacted: false, full: true }) : {},
  shown: path ? writePath(path, { redacted: true, full: true }) : {},
});

/** Without keys that are as they are in force: who sends back what was read changes nothing, now or after the file is edited. */
const onlyNews = (keys: Mapping, { plain }: BodyLevel): Mapping =>
  Object.fromEntries(Object.entries(keys).filter(([key, value]) => !Bun.deepEquals(value, plain[key])));

const pathOf = ({ paths }: ServerConfig, name: string): PathConfig | undefined =>
  Object.hasOwn(paths, name) ? paths[name] : undefined;

const notFound = (): ConfigChangeError => new ConfigChangeError("NOT_FOUND", "path not found");

/** A path, and the body of a request about it. */
export interface PathRequest {
  readonly name: string;
  readonly body: unknown;
}

/** Changes after keys at the top were changed. What each of these functions makes is still to be read as a whole. @throws ConfigChangeError */
export const patchGlobal = (server: ServerConfig, changes: ApiChanges, body: unknown): ApiChanges => {
  const level = globalLevel(server);
  const read = readApiBody(body, level);
  const keys = onlyNews(read.keys, level);
  // Else whoever may change the configuration could have any file written.
  if (keys.configPersist !== undefined)
    throw new ConfigChangeError(
      "INVALID",
      "configPersist: not for the API to change, expected it in the file",
    );
  const forPaths = onlyNews(read.forPaths, pathLevel(server.pathDefaults));
  return {
    ...changes,
    global: { ...changes.global, ...keys },
    pathDefaults: { ...changes.pathDefaults, ...forPaths },
  };
};

/** Changes after keys of `pathDefaults` were changed. @throws ConfigChangeError */
export const patchPathDefaults = (server: ServerConfig, changes: ApiChanges, body: unknown): ApiChanges => {
  const level = pathLevel(server.pathDefaults);
  const keys = onlyNews(readApiBody(body, level).keys, level);
  return { ...changes, pathDefaults: { ...changes.pathDefaults, ...keys } };
};

/** Changes after a path was made. @throws ConfigChangeError where it is there already, or has no name of a path */
export const addPath = (server: ServerConfig, changes: ApiChanges, request: PathRequest): ApiChanges => {
  if (pathOf(server, request.name)) throw new ConfigChangeError("INVALID", "path already exists");
  return replacePath(server, changes, request);
};

/** Changes after keys of a path were changed. @throws ConfigChangeError, NOT_FOUND where there is none */
export const patchPath = (
  server: ServerConfig,
  changes: ApiChanges,
  { name, body }: PathRequest,
): ApiChanges => {
  const path = pathOf(server, name);
  if (!path) throw notFound();
  return patched(changes, name, readApiBody(body, pathLevel(path)).keys);
};

/** Changes after a path was made, or made anew. @throws ConfigChangeError where it has no name of a path */
export const replacePath = (
  server: ServerConfig,
  changes: ApiChanges,
  { name, body }: PathRequest,
): ApiChanges => {
  if (name === "") throw new ConfigChangeError("INVALID", "invalid name");
  asChange(() => checkPathName(name));
  return replaced(changes, name, readApiBody(body, pathLevel(pathOf(server, name))).keys);
};

/** Changes after a path was deleted. @throws ConfigChangeError NOT_FOUND where there is none */
export const deletePath = (server: ServerConfig, changes: ApiChanges, name: string): ApiChanges => {
  if (!pathOf(server, name)) throw notFound();
  return deleted(changes, name);
};
