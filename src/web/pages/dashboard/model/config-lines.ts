/** A key of the configuration and its value, as text. */
export interface ConfigLine {
  readonly key: string;
  readonly value: string;
}

/** An object of the configuration as lines in its own order: what lies in lists and objects has a line each, under its whole name. */
export const configLines = (value: unknown, key = ""): readonly ConfigLine[] => {
  if (typeof value !== "object" || value === null) return [{ key, value: textOf(value) }];
  const entries = Object.entries(value);
  if (entries.length === 0) return key === "" ? [] : [{ key, value: Array.isArray(value) ? "[]" : "{}" }];
  if (Array.isArray(value) && value.every((item) => typeof item !== "object"))
    return [{ key, value: value.map(textOf).join(", ") }];
  return entries.flatMap(([name, inner]) =>
    configLines(inner, Array.isArray(value) ? `${key}[${name}]` : key === "" ? name : `${key}.${name}`),
  );
};

/** Booleans as people write them in the file. */
const textOf = (value: unknown): string => {
  if (value === true) return "yes";
  if (value === false) return "no";
  if (value === null || value === undefined) return "";
  return String(value);
};
