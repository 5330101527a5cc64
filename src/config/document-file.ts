import { readFileSync, statSync } from "node:fs";
import { ConfigError, messageOf } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";
import { maxDocumentBytes } from "./document.ts";

/** The text of a configuration file. @throws ConfigError for a file that cannot be read, or is too large */
export const readDocumentFile = (path: string): string => {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new ConfigError(`${printable(path)} is no file, expected YAML or JSON`);
    if (stat.size > maxDocumentBytes)
      throw new ConfigError(`${path}: ${stat.size} bytes, expected at most ${maxDocumentBytes}`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${printable(path)} cannot be read: ${messageOf(error)}`, { cause: error });
  }
};
