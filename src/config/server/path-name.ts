import { RE2JS } from "re2js";
import { ConfigError, messageOf } from "../../base/errors.ts";
import { faultOfLength, printable } from "../../base/stream-path.ts";

/** Names of the path that takes what no other does. */
const names: readonly string[] = ["all", "all_others", "~^.*$"];

/** Whether a name of the configuration stands for all paths that no other takes. */
export const isCatchAll = (name: string): boolean => names.includes(name);

/** What kind of names an entry of `paths` stands for. */
export type PathKind = "name" | "regex" | "all_others";

/** The kind of an entry of `paths`. */
export const kindOfPath = (name: string): PathKind => {
  if (isCatchAll(name)) return "all_others";
  return name.startsWith("~") ? "regex" : "name";
};

/**
 * The regular expression behind the `~` of an entry of `paths`, in Go's dialect.
 * @throws ConfigError saying what is wrong with it
 */
export const parsePathPattern = (name: string): RE2JS => {
  const source = name.substring(1);
  try {
    return RE2JS.compile(source);
  } catch (error) {
    const why = messageOf(error).replace(/^error parsing regexp: /, "");
    throw new ConfigError(
      `${printable(source)} is no regular expression as Go has them: ${why.substring(0, 120)}`,
    );
  }
};

/** Why a text cannot be the name of a path; undefined where it can. */
export const faultOfPathName = (name: string): string | undefined => {
  if (name === "") return "an empty name";
  if (name.startsWith("/") || name.endsWith("/"))
    return `${printable(name)}, expected no slash at its ${name.startsWith("/") ? "beginning" : "end"}`;
  if (!/^[0-9a-zA-Z_\-/.]+$/.test(name))
    return `${printable(name)}, expected letters, digits, and any of _ - / .; a regular expression begins with ~`;
  if (name.split("/").some((segment) => segment === "." || segment === ".."))
    return `${printable(name)}, expected no segment . or ..`;
  if (name.includes("//"))
    return `${printable(name)}, expected no double slash, which no stream has in its name`;
  const fault = faultOfLength(name);
  return fault && `${printable(name)}: ${fault}`;
};

/** Checks the name of an entry of `paths`. @throws ConfigError */
export const checkPathName = (name: string): void => {
  if (isCatchAll(name)) return;
  if (name.startsWith("~")) return void parsePathPattern(name);
  const fault = faultOfPathName(name);
  if (fault !== undefined) throw new ConfigError(fault);
};
