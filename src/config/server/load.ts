import * as v from "valibot";
import { ConfigError } from "../../base/errors.ts";
import { readValue } from "../check.ts";
import {
  type ConfigDocument,
  type DocumentPath,
  isMapping,
  type Mapping,
  parseConfigDocument,
} from "../document.ts";
import { kindOfValue } from "../field.ts";
import { redact } from "../redact.ts";
import { section } from "../section.ts";
import { type Environment, expandDocument } from "../variables.ts";
import { type ApiChanges, applyChanges, noChanges, type SaidContent } from "./api-changes.ts";
import { overlayEnvironment } from "./environment-keys.ts";
import { type Level, levelOf } from "./level.ts";
import { entriesOf } from "./list-setting.ts";
import { putAt, type Said, withOrigin } from "./origin.ts";
import { checkPathName } from "./path-name.ts";
import { type Finding, Places } from "./places.ts";
import { readableGlobalKeys, readablePathKeys } from "./readable-keys.ts";
import { resolveFile } from "./resolve.ts";
import type { HooksPart, ServerConfig } from "./server-config.ts";
import type { ServerFile } from "./server-file.ts";

/** Where a configuration comes from. */
export interface ConfigSource<Hooks> {
  /** YAML or JSON; without it there is no file. */
  readonly text?: string;
  /** What the text is called in messages: the path of the file, as the operator wrote it. */
  readonly name?: string;
  readonly environment: Environment;
  /** What flags say, which counts more than the environment. */
  readonly flags?: readonly Said[];
  /** What was changed through the API, which counts most, and what it is called in messages; nothing for what is changed right now. */
  readonly changes?: { readonly made: ApiChanges; readonly name: string };
  /** How `hooks:` is read; without it there is no such key. */
  readonly hooks?: v.GenericSchema<unknown, Hooks>;
}

/** A configuration that was read. */
export interface LoadedServerConfig<Hooks> {
  readonly config: ServerConfig<Hooks>;
  /** What is odd, a line each. */
  readonly warnings: readonly string[];
  /** Names of variables of the environment that were used; they may be secrets. */
  readonly variables: ReadonlySet<string>;
  /** Keys at the top that somebody said something about; all others have their default. */
  readonly asked: ReadonlySet<string>;
  /** Names the line, the variable or the flag of what is at a path, in front of a message. */
  readonly faultAt: (path: DocumentPath, message: string) => string;
}

/** Where there is no file a publisher is not put out by the next one, as ever. MediaMTX has it the other way round. */
const withoutFile: Mapping = { pathDefaults: { overridePublisher: false } };

/**
 * Reads a configuration in MediaMTX's keys. What flags say counts more than `RTSP_…` and `MTX_…` variables, which count more than the
 * file, which counts more than defaults. `${NAME}` is put in under `hooks:` alone, as commands and passwords of MediaMTX may hold it.
 * @throws ConfigError with a line for each fault, such as `mediamtx.yml:3: rtmpAdress: unknown key, did you mean rtmpAddress?`
 */
export const loadServerConfig = <Hooks = never>({
  text,
  name = "",
  environment,
  flags = [],
  changes: { made, name: changeName } = { made: noChanges, name: "" },
  hooks: hooksSchema,
}: ConfigSource<Hooks>): LoadedServerConfig<Hooks> => {
  const document = text === undefined ? undefined : parseFile(text, name);
  const fromFile = document ? (document.value as Mapping) : withoutFile;
  const overlaid = overlayEnvironment(fromFile, environment);
  const said = sayAll(overlaid, flags);
  const isOpen = hasNoPath(said.value.paths);
  // It stays as the API leaves it: who deletes the last path wants none.
  const opened = isOpen ? { ...said.value, paths: { all_others: {} } } : said.value;
  const changed = applyChanges({ ...said, value: opened }, made, { kind: "change", name: changeName });
  const content = changed.value;
  const places = new Places(document, changed.origins);
  const file = readFile(content, hooksSchema !== undefined);
  const hooks = readHooks(content.hooks, { schema: hooksSchema, environment });
  refuse(places, [...file.faults, ...hooks.faults]);
  const resolved = resolveFile({ ...file, isOpen: isOpen && document !== undefined }, (path) =>
    places.rankOf(path),
  );
  refuse(places, resolved.faults);
  return {
    config: { ...resolved.config, ...(hooks.part && { hooks: hooks.part }) },
    warnings: [...overlaid.warnings, ...places.tellAll(resolved.warnings)],
    variables: new Set([...overlaid.used, ...hooks.variables]),
    asked: resolved.asked,
    faultAt: (path, message) => places.tell(path, message),
  };
};

/** The content with everything that was said put in, one after the other. */
const sayAll = ({ value, origins }: SaidContent, said: readonly Said[]): SaidContent =>
  said.reduce(
    (before, { path, value: given, origin, isDefault }) =>
      isDefault && isSaid(before.value, path)
        ? before
        : {
            value: putAt(before.value, path, given) as Mapping,
            origins: withOrigin(before.origins, path, origin),
          },
    { value, origins },
  );

const isSaid = (content: unknown, [key, ...rest]: DocumentPath): boolean => {
  if (key === undefined) return content !== undefined && content !== null;
  return isMapping(content) && Object.hasOwn(content, key) && isSaid(content[key], rest);
};

const hasNoPath = (paths: unknown): boolean =>
  paths === undefined || paths === null || (isMapping(paths) && Object.keys(paths).length === 0);

const refuse = (places: Places, faults: readonly Finding[]): void => {
  if (faults.length > 0) throw new ConfigError(places.tellAll(faults).join("\n"));
};

/** A file of nothing but comments says that everything is as usual. */
const parseFile = (text: string, name: string): ConfigDocument => {
  const isBlank = text.split("\n").every((line) => /^\s*(?:#|---\s*$|$)/.test(line));
  return parseConfigDocument(isBlank ? "{}" : text, name);
};

const whatever = v.exactOptional(v.unknown());

const globalSection = section("the file", {
  ...entriesOf(readableGlobalKeys),
  pathDefaults: whatever,
  paths: whatever,
});
const globalSectionWithHooks = section("the file", {
  ...entriesOf(readableGlobalKeys),
  pathDefaults: whatever,
  paths: whatever,
  hooks: whatever,
});
const pathSection = section("a path", entriesOf(readablePathKeys));

const readFile = (
  value: Mapping,
  hasHooks: boolean,
): Omit<ServerFile, "isOpen"> & { faults: readonly Finding[] } => {
  const faults: Finding[] = [];
  const readLevel = (schema: v.GenericSchema, part: unknown, path: DocumentPath): Level => {
    const read = readValue(schema, part ?? {});
    faults.push(...read.faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] })));
    return levelOf(path, isMapping(read.value) ? read.value : {});
  };
  const {
    pathDefaults,
    paths,
    hooks: _,
    ...values
  } = readLevel(hasHooks ? globalSectionWithHooks : globalSection, value, []).values;
  if (paths !== undefined && !isMapping(paths))
    faults.push({ path: ["paths"], message: `${kindOfValue(paths)}, expected a mapping` });
  const named = Object.entries(isMapping(paths) ? paths : {}).map(([name, part]): [string, Level] => {
    faults.push(...nameFaults(name));
    return [name, readLevel(pathSection, part, ["paths", name])];
  });
  return {
    global: levelOf([], values),
    pathDefaults: readLevel(pathSection, pathDefaults, ["pathDefaults"]),
    paths: new Map(named),
    faults,
  };
};

const nameFaults = (name: string): Finding[] => {
  try {
    checkPathName(name);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [{ path: ["paths", name], message: `no name of a path: ${error.message}` }];
  }
};

const readHooks = <Hooks>(
  written: unknown,
  { schema, environment }: { schema: v.GenericSchema<unknown, Hooks> | undefined; environment: Environment },
): { part?: HooksPart<Hooks>; variables: ReadonlySet<string>; faults: readonly Finding[] } => {
  if (!schema || written === undefined || written === null) return { variables: new Set(), faults: [] };
  const { value, variables, faults } = expandDocument(written, environment);
  const read = readValue(schema, value, written);
  const broken = new Set(faults.map(({ path }) => JSON.stringify(path)));
  const all = [...faults, ...read.faults.filter(({ path }) => !broken.has(JSON.stringify(path)))];
  return {
    ...(read.isTyped && { part: { read: read.value as Hooks, written, shown: redact(schema, written) } }),
    variables,
    faults: all.map(({ path, message }) => ({ path: ["hooks", ...path], message })),
  };
};
