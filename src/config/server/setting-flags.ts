import { ConfigError, forFlag } from "../../base/errors.ts";
import type { DocumentPath } from "../document.ts";
import type { Option } from "../option.ts";
import { credentialSettings, deprecatedGlobalKeys, deprecatedPathKeys } from "./deprecated-keys.ts";
import { flagNameOf } from "./flag-name.ts";
import { readFlagList, readFlagText } from "./flag-text.ts";
import { globalGroups } from "./global-section.ts";
import type { Said } from "./origin.ts";
import { pathGroups } from "./path-section.ts";
import { readableGlobalKeys, readablePathKeys } from "./readable-keys.ts";
import type { Setting, Settings } from "./setting.ts";

/** A flag that sets a key. What its option reads is what stands in the file; undefined for nothing. */
export interface SettingFlag {
  readonly option: Option<unknown>;
  /** The key it sets. */
  readonly path: DocumentPath;
}

/** What a flag is called and means. */
export interface SettingFace {
  readonly flag: string;
  readonly key: string;
  readonly setting: Setting<unknown>;
  readonly group: string;
  readonly help?: string;
}

const placeholders: Readonly<Record<string, string>> = {
  duration: "DURATION",
  size: "SIZE",
  address: "ADDRESS",
  "address, unix too": "ADDRESS",
  file: "FILE",
  "file name": "PATTERN",
  pattern: "PATTERN",
  directory: "DIR",
  URL: "URL",
  source: "SOURCE",
  command: "COMMAND",
  "whole number": "N",
  number: "N",
  "power of two": "N",
};

const placeholderOf = (key: string, { type, shape }: Setting<unknown>): string => {
  if (type === "true or false") return "";
  if (key === "relayTo") return "URL";
  if (key === "playerQueueMs") return "MS";
  if (shape.kind === "list") return "VALUE,...";
  if (type.startsWith("`")) return "WORD";
  return placeholders[type] ?? "TEXT";
};

/** Words are a part of the help, where the doc does not name them. */
const helpOf = ({ doc, type, shape }: Setting<unknown>): string => {
  const words = [...type.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word);
  const isWord = type.startsWith("`") && !doc.includes(words[0] ?? "");
  const which = isWord || (shape.kind === "list" && words.length > 1) ? `: ${words.join(", ")}` : "";
  return (doc + which).replaceAll("`", "");
};

const fallbackOf = (setting: Setting<unknown>): string | undefined => {
  const written = setting.write(setting.fallback, { isRedacted: false });
  if (Array.isArray(written)) return written.length > 0 ? written.join(",") : undefined;
  return written === "" ? undefined : String(written);
};

/** Whose default depends on there being a file. */
const withoutDefault: Readonly<Record<string, string>> = {
  overridePublisher:
    "let a second publisher take the path over; with a configuration file on by default, else off",
};

/** The flag of a setting. What it reads is what stands in the file; undefined for nothing. */
export const optionOf = ({ flag, key, setting, group, help }: SettingFace): Option<unknown> => {
  const isList = setting.shape.kind === "list";
  return {
    flag,
    group,
    help: help ?? withoutDefault[key] ?? helpOf(setting),
    placeholder: placeholderOf(key, setting),
    fallback: withoutDefault[key] === undefined ? fallbackOf(setting) : undefined,
    arity: setting.type === "true or false" ? "switch" : isList ? "many" : "one",
    ...(setting.isSecret && key !== "relayTo" && { isSecret: true }),
    parse: (texts) =>
      forFlag(flag, () => {
        if (texts.length === 0) return undefined;
        return isList ? readFlagList(key, texts) : readFlagText(key, texts.at(-1) ?? "", setting);
      }),
  };
};

const flagsOf = (settings: Settings, { group, path }: { group: string; path: DocumentPath }): SettingFlag[] =>
  Object.entries(settings)
    .filter(([, { shape }]) => shape.kind !== "items")
    .map(([key, setting]) => ({
      option: optionOf({ flag: flagNameOf(key), key, setting, group }),
      path: [...path, key],
    }));

const only = (settings: Settings, keys: Readonly<Record<string, unknown>>): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => Object.hasOwn(keys, key)));

const oldNames = "Deprecated names";

const pathDefaults: DocumentPath = ["pathDefaults"];

/** Flags from before there was a file, whose keys have other names. */
const aliases: readonly SettingFlag[] = (
  [
    ["listen", "rtmpAddress", "address for RTMP"],
    ["tls-listen", "rtmpsAddress", "address for RTMPS, with --tls-cert and --tls-key"],
    ["tls-cert", "rtmpServerCert", "certificate chain for RTMPS, PEM"],
    ["tls-key", "rtmpServerKey", "private key for RTMPS, PEM"],
  ] as const
).map(([flag, key, help]): SettingFlag => {
  const setting = readableGlobalKeys[key];
  if (!setting) throw new TypeError(`no key ${key}`);
  const option = optionOf({ flag, key, setting, group: "Listening", help });
  if (flag === "listen") return { option, path: [key] };
  // They are off until they are typed, and an empty one was not.
  const parse = (texts: readonly string[]): unknown =>
    texts.at(-1) === "" ? undefined : option.parse(texts);
  return { option: { ...option, fallback: undefined, parse }, path: [key] };
});

/** All flags that set keys, by their names. Where a key of paths is called like one at the top, the flag is for the latter. */
export const settingFlags: ReadonlyMap<string, SettingFlag> = new Map(
  [
    ...flagsOf(only(readableGlobalKeys, deprecatedGlobalKeys), { group: oldNames, path: [] }),
    ...flagsOf(only(readableGlobalKeys, { authJWTInHTTPQuery: true }), { group: oldNames, path: [] }),
    ...flagsOf(only(readablePathKeys, { ...deprecatedPathKeys, ...credentialSettings, fallback: true }), {
      group: oldNames,
      path: pathDefaults,
    }),
    ...pathGroups.flatMap(({ title, settings }) =>
      flagsOf(settings, { group: `${title} (of every path)`, path: pathDefaults }),
    ),
    ...globalGroups.flatMap(({ title, settings }) => flagsOf(settings, { group: title, path: [] })),
    ...aliases,
  ].map((each) => [each.option.flag, each]),
);

/**
 * What the flags that were typed say about keys, those of the server where no others are given.
 * @throws ConfigError for a flag that cannot be read, and for two that mean the same
 */
export const saidByFlags = (
  typed: ReadonlyMap<string, readonly string[]>,
  flags: ReadonlyMap<string, SettingFlag> = settingFlags,
): readonly Said[] => {
  const said = new Map<string, Said & { origin: { name: string } }>();
  for (const [flag, texts] of typed) {
    const found = flags.get(flag);
    const value = found?.option.parse(texts);
    if (!found || value === undefined) continue;
    const name = `--${flag}`;
    const other = said.get(found.path.join("."));
    if (other) throw new ConfigError(`${other.origin.name} and ${name} mean the same, expected one of them`);
    said.set(found.path.join("."), { path: found.path, value, origin: { kind: "flag", name } });
  }
  return [...said.values()];
};
