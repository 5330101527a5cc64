import { ConfigError } from "../../base/errors.ts";
import { isMapping, type Mapping } from "../../config/document.ts";
import { kindOfValue } from "../../config/field.ts";
import type { Source } from "../machine/presence.ts";

/** What an event says. */
export interface EventBody {
  readonly path: string;
  readonly source: Source;
  /** When it happened, in Unix milliseconds; undefined where it does not say so. */
  readonly at: number | undefined;
}

/** Longer texts are no paths and queries, in UTF-16 units; they have to fit into variables and arguments of a program too. */
const maxPath = 1_024;
const maxQuery = 8_192;
const maxId = 256;

const expected = 'expected {"path", "query", "sourceType", "sourceId"}';

const textOf = (body: Mapping, key: string, max: number): string => {
  const value = body[key] ?? "";
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") throw new ConfigError(`${key}: ${kindOfValue(value)}, expected text`);
  if (text.length > max) throw new ConfigError(`${key}: ${text.length} characters, expected at most ${max}`);
  if (text.includes("\0")) throw new ConfigError(`${key}: a NUL, expected text without`);
  return text.toWellFormed();
};

/** A moment as RFC 3339, or as Unix time in seconds or milliseconds. */
const timeOf = (value: unknown): number | undefined => {
  if (value === undefined || value === null) return undefined;
  const ms = typeof value === "number" ? (value < 1e11 ? value * 1_000 : value) : Date.parse(String(value));
  if (!Number.isFinite(ms))
    throw new ConfigError("time: no moment, expected RFC 3339 or Unix time in seconds or milliseconds");
  return ms;
};

/** Reads the body of an event; keys that are not known are left alone. @throws ConfigError for what is none */
export const readEventBody = (text: string): EventBody => {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ConfigError(`no JSON, ${expected}`);
  }
  if (!isMapping(body)) throw new ConfigError(`no JSON object, ${expected}`);
  const path = textOf(body, "path", maxPath);
  if (path === "") throw new ConfigError("path: missing, expected the path of the stream");
  return {
    path,
    source: {
      id: textOf(body, "sourceId", maxId),
      type: textOf(body, "sourceType", maxId),
      query: textOf(body, "query", maxQuery),
    },
    at: timeOf(body.time),
  };
};
