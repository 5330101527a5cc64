import { ConfigError, forFlag } from "../base/errors.ts";

/** One option of the server: what it is called, takes and means. Everything else about it is derived from this. */
export interface Option<Value> {
  /** Name of the flag, without dashes. */
  readonly flag: string;
  /** Where it stands in the help text. */
  readonly group: string;
  /** What it does, for a person: one sentence without a full stop. */
  readonly help: string;
  /** Placeholder of the value in the help text; empty for flags that need none. */
  readonly placeholder: string;
  /** The default as it would be typed; undefined where the option is off until it is given. */
  readonly fallback: string | undefined;
  /** `many`: the flag may be repeated and every value counts; else the last one wins. */
  readonly arity: "switch" | "one" | "many";
  /** What is typed behind it is nobody else's business: no message repeats it. */
  readonly isSecret?: true;
  /** Reads what was typed. @throws ConfigError saying what was given and what is accepted */
  readonly parse: (texts: readonly string[]) => Value;
}

/** How an option appears in the help text. */
export type Face = Pick<Option<unknown>, "flag" | "group" | "help" | "isSecret">;

/** An option with one value. */
export const valueOption = <Value>(
  face: Face,
  value: { placeholder: string; fallback: string; parse: (text: string) => Value },
): Option<Value> => ({
  ...face,
  placeholder: value.placeholder,
  fallback: value.fallback,
  arity: "one",
  parse: (texts) => forFlag(face.flag, () => value.parse(texts.at(-1) ?? value.fallback)),
});

/** An option that is off until it is given. */
export const optionalOption = <Value>(
  face: Face,
  value: { placeholder: string; parse: (text: string) => Value },
): Option<Value | undefined> => ({
  ...face,
  placeholder: value.placeholder,
  fallback: undefined,
  arity: "one",
  parse: (texts) => {
    const text = texts.at(-1);
    return text === undefined || text === "" ? undefined : forFlag(face.flag, () => value.parse(text));
  },
});

/** An option that may be given several times. */
export const listOption = <Value>(
  face: Face,
  value: { placeholder: string; parse: (text: string) => Value },
): Option<readonly Value[]> => ({
  ...face,
  placeholder: value.placeholder,
  fallback: undefined,
  arity: "many",
  parse: (texts) => texts.map((text) => forFlag(face.flag, () => value.parse(text))),
});

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  yes: true,
  false: false,
  "0": false,
  no: false,
};

/** True or false as people type it; undefined for anything else. */
export const parseBoolean = (text: string): boolean | undefined => booleans[text.toLowerCase()];

/** An option that is on or off. */
export const switchOption = (face: Face, fallback: boolean): Option<boolean> => ({
  ...face,
  placeholder: "",
  fallback: String(fallback),
  arity: "switch",
  parse: (texts) => {
    const text = texts.at(-1) ?? String(fallback);
    const value = parseBoolean(text);
    if (value === undefined)
      throw new ConfigError(`--${face.flag}: ${JSON.stringify(text)}, expected true or false`);
    return value;
  },
});

/** Reads one of a few words. */
export const oneOf =
  <Word extends string>(words: readonly Word[]) =>
  (text: string): Word => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined)
      throw new ConfigError(
        `${JSON.stringify(text)}, expected ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
      );
    return word;
  };

/** Reads a whole number within bounds. */
export const integerFrom =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max))
      throw new ConfigError(`${JSON.stringify(text)}, expected a whole number from ${min} to ${max}`);
    return value;
  };

/** Reads a text that may not be empty; `what` says what it is. */
export const nonEmpty =
  (what: string) =>
  (text: string): string => {
    if (text === "" || text.includes("\0"))
      throw new ConfigError(`${JSON.stringify(text)}, expected ${what}`);
    return text;
  };

/** Reads a number above zero; `what` says what it is. */
export const positive =
  (parse: (text: string) => number, what: string) =>
  (text: string): number => {
    const value = parse(text);
    if (value <= 0) throw new ConfigError(`${JSON.stringify(text)}, expected ${what} above zero`);
    return value;
  };
