import type * as v from "valibot";
import { ConfigError } from "../../base/errors.ts";
import { hideInUrl } from "../../base/hide-secrets.ts";
import { type Field, field, integer, number, shownValue, truth, word } from "../field.ts";
import { type AddressOptions, checkAddress } from "./address.ts";
import { formatLongDuration, parseLongDuration } from "./duration.ts";
import { formatUnitSize, parseUnitSize } from "./size.ts";

/** For whom a value is written. */
export interface View {
  /** Secrets are hidden. */
  readonly isRedacted: boolean;
}

/** How a setting is given in the environment: as one text, as texts with commas, or item by item. */
export type Shape =
  | { readonly kind: "one" }
  | { readonly kind: "list" }
  | { readonly kind: "items"; readonly settings: Settings };

/** One key of the configuration file: how it is read, what it is without being given, and how it is written. */
export interface Setting<Value> {
  /** What it means: one sentence without a full stop. */
  readonly doc: string;
  /** What may stand behind it, for a person. */
  readonly type: string;
  readonly schema: v.GenericSchema<unknown, Value>;
  /** What it is where nothing is given. */
  readonly fallback: Value;
  readonly shape: Shape;
  /**
   * Left out of what is written while it is the default: `own`, because MediaMTX does not know it; `deprecated`, because nobody should use
   * it any more.
   */
  readonly quiet?: "own" | "deprecated";
  /** All or a part of it is hidden where secrets are: it is not in messages either. */
  readonly isSecret?: true;
  /** The value in MediaMTX's form, which `schema` reads back. */
  write(value: Value, view: View): unknown;
}

/** Settings by their keys, in the order in which they are written. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** What settings give, by key. */
export type ValuesOf<Group extends Settings> = {
  readonly [Key in keyof Group]: Group[Key] extends Setting<infer Value> ? Value : never;
};

/** What stands for a secret that is set. MediaMTX writes the same. */
export const redacted = "<redacted>";

const one: Shape = { kind: "one" };

const asIs = (value: unknown): unknown => value;

/** How a text is checked, and shown. */
export interface TextSettingOptions {
  /** What it is called in the documentation. */
  readonly type?: string;
  /** Checks a text that is not empty. @throws ConfigError */
  readonly check?: (text: string) => void;
  /** An empty text is checked, too. */
  readonly isRequired?: boolean;
  /** Hides it where secrets are hidden: all of it, or what is secret of a URL. */
  readonly secret?: "all" | "url" | ((text: string) => string);
}

const hide = (text: string, secret: TextSettingOptions["secret"]): string => {
  if (text === "" || secret === undefined) return text;
  if (secret === "all") return redacted;
  return secret === "url" ? hideInUrl(text) : secret(text);
};

/** Text, which may be empty. */
export const textSetting = (
  doc: string,
  fallback = "",
  { type = "text", check, isRequired = false, secret }: TextSettingOptions = {},
): Setting<string> => {
  const read = (value: unknown): string => {
    if (typeof value !== "string")
      throw new ConfigError(`${secret ? "no text" : shownValue(value)}, expected text in quotes`);
    if (value.includes("\0")) throw new ConfigError("text with a NUL, expected text");
    if (value !== "" || isRequired) check?.(value);
    return value;
  };
  return {
    doc,
    type,
    fallback,
    shape: one,
    schema: field(doc, read, { jsonSchema: { type: "string" } }),
    write: (value, { isRedacted }) => (isRedacted ? hide(value, secret) : value),
    ...(secret && { isSecret: true }),
  };
};

/** Makes a setting of how one value is read; what is read is written as it is. */
const plainSetting = <Value>(
  type: string,
  schema: Field<Value>,
  { doc, fallback }: { doc: string; fallback: Value },
): Setting<Value> => ({ doc, type, schema, fallback, shape: one, write: asIs });

/** On or off. */
export const switchSetting = (doc: string, fallback = false): Setting<boolean> =>
  plainSetting("true or false", truth(doc), { doc, fallback });

/** A whole number within bounds. */
export const wholeSetting = (
  doc: string,
  fallback: number,
  bounds: { min: number; max: number },
): Setting<number> => plainSetting("whole number", integer(doc, bounds), { doc, fallback });

/** A number within bounds. */
export const decimalSetting = (
  doc: string,
  fallback: number,
  bounds: { min: number; max: number },
): Setting<number> => plainSetting("number", number(doc, bounds), { doc, fallback });

/** One of a few words. */
export const wordSetting = <const Word extends string>(
  doc: string,
  fallback: NoInfer<Word>,
  words: readonly Word[],
): Setting<Word> =>
  plainSetting<Word>(words.map((each) => `\`${each}\``).join(", "), word(doc, words), { doc, fallback });

/** Whether a protocol is encrypted: `no`, `optional` (both) or `strict`. Unquoted, YAML readers may take `no` for false. */
export const encryptionSetting = (doc: string): Setting<Encryption> =>
  plainSetting<Encryption>(
    encryptions.map((each) => `\`${each}\``).join(", "),
    field(
      doc,
      (value) => {
        const meant =
          typeof value === "boolean" || value === "true" || value === "false" || value === "yes"
            ? String(value) === "false"
              ? "no"
              : "strict"
            : value;
        const found = encryptions.find((candidate) => candidate === meant);
        if (found === undefined)
          throw new ConfigError(`${shownValue(value)}, expected no, optional or strict`);
        return found;
      },
      { jsonSchema: { enum: [...encryptions, false] }, words: encryptions },
    ),
    { doc, fallback: "no" },
  );

const encryptions = ["no", "optional", "strict"] as const;

/** See {@link encryptionSetting}. */
export type Encryption = (typeof encryptions)[number];

/** A duration, in milliseconds. The default is written as in a file. With `isNegativeZero` a negative one is taken for zero. */
export const durationSetting = (
  doc: string,
  fallback: string,
  { isPositive = false, isNegativeZero = false } = {},
): Setting<number> => ({
  doc,
  type: "duration",
  fallback: parseLongDuration(fallback),
  shape: one,
  schema: field(
    doc,
    (value) => {
      if (typeof value !== "string" && value !== 0)
        throw new ConfigError(
          `${shownValue(value)}, expected a duration such as 500ms, 10s, 1m30s, 1h or 7d`,
        );
      const isNegative = isNegativeZero && /^-./.test(String(value));
      const ms = isNegative
        ? Math.min(0, parseLongDuration(String(value).substring(1)))
        : parseLongDuration(String(value));
      if (isPositive && ms === 0)
        throw new ConfigError(`${shownValue(value)}, expected a duration above zero`);
      return ms;
    },
    {
      jsonSchema: {
        anyOf: [
          {
            type: "string",
            pattern: `^${isNegativeZero ? "-?" : ""}([0-9]+d)?([0-9.]+(ns|us|µs|ms|s|m|h))*$|^0$`,
          },
          { const: 0 },
        ],
      },
    },
  ),
  write: (ms) => formatLongDuration(ms),
});

/** A size, in bytes. The default is written as in a file. */
export const sizeSetting = (doc: string, fallback: string, { min = 0 } = {}): Setting<number> => ({
  doc,
  type: "size",
  fallback: parseUnitSize(fallback),
  shape: one,
  schema: field(
    doc,
    (value) => {
      const isNumber = typeof value === "number" && Number.isSafeInteger(value);
      if (typeof value !== "string" && !isNumber)
        throw new ConfigError(`${shownValue(value)}, expected a size such as 512K or 50M`);
      const bytes = typeof value === "number" ? value : parseUnitSize(value);
      if (bytes < min)
        throw new ConfigError(`${shownValue(value)}, expected at least ${formatUnitSize(min)}`);
      return bytes;
    },
    {
      jsonSchema: {
        anyOf: [
          { type: "integer", minimum: 0 },
          { type: "string", pattern: "^[0-9]+(\\.[0-9]+)? *([kmgtKMGT](i?[bB])?|[bB])$" },
        ],
      },
    },
  ),
  write: (bytes) => formatUnitSize(bytes),
});

/** Where to listen, as text. */
export const addressSetting = (
  doc: string,
  fallback: string,
  options: AddressOptions = {},
): Setting<string> => ({
  ...textSetting(doc, fallback),
  type: options.allowsUnix ? "address, unix too" : "address",
  schema: field(
    doc,
    (value) => {
      if (typeof value !== "string")
        throw new ConfigError(
          `${shownValue(value)}, expected an address such as ":${typeof value === "number" ? value : 1935}"`,
        );
      return checkAddress(value, options);
    },
    { jsonSchema: { type: "string" } },
  ),
});

/** The same setting, as one that MediaMTX does not have. */
export const own = <Value>(setting: Setting<Value>): Setting<Value> => ({ ...setting, quiet: "own" });

/** The same setting, as one that nobody should use any more. */
export const deprecated = <Value>(setting: Setting<Value>): Setting<Value> => ({
  ...setting,
  quiet: "deprecated",
});
