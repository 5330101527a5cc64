import { readFileSync } from "node:fs";
import { ConfigError, messageOf } from "../base/errors.ts";
import { printable } from "../base/stream-path.ts";
import { isSameDigest, sha256 } from "./secret-key.ts";

/** Compared with where there is no token, so that an unknown key takes as long as a wrong token. */
const nobody = sha256(crypto.randomUUID());

/** Tokens by stream key, kept as digests. */
export class TokenMap {
  readonly #digests: ReadonlyMap<string, Uint8Array>;

  constructor(tokens: Iterable<readonly [streamKey: string, token: string]>) {
    this.#digests = new Map([...tokens].map(([key, token]) => [key, sha256(token)]));
  }

  /** Whether `token` is that of `streamKey`, compared in a time that tells nothing. */
  has(streamKey: string, token: string): boolean {
    const expected = this.#digests.get(streamKey);
    return isSameDigest(sha256(token), expected ?? nobody) && expected !== undefined;
  }
}

/**
 * Reads `STREAM_KEY=TOKEN`, cut at the first `=`.
 * @throws ConfigError, never with the token
 */
export const parseTokenEntry = (text: string): readonly [streamKey: string, token: string] => {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1)
    throw new ConfigError("a token without its stream key or the other way round, expected STREAM_KEY=TOKEN");
  return [text.substring(0, at), text.substring(at + 1)];
};

/**
 * Reads a file with one JSON object of tokens by stream key.
 * @throws ConfigError naming the file, never a token
 */
export const readTokenFile = (file: string): TokenMap => {
  const shown = printable(file);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(`token file ${shown} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The cause may repeat a part of the file.
    throw new ConfigError(`token file ${shown} is no JSON, expected one object of tokens by stream key`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content))
    throw new ConfigError(`token file ${shown} is no object, expected tokens by stream key`);
  const entries = Object.entries(content).map(([key, token]: [string, unknown]): [string, string] => {
    if (typeof token !== "string" || token === "")
      throw new ConfigError(`token file ${shown}: ${printable(key)} has no token, expected text`);
    return [key, token];
  });
  return new TokenMap(entries);
};
