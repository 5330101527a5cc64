import { readFileSync, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { ConfigError, messageOf } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";
import { type Field, field } from "./field.ts";

/** What stands for a secret wherever people may see it. */
export const hidden = "***";

const fileScheme = "file:";

/** Certificates and keys are a few KiB; a larger file is another file. */
const maxSecretBytes = 65_536;

/**
 * A secret as it is meant: `file:/path` stands for what is in that file, without the newline at its end.
 * @throws ConfigError for a file that cannot be read, or an empty secret; never with the secret
 */
export const readSecret = (given: string): string => {
  const secret = given.startsWith(fileScheme) ? readSecretFile(given.substring(fileScheme.length)) : given;
  if (secret === "") throw new ConfigError("empty, expected a secret or file:/path");
  if (secret.includes("\0")) throw new ConfigError("a secret with a NUL in it, expected text");
  return secret;
};

const readSecretFile = (path: string): string => {
  const shown = printable(path);
  if (!isAbsolute(path)) throw new ConfigError(`file ${shown}, expected an absolute path as in file:/path`);
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new ConfigError(`${shown} is no file, expected one that holds a secret`);
    if (stat.size > maxSecretBytes)
      throw new ConfigError(`file ${shown} has ${stat.size} bytes, expected at most ${maxSecretBytes}`);
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`file ${shown} cannot be read: ${messageOf(error)}`, { cause: error });
  }
};

/** A secret, or `file:/path` of a file that holds it. It is never shown. `parse` must not put it into its errors. */
export const secret = (doc: string, parse: (secret: string) => string = (given) => given): Field<string> =>
  field(
    doc,
    (value) => {
      if (typeof value !== "string") throw new ConfigError("expected a secret in quotes, or file:/path");
      return parse(readSecret(value));
    },
    { jsonSchema: { type: "string", minLength: 1 }, shown: () => hidden },
  );
