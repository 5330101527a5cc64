import { ConfigError } from "../base/errors.ts";
import { nearestName } from "../base/nearest.ts";
import { type Option, parseBoolean } from "./option.ts";

/**
 * Reads a command line of flags: `--flag value`, `--flag=value`, and the same with one dash as Go programs take it. A switch needs no
 * value, but takes a true or false that follows it. Gives the values by flag name, in order. With `file`, an argument that looks like the
 * name of a configuration file is the value of that flag.
 * @throws ConfigError for an unknown flag (with the nearest known one), a missing value, or an argument that belongs to no flag
 */
export const readFlags = (
  args: readonly string[],
  options: Iterable<Option<unknown>>,
  { file }: { file?: string } = {},
): Map<string, string[]> => {
  const known = new Map([...options].map((option) => [option.flag, option]));
  const typed = new Map<string, string[]>();
  const rest = [...args];
  let last: Option<unknown> | undefined;
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg);
    if (!match && file !== undefined && isFileName(arg) && !typed.has(file) && !last?.isSecret) {
      typed.set(file, [arg]);
      last = undefined;
      continue;
    }
    if (!match) throw new ConfigError(strayArgument(arg, last));
    const [, name = "", attached] = match;
    const option = known.get(name);
    if (!option) throw new ConfigError(unknownFlag(name, known.keys()));
    const value = attached ?? takeValue(option, rest);
    typed.set(name, [...(typed.get(name) ?? []), value]);
    last = option;
  }
  return typed;
};

/** Anything else without dashes is more likely a slip. */
const isFileName = (arg: string): boolean => /^[^-].*\.(?:ya?ml|json)$/i.test(arg) || /^[./].*\w$/.test(arg);

/** Takes the value of a flag from the arguments that follow it. */
const takeValue = (option: Option<unknown>, rest: string[]): string => {
  const [next] = rest;
  if (option.arity === "switch") {
    if (next === undefined || parseBoolean(next) === undefined) return "true";
  } else if (next === undefined) {
    throw new ConfigError(`--${option.flag}: no value, expected ${option.placeholder}`);
  }
  return rest.shift() ?? "";
};

/** What stands behind a secret without quotes is probably a part of it. */
const strayArgument = (arg: string, last: Option<unknown> | undefined): string =>
  last?.isSecret
    ? `unexpected argument behind --${last.flag}, expected one value, in quotes where it has blanks; see --help`
    : `unexpected argument ${JSON.stringify(arg)}, expected a flag; see --help`;

const unknownFlag = (name: string, known: Iterable<string>): string => {
  const nearest = nearestName(name, known);
  return `unknown flag --${name}${nearest ? `, did you mean --${nearest}?` : ""}; see --help`;
};
