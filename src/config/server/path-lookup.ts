import type { RE2JS } from "re2js";
import { kindOfPath, parsePathPattern } from "./path-name.ts";
import type { PathConfig } from "./path-section.ts";
import type { ServerConfig } from "./server-config.ts";

/** What holds for the name of a stream. */
export interface FoundPath {
  readonly conf: PathConfig;
  /** What the groups of the regular expression took, the first one first; an empty text for one that took nothing. */
  readonly groups: readonly string[];
}

interface Pattern {
  readonly regex: RE2JS;
  readonly conf: PathConfig;
}

/** Entries that are no plain names, in the order in which they are tried. */
const patternsOf = (paths: ServerConfig["paths"]): readonly Pattern[] => {
  const known = cache.get(paths);
  if (known) return known;
  const rank = (name: string): number => (kindOfPath(name) === "all_others" ? 1 : 0);
  const made = Object.keys(paths)
    .filter((name) => kindOfPath(name) !== "name")
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .flatMap((name): Pattern[] => {
      const conf = paths[name];
      const source = rank(name) === 1 ? "~^.*$" : name;
      return conf ? [{ regex: regexOf(conf, source), conf }] : [];
    });
  cache.set(paths, made);
  return made;
};

const cache = new WeakMap<ServerConfig["paths"], readonly Pattern[]>();

/** Entries stay the same objects from one configuration to the next; making an expression takes long. */
const regexOf = (conf: PathConfig, source: string): RE2JS => {
  const regex = regexes.get(conf) ?? parsePathPattern(source);
  regexes.set(conf, regex);
  return regex;
};

const regexes = new WeakMap<PathConfig, RE2JS>();

/**
 * What holds for the name of a stream: the entry with just this name, else the first regular expression that finds itself in it (in the
 * order of their names), else `all_others`. Undefined where nothing does.
 */
export const findPathConfig = (
  { paths }: Pick<ServerConfig, "paths">,
  name: string,
): FoundPath | undefined => {
  const own = Object.hasOwn(paths, name) && kindOfPath(name) === "name" ? paths[name] : undefined;
  if (own) return { conf: own, groups: [] };
  for (const { regex, conf } of patternsOf(paths)) {
    const matcher = regex.matcher(name);
    if (!matcher.find()) continue;
    const groups = Array.from({ length: matcher.groupCount() }, (_, index) => matcher.group(index + 1) ?? "");
    return { conf, groups };
  }
  return undefined;
};
