import { readFileSync } from "node:fs";
import { ConfigError, messageOf } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";
import { isMapping } from "./document.ts";

/**
 * The tokens of a file, by stream key: a flat JSON object of texts.
 * @throws ConfigError for a file that cannot be read or is none; never with a token
 */
export const readTokenFile = (path: string): ReadonlyMap<string, string> => {
  const where = `--auth-file: ${printable(path)}`;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${where} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const content = parsed(text);
  if (!isMapping(content))
    throw new ConfigError(`${where} is no JSON object, expected {"live/test": "TOKEN"}`);
  const entries = Object.entries(content);
  const wrong = entries.find(([key, token]) => key === "" || typeof token !== "string" || token === "");
  if (wrong)
    throw new ConfigError(
      `${where} has no text behind ${printable(wrong[0])}, expected {"live/test": "TOKEN"}`,
    );
  return new Map(entries as [string, string][]);
};

/** What the parser says may quote a token: it is not passed on. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
