import { ConfigError } from "../../base/errors.ts";
import { readValue } from "../check.ts";
import { type DocumentPath, formatPath, isMapping, type Mapping } from "../document.ts";
import { kindOfValue } from "../field.ts";
import { ConfigChangeError } from "./config-change-error.ts";
import type { DeprecatedKey } from "./deprecated-keys.ts";
import { restoreSecrets } from "./restore-secrets.ts";
import type { Setting, Settings } from "./setting.ts";

/** The level of the configuration that a body is about. */
export interface BodyLevel {
  /** Keys that are known, old names too. */
  readonly readable: Settings;
  /** Those of them that are not old names. */
  readonly settings: Settings;
  readonly deprecated: Readonly<Record<string, DeprecatedKey>>;
  /** What is in force, as it is written; with secrets, and as people see it. */
  readonly plain: Mapping;
  readonly shown: Mapping;
}

/** What a body says. Values are in the form of the file, with the secrets in force where they were hidden; keys have no old names. */
export interface ReadBody {
  readonly keys: Mapping;
  /** What old names at the top say about `pathDefaults`. */
  readonly forPaths: Mapping;
}

const invalid = (message: string): ConfigChangeError => new ConfigChangeError("INVALID", message);

const wrongType = (path: DocumentPath, value: unknown, expected: string): ConfigChangeError =>
  invalid(`json: ${formatPath(path)}: ${kindOfValue(value)}, expected ${expected}`);

const names: Readonly<Record<string, string>> = {
  boolean: "true or false",
  number: "a number",
  string: "text",
};

/** JSON has types: unlike in a file, the text "true" is no truth, and a number no duration. */
const checkType = (value: unknown, setting: Setting<unknown>, path: DocumentPath): unknown => {
  const { shape } = setting;
  const written = setting.write(setting.fallback, { isRedacted: false });
  if (shape.kind === "one") {
    if (typeof value !== typeof written) throw wrongType(path, value, names[typeof written] ?? "a value");
    return value;
  }
  if (!Array.isArray(value)) throw wrongType(path, value, "a list");
  if (shape.kind === "items")
    return value.map((item: unknown, index) => checkItem(item, shape.settings, [...path, index]));
  const type = Array.isArray(written) && written.length > 0 ? typeof written[0] : "string";
  for (const [index, item] of value.entries())
    if (typeof item !== type) throw wrongType([...path, index], item, names[type] ?? "a value");
  return value;
};

const checkItem = (item: unknown, settings: Settings, path: DocumentPath): Mapping => {
  if (!isMapping(item)) throw wrongType(path, item, "an object");
  const entries = Object.entries(item).flatMap(([key, value]): [string, unknown][] => {
    const setting = knownIn(settings, key, [...path, key]);
    if (value === null && setting.shape.kind === "one") return [];
    return [[key, checkType(value, setting, [...path, key])]];
  });
  return Object.fromEntries(entries);
};

const knownIn = (settings: Settings, key: string, path: DocumentPath): Setting<unknown> => {
  const setting = Object.hasOwn(settings, key) ? settings[key] : undefined;
  if (!setting) throw invalid(`json: unknown field "${formatPath(path)}"`);
  return setting;
};

/**
 * Reads the body of a request that changes a level of the configuration.
 * @throws ConfigChangeError INVALID for an unknown key, a value of another type than the API gives, or a hidden secret that is none
 */
export const readApiBody = (body: unknown, level: BodyLevel): ReadBody => {
  if (!isMapping(body)) throw invalid(`json: ${kindOfValue(body)}, expected an object`);
  const keys: [string, unknown][] = [];
  const forPaths: [string, unknown][] = [];
  for (const [key, given] of Object.entries(body)) {
    const setting = knownIn(level.readable, key, [key]);
    if (given === null || key === "name") continue;
    const value = checkType(given, setting, [key]);
    const old = Object.hasOwn(level.deprecated, key) ? level.deprecated[key] : undefined;
    if (old) (old.isForPaths ? forPaths : keys).push(...renamed(value, { key, old }));
    else keys.push([key, restored(value, { key, setting, level })]);
  }
  return { keys: Object.fromEntries(keys), forPaths: Object.fromEntries(forPaths) };
};

const restored = (
  value: unknown,
  { key, setting, level: { plain, shown } }: { key: string; setting: Setting<unknown>; level: BodyLevel },
): unknown => {
  try {
    return restoreSecrets(value, { setting, plain: plain[key], shown: shown[key], path: [key] });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw invalid(error.message);
  }
};

/** What an old name means now. */
const renamed = (
  value: unknown,
  { key, old: { setting, replace } }: { key: string; old: DeprecatedKey },
): [string, unknown][] => {
  const read = readValue(setting.schema, value);
  const [fault] = read.faults;
  if (fault) throw invalid(`${formatPath([key, ...fault.path])}: ${fault.message}`);
  // Values of keys that were only renamed are written as they came.
  return Object.entries(replace(read.value)).map(([now, meant]) => [
    now,
    Bun.deepEquals(meant, read.value) ? value : meant,
  ]);
};
