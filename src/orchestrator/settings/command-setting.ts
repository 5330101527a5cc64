import * as v from "valibot";
import { ConfigError } from "../../base/errors.ts";
import { splitCommand } from "../../commands/command-line.ts";
import { field, shownValue } from "../../config/field.ts";
import { hidden } from "../../config/secret.ts";
import type { Setting } from "../../config/server/setting.ts";
import { texts } from "../../config/texts.ts";

/** A program and its arguments: a list, or one text that is split as a shell does, and in which nothing else means anything. */
export const commandSetting = (doc: string): Setting<readonly string[]> => ({
  doc,
  type: "command",
  shape: { kind: "one" },
  fallback: [],
  schema: field(doc, readCommand, {
    jsonSchema: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "string" }] },
  }),
  write: (words) => [...words],
});

const readCommand = (value: unknown): readonly string[] => {
  const words: unknown = value === "" ? [] : typeof value === "string" ? splitCommand(value) : value;
  if (!Array.isArray(words))
    throw new ConfigError(`${shownValue(value)}, expected a program and its arguments`);
  return words.map((word: unknown, index) => {
    if (typeof word !== "string" || word.includes("\0") || (word === "" && index === 0))
      throw new ConfigError(
        `${shownValue(word)}, expected text${typeof word === "number" ? " in quotes" : ""}`,
      );
    return word;
  });
};

/** Variables by their names. Their values may be secrets, and are never shown. */
export const variablesSetting = (doc: string): Setting<Readonly<Record<string, string>>> => ({
  doc,
  type: "variables",
  shape: { kind: "one" },
  fallback: {},
  schema: v.pipe(
    texts(doc, {
      name: (name) => {
        if (!/^[A-Za-z_]\w*$/.test(name))
          throw new ConfigError("no name of a variable, expected letters, digits and _");
      },
      value: (value) => {
        if (value.includes("\0")) throw new ConfigError("a NUL, which no variable can hold");
        return value;
      },
      shown: () => hidden,
    }),
  ) as v.GenericSchema<unknown, Readonly<Record<string, string>>>,
  write: (values, { isRedacted }) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isRedacted ? hidden : value])),
  isSecret: true,
});
