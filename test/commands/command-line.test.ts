import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ConfigError } from "../../src/base/errors.ts";
import { argumentsOf, expandVariables, splitCommand } from "../../src/commands/command-line.ts";
import { holds } from "../base/property.ts";

describe("a command is split", () => {
  const rows: { name: string; line: string; words: string[] }[] = [
    { name: "at blanks", line: "  a b\tc\nd  ", words: ["a", "b", "c", "d"] },
    { name: "not within single quotes", line: "sh -c 'a  b'", words: ["sh", "-c", "a  b"] },
    { name: "not within double quotes", line: 'sh -c "a  b"', words: ["sh", "-c", "a  b"] },
    { name: "into words of several pieces", line: `a'b c'"d e"f\\ g`, words: ["ab cd ef g"] },
    { name: "with empty words", line: `a '' ""`, words: ["a", "", ""] },
    { name: "with other quotes within quotes", line: `'"' "'"`, words: ['"', "'"] },
    { name: "with backslashes kept in single quotes", line: `'a\\b\\'`, words: ["a\\b\\"] },
    {
      name: "with some characters escaped in double quotes",
      line: `"\\$ \\\` \\" \\\\ \\a \\' \\n"`,
      words: [`$ \` " \\ \\a \\' \\n`],
    },
    {
      name: "with any character escaped outside",
      line: `\\a \\" \\' \\\\ \\$`,
      words: ["a", '"', "'", "\\", "$"],
    },
    { name: "with a character of two halves escaped", line: "\\😀x", words: ["😀x"] },
    { name: "without escaped line ends", line: 'a\\\nb "c\\\nd" \\\n e', words: ["ab", "cd", "e"] },
    { name: "with line ends kept in quotes", line: "'a\nb'", words: ["a\nb"] },
    {
      name: "and nothing else is done that a shell does",
      line: "a | b && c > d * ~ # e; f & `g` (h) !i",
      words: ["a", "|", "b", "&&", "c", ">", "d", "*", "~", "#", "e;", "f", "&", "`g`", "(h)", "!i"],
    },
  ];
  for (const { name, line, words } of rows)
    test(name, () => {
      expect(splitCommand(line)).toEqual(words);
    });

  const faults: { name: string; line: string; message: string }[] = [
    { name: "a single quote", line: "sh -c 'a", message: "a command with a ' that is not closed" },
    { name: "a double quote", line: 'sh -c "a', message: 'a command with a " that is not closed' },
    { name: "an escaped double quote", line: '"a\\"', message: 'a command with a " that is not closed' },
    { name: "a backslash", line: "a \\", message: "a command that ends with a backslash" },
    { name: "nothing but blanks", line: " \n", message: "a command without words" },
    { name: "nothing but escaped line ends", line: "\\\n", message: "a command without words" },
  ];
  for (const { name, line, message } of faults)
    test(`not where it ends within ${name}`, () => {
      expect(() => splitCommand(line)).toThrow(ConfigError);
      expect(() => splitCommand(line)).toThrow(message);
    });

  const quotes = [
    (word: string) => `'${word.replaceAll("'", `'\\''`)}'`,
    (word: string) => `"${word.replace(/[$`"\\]/g, "\\$&")}"`,
    (word: string) => (word === "" ? "''" : word.replace(/./gsu, (c) => (c === "\n" ? "'\n'" : `\\${c}`))),
  ];

  test("into the words that were quoted, however they were", () => {
    const word = fc.record({ text: fc.string({ unit: "binary" }), how: fc.nat({ max: quotes.length - 1 }) });
    holds(
      fc.property(
        fc.array(word, { minLength: 1 }),
        fc.constantFrom(" ", "\t", "\n", "  "),
        (words, blank) => {
          const line = words.map(({ text, how }) => quotes[how]!(text)).join(blank);
          expect(splitCommand(line)).toEqual(words.map(({ text }) => text));
        },
      ),
    );
  });

  test("or refused, whatever it is", () => {
    const text = fc.string({ unit: fc.constantFrom("a", " ", "'", '"', "\\", "\n", "$", "{") });
    holds(
      fc.property(text, (line) => {
        try {
          expect(splitCommand(line).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are variables of commands
describe("variables", () => {
  const values: Readonly<Record<string, string>> = { A: "1", AB: "a 'b' $A", G1: "x", "1": "no", "?": "no" };
  const rows: { text: string; expanded: string }[] = [
    { text: "$A", expanded: "1" },
    { text: "${A}", expanded: "1" },
    { text: "$A$A-${A}B", expanded: "11-1B" },
    { text: "$AB", expanded: "a 'b' $A" },
    { text: "$A_", expanded: "" },
    { text: "$G1/$G2", expanded: "x/" },
    { text: "a$NONE.b", expanded: "a.b" },
    { text: "$1 $? $! $@ $# $$ $* $- $0x ${1} ${?}", expanded: "        x  " },
    { text: "$(date) $ $. $% a$", expanded: "$(date) $ $. $% a$" },
    { text: "${} ${ a", expanded: "  a" },
    { text: "${A:-b}", expanded: "" },
    { text: "\\$A", expanded: "\\1" },
  ];
  for (const { text, expanded } of rows)
    test(`make ${JSON.stringify(expanded)} of ${JSON.stringify(text)}`, () => {
      expect(expandVariables(text, (name) => values[name])).toBe(expanded);
    });

  test("are put in whatever the quotes, and never make more words", () => {
    const line = `sh -c 'echo $AB' "$AB" \\$A $AB`;
    expect(argumentsOf(line, (name) => values[name])).toEqual([
      "sh",
      "-c",
      "echo a 'b' $A",
      "a 'b' $A",
      "1",
      "a 'b' $A",
    ]);
  });
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
