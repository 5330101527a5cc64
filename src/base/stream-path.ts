import { RefusedError } from "./errors.ts";

declare const checked: unique symbol;

/** The name of a stream everywhere in this server: `app/name`, such as `live/test` or `live/abc/in`. Minted by {@link parseStreamPath}. */
export type StreamPath = string & { readonly [checked]: true };

/** The longest name of one segment between slashes, in UTF-16 units. */
const maxSegmentLength = 128;

/** The longest whole path, in UTF-16 units. */
const maxPathLength = 256;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const controlCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const dotSegment = /(?:^|\/)(\.\.?)(?=\/|$)/;

/** Slashes in front and at the end, and behind another one. */
const needlessSlashes = /^\/+|\/+$|(?<=\/)\/+/g;

/** Why a text without double slashes is too long to name a stream; undefined where it is not. */
export const faultOfLength = (path: string): string | undefined => {
  if (path.length > maxPathLength)
    return `it has ${path.length} characters, expected at most ${maxPathLength}`;
  if (path.length <= maxSegmentLength) return undefined;
  const long = path.split("/").find((segment) => segment.length > maxSegmentLength);
  return long && `a segment has ${long.length} characters, expected at most ${maxSegmentLength}`;
};

/** Why a text cannot name a stream, or undefined where it can. */
const faultOf = (path: string): string | undefined => {
  if (path === "") return "it is empty";
  if (controlCharacter.test(path)) return "it holds a control character";
  if (path.includes("\\")) return "it holds a backslash";
  if (path.includes("\ufffd")) return "it is not valid UTF-8";
  const dots = dotSegment.exec(path)?.[1];
  return dots === undefined ? faultOfLength(path) : `it holds a segment ${dots}`;
};

/**
 * Checks a name and gives it without leading, trailing and double slashes.
 * @throws RefusedError BAD_STREAM_NAME
 */
export const parseStreamPath = (text: string): StreamPath => {
  const path = text.replace(needlessSlashes, "");
  const fault = faultOf(path);
  if (fault) throw new RefusedError("BAD_STREAM_NAME", `stream name ${printable(text)} refused: ${fault}`);
  return path as StreamPath;
};

/** The first segment of a path (RTMP's application). */
export const appOf = (path: StreamPath): string => path.split("/", 1)[0] ?? "";

/** All of a path behind its first segment; empty where there is only one. */
export const nameOf = (path: StreamPath): string =>
  path
    .split("/")
    .filter((_, index) => index > 0)
    .join("/");

/** A text from outside for a log line or an error: quoted, control characters escaped, bounded. */
export const printable = (text: string): string => {
  const bounded = text.length > 80 ? `${text.substring(0, 80)}…` : text;
  return JSON.stringify(bounded).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
};

/** The variables `G1`, `G2` and so on: what the groups of a path's regular expression took. */
export const groupVariables = (groups: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(groups.map((value, index) => [`G${index + 1}`, value]));
