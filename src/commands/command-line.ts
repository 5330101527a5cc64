import { ConfigError } from "../base/errors.ts";

/** Gives the value of a variable, or undefined where there is none. */
export type Lookup = (name: string) => string | undefined;

/**
 * Splits a command into words as a POSIX shell does, and does nothing else that a shell does: `|`, `>`, `*` and `~` are plain
 * characters. Blanks separate; within single quotes everything is literal; within double quotes a backslash escapes `$`, a
 * backtick, `"`, a backslash and a line end only; elsewhere it escapes whatever follows. An escaped line end vanishes.
 * @throws ConfigError for a quote that is not closed, a backslash at the end, and no word at all
 */
export const splitCommand = (line: string): readonly string[] => {
  const words: string[] = [];
  /** The word under way; undefined between words, for `''` is a word too. */
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    if (blank.test(line.charAt(at))) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
      continue;
    }
    const part = partAt(line, at);
    // Escaped line ends between words make none.
    if (part.text !== "" || part.isQuoted) word = (word ?? "") + part.text;
    at = part.end;
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0) throw new ConfigError("a command without words, expected a program");
  return words;
};

const blank = /[ \t\n]/;

interface Part {
  readonly text: string;
  readonly isQuoted: boolean;
  /** Where the next one begins. */
  readonly end: number;
}

/** A piece of a word: what is quoted, what is escaped, or what is neither. */
const partAt = (line: string, at: number): Part => {
  const first = line.charAt(at);
  if (first === "\\") {
    if (at + 1 === line.length)
      throw new ConfigError("a command that ends with a backslash, expected a character behind it");
    // A character beyond the basic plane goes on with its other half by itself.
    const escaped = line.charAt(at + 1);
    return { text: escaped === "\n" ? "" : escaped, isQuoted: escaped !== "\n", end: at + 2 };
  }
  if (first !== "'" && first !== '"') {
    plain.lastIndex = at;
    const text = plain.exec(line)?.[0] ?? first;
    return { text, isQuoted: false, end: at + text.length };
  }
  const quoted = first === "'" ? inSingleQuotes : inDoubleQuotes;
  quoted.lastIndex = at;
  const found = quoted.exec(line);
  if (!found)
    throw new ConfigError(`a command with a ${first} that is not closed, expected another one behind it`);
  const [whole, inside = ""] = found;
  const text = first === "'" ? inside : inside.replace(/\\([$`"\\\n])/g, (_, c) => (c === "\n" ? "" : c));
  return { text, isQuoted: true, end: at + whole.length };
};

const plain = /[^ \t\n\\'"]+/y;
const inSingleQuotes = /'([^']*)'/y;
const inDoubleQuotes = /"((?:[^"\\]|\\[\s\S])*)"/y;

/**
 * Puts the values of variables in the place of `$NAME` and `${NAME}`; one that is not there is empty, as are the special ones of
 * shells (`$1`, `$?`, `$$` ...), of which there are none here. `$(`, and a `$` before anything else, stay as they are.
 */
export const expandVariables = (text: string, lookup: Lookup): string =>
  text.replace(variable, (_, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare ?? "";
    return name === "" || special.test(name) ? "" : (lookup(name) ?? "");
  });

/** `${NAME}`, `${` that nothing closes, which is dropped, a special variable, `$NAME`. */
const variable = /\$(?:\{([^}]*)\}|\{|[*#$@!?\-0-9]|([A-Za-z_]\w*))/g;

const special = /^[*#$@!?\-0-9]$/;

/**
 * The program and its arguments that `line` stands for. Variables are put in after splitting, whatever the quotes, so that a
 * value with blanks or quotes never makes more words: those of the command first, then those of the environment.
 * @throws ConfigError where the line cannot be split
 */
export const argumentsOf = (line: string, lookup: Lookup): readonly string[] =>
  splitCommand(line).map((word) => expandVariables(word, lookup));
