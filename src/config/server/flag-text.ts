import { parseDuration } from "../../base/units.ts";
import { readValue } from "../check.ts";
import { parseBoolean } from "../option.ts";
import type { Setting } from "./setting.ts";

/** Keys whose flag takes another form than the file. */
const forms: Readonly<Record<string, (text: string) => unknown>> = {
  // A time with its unit, or a number of milliseconds.
  playerQueueMs: (text) => (/^[\d.]+[a-z]/.test(text) ? parseDuration(text) : text),
};

/** Whether an empty text says nothing: it is no value, and means that the flag was not typed. */
const isNothing = (text: string, { type, schema }: Setting<unknown>): boolean =>
  text === "" && (type === "duration" || (type.startsWith("address") && !readValue(schema, text).isTyped));

/**
 * What stands in the file for what was typed behind a flag; undefined for nothing. Whether it can be used is for the key's schema to say.
 * @throws ConfigError for a text that means nothing
 */
export const readFlagText = (key: string, text: string, setting: Setting<unknown>): unknown => {
  if (isNothing(text, setting)) return undefined;
  const form = forms[key];
  if (form) return form(text);
  const { type } = setting;
  if (type === "true or false") return parseBoolean(text) ?? text;
  if (type === "size" && /^\d+$/.test(text)) return Number(text);
  if (type.startsWith("address") && /^\d+$/.test(text)) return `:${text}`;
  return text;
};

/** The same for a list: texts with commas between, from each time that the flag was typed. */
export const readFlagList = (key: string, texts: readonly string[]): readonly string[] => {
  // URLs may hold commas.
  if (key === "relayTo") return texts;
  return texts.flatMap((text) => (text === "" ? [] : text.split(",").map((item) => item.trim())));
};
