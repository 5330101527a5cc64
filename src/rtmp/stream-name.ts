import { RefusedError } from "../base/errors.ts";
import { parseStreamPath, printable, type StreamPath } from "../base/stream-path.ts";

/** What a client named: the stream, and the parameters it put behind a question mark (credentials live there: never log them). */
export interface StreamName {
  readonly path: StreamPath;
  readonly query: string;
}

/** The longest query taken over, in characters. */
const maxQueryLength = 4096;

/** Parameters of the Adobe challenge login, which are no part of the stream's own. */
const loginParameters = new Set(["authmod", "user", "nonce", "salt", "challenge", "opaque", "response"]);

const splitQuery = (text: string): { path: string; query: string } => {
  const at = text.indexOf("?");
  return at < 0 ? { path: text, query: "" } : { path: text.substring(0, at), query: text.substring(at + 1) };
};

/** Decodes %XX once. @throws RefusedError BAD_STREAM_NAME for a broken escape, or one that gives no UTF-8 */
const decodePercent = (text: string): string => {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RefusedError(
      "BAD_STREAM_NAME",
      `stream name ${printable(text)} refused: its percent-encoding is broken`,
    );
  }
};

/** Joins two queries; parameters of the second win over those of the first. Kept as text: receivers parse it themselves. */
const mergeQueries = (weak: string, strong: string): string => {
  const keyOf = (parameter: string): string => parameter.split("=", 1)[0] ?? "";
  const strongParts = strong.split("&").filter((part) => part !== "");
  const taken = new Set(strongParts.map(keyOf));
  const weakParts = weak.split("&").filter((part) => part !== "" && !taken.has(keyOf(part)));
  const isLogin = [...weakParts, ...strongParts].some((part) => keyOf(part) === "authmod");
  const kept = [...weakParts, ...strongParts].filter((part) => !isLogin || !loginParameters.has(keyOf(part)));
  return kept.join("&").substring(0, maxQueryLength);
};

/**
 * Names the stream that an `app` of connect and a `name` of publish or play mean together. Clients cut a URL at different
 * slashes (`live` + `a/b`, `live/a` + `b`), so both are joined first and compared as one path.
 * @throws RefusedError BAD_STREAM_NAME
 */
export const resolveStreamName = (app: string, name: string): StreamName => {
  const fromApp = splitQuery(app);
  const fromName = splitQuery(name);
  // Players prefix files by their container (`mp4:clip.mp4`); some put it on live names too.
  const bareName = fromName.path.replace(/^(mp4|flv|mp3):/, "");
  const joined = decodePercent(`${fromApp.path}/${bareName}`).replace(/(^|\/)_definst_(?=\/|$)/g, "$1");
  return { path: parseStreamPath(joined), query: mergeQueries(fromApp.query, fromName.query) };
};
