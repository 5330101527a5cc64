import { Glob } from "bun";
import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";

/** Why a stream does not fit: none of the patterns names it, or one excludes it. */
export type PatternFault = "no_match" | "excluded";

/** Judges the key of a stream; undefined where it fits. */
export type StreamPatterns = (streamKey: string) => PatternFault | undefined;

/**
 * Splits a list at its commas. Those within braces, brackets and behind a backslash belong to a pattern: `live/{a,b},vod/*` is two.
 * Spaces around a pattern are dropped, and so are empty ones.
 */
export const splitPatterns = (text: string): string[] => {
  const patterns: string[] = [];
  let from = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "\\") at++;
    else if (letter === "[") at = Math.max(at, classEnd(text, at));
    else if (letter === "{") depth++;
    else if (letter === "}") depth = Math.max(0, depth - 1);
    else if (letter === "," && depth === 0) {
      patterns.push(text.substring(from, at));
      from = at + 1;
    }
  }
  patterns.push(text.substring(from));
  return patterns.map((pattern) => pattern.trim()).filter((pattern) => pattern !== "");
};

/** Where the class that begins at `start` ends; -1 where it does not. A bracket right at its beginning is one of its letters. */
const classEnd = (pattern: string, start: number): number => {
  let at = start + 1;
  if (pattern[at] === "!" || pattern[at] === "^") at++;
  if (pattern[at] === "]") at++;
  for (; at < pattern.length; at++) {
    if (pattern[at] === "\\") at++;
    else if (pattern[at] === "]") return at;
  }
  return -1;
};

/** A range that runs backwards holds nothing; whoever wrote it meant something else. */
const hasBackwardRange = (letters: string): boolean => {
  const members = [...letters.matchAll(/\\?(.)/gsu)].map(([, letter = ""]) => letter);
  return members.some((letter, index) => {
    const [low, high] = [members[index - 1], members[index + 1]];
    return letter === "-" && low !== undefined && high !== undefined && low > high;
  });
};

/** Why a pattern, without its leading `!`, is none; undefined where it is one. The matcher itself takes anything. */
const faultOf = (pattern: string): string | undefined => {
  if (pattern === "") return "it is empty";
  if (pattern.startsWith("!")) return "it begins with more than one !";
  if (pattern.startsWith("/")) return "it begins with a slash, which no stream key does";
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at];
    if (letter === "\\" && ++at === pattern.length) return "it ends with a backslash";
    if (letter === "{") depth++;
    if (letter === "}" && --depth < 0) return "a brace is closed that was not opened";
    if (letter !== "[") continue;
    const end = classEnd(pattern, at);
    if (end < 0) return "a bracket is not closed";
    if (hasBackwardRange(pattern.substring(at + 1, end))) return "a range in brackets runs backwards";
    at = end;
  }
  return depth > 0 ? "a brace is not closed" : undefined;
};

/**
 * Makes what judges streams by a list of globs on their keys. `*` stops at slashes and `**` does not; one pattern has to fit,
 * and none that begins with `!` may. Where all begin with `!`, everything else fits.
 * @throws ConfigError naming the pattern and what is wrong with it
 */
export const compileStreamPatterns = (patterns: readonly string[]): StreamPatterns => {
  const wanted: Glob[] = [];
  const excluded: Glob[] = [];
  for (const pattern of patterns) {
    const isExclusion = pattern.startsWith("!");
    const glob = isExclusion ? pattern.substring(1) : pattern;
    const fault = faultOf(glob);
    if (fault) throw new ConfigError(`stream pattern ${printable(pattern)}: ${fault}`);
    (isExclusion ? excluded : wanted).push(new Glob(glob));
  }
  return (streamKey) => {
    if (excluded.some((glob) => glob.match(streamKey))) return "excluded";
    if (wanted.length === 0 || wanted.some((glob) => glob.match(streamKey))) return undefined;
    return "no_match";
  };
};
