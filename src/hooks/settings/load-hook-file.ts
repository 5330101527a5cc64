import { checkDocument } from "../../config/check.ts";
import { parseConfigDocument } from "../../config/document.ts";
import { readDocumentFile } from "../../config/document-file.ts";
import type { Environment } from "../../config/variables.ts";
import type { FaultPlace } from "./findings.ts";
import { type HookFile, hookFileSchema } from "./hook-file.ts";

/** A hooks file that was read. */
export interface LoadedHookFile {
  /** What stands under `hooks:`; empty where nothing does. */
  readonly hooks: HookFile;
  /** Names of the environment's variables that it uses; they may be secrets. */
  readonly variables: ReadonlySet<string>;
  /** Names the line of what is at a path, in front of a message. */
  readonly faultAt: FaultPlace;
}

/**
 * Reads the text of a hooks file, YAML or JSON. `name` stands for it in errors.
 * @throws ConfigError with a line for each fault, such as `hooks.yaml:12: hooks.webhooks[0].urll: unknown key, did you mean url?`
 */
export const parseHookFile = (
  text: string,
  { name, environment }: { name: string; environment: Environment },
): LoadedHookFile => {
  const document = parseConfigDocument(text, name);
  const { value, variables } = checkDocument(document, hookFileSchema, environment);
  return {
    hooks: value.hooks ?? {},
    variables,
    faultAt: (path, message) => document.faultAt(path, message),
  };
};

/**
 * Reads a hooks file, see {@link parseHookFile}. Variables are those of the process where none are given.
 * @throws ConfigError for a file that cannot be read, too
 */
export const loadHookFile = (path: string, environment: Environment = process.env): LoadedHookFile =>
  parseHookFile(readDocumentFile(path), { name: path, environment });
