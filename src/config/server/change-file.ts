import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigError, codeOf, messageOf, TransportError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";
import { isMapping, type Mapping } from "../document.ts";
import { type ApiChanges, noChanges, type PathChange } from "./api-changes.ts";
import { globalSettings } from "./global-section.ts";

/**
 * The changes that a file keeps; none where it is not there.
 * @throws ConfigError for a file that cannot be read, or that was damaged; never with what stands in it
 */
export const readChangeFile = (path: string): ApiChanges => {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return noChanges;
    throw new ConfigError(`configPersist: ${printable(path)} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const changes = changesOf(text);
  if (changes) return changes;
  throw new ConfigError(
    `configPersist: ${printable(path)} is damaged, expected what the server wrote there; remove it to start without changes of the API`,
  );
};

const changesOf = (text: string): ApiChanges | undefined => {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isMapping(content)) return undefined;
  const { global, pathDefaults, paths, ...more } = content;
  if (!isMapping(global) || !isMapping(pathDefaults) || !isMapping(paths)) return undefined;
  if (Object.keys(more).length > 0 || !Object.keys(global).every((key) => Object.hasOwn(globalSettings, key)))
    return undefined;
  const changes = Object.entries(paths).map(([name, change]) => [name, pathChangeOf(change)] as const);
  if (changes.some(([, change]) => !change)) return undefined;
  return { global, pathDefaults, paths: new Map(changes as [string, PathChange][]) };
};

const pathChangeOf = (value: unknown): PathChange | undefined => {
  if (!isMapping(value)) return undefined;
  const { kind, keys, ...more } = value;
  if (Object.keys(more).length > 0) return undefined;
  if (kind === "deleted" && keys === undefined) return { kind };
  return (kind === "patched" || kind === "replaced") && isMapping(keys) ? { kind, keys } : undefined;
};

const textOf = ({ global, pathDefaults, paths }: ApiChanges): string => {
  const content: Mapping = { global, pathDefaults, paths: Object.fromEntries(paths) };
  return `${JSON.stringify(content, undefined, 2)}\n`;
};

/** Changes that are on disk beside the file that is to hold them. */
export interface PreparedChanges {
  /** Puts them in the place of what the file held: a crash leaves the one or the other. @throws TransportError DISK */
  commit(): Promise<void>;
  /** Forgets them. */
  discard(): Promise<void>;
}

const onDisk = async <Value>(path: string, run: () => Promise<Value>): Promise<Value> => {
  try {
    return await run();
  } catch (error) {
    throw new TransportError("DISK", `${printable(path)} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
};

/** Writes changes where only this user reads them, as they hold secrets. @throws TransportError DISK, and then nothing is left */
export const prepareChanges = (path: string, changes: ApiChanges): Promise<PreparedChanges> => {
  const beside = `${path}.${randomUUID()}.tmp`;
  const discard = (): Promise<void> => rm(beside, { force: true });
  return onDisk(path, async () => {
    try {
      await using file = await open(beside, "wx", 0o600);
      await file.writeFile(textOf(changes));
      await file.sync();
    } catch (error) {
      await discard();
      throw error;
    }
    return {
      discard,
      commit: () =>
        onDisk(path, async () => {
          await rename(beside, path);
          await using directory = await open(dirname(path), "r");
          await directory.sync();
        }),
    };
  });
};
