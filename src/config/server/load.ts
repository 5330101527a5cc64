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
import { type Resolved, resolveFile } from "./resolve.ts";
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
  /** What was read, for the next time. */
  readonly reading: Reading;
}

/** What was read of a source: what is the same in another one is not read again. */
export interface Reading {
  readonly foundation: Foundation;
  /** What stands in each entry of `paths`, by name, and how it was read. */
  readonly paths: ReadonlyMap<string, { readonly part: unknown; readonly level: Level }>;
  readonly resolved: Resolved;
}

/** What a source says without changes of the API. */
interface Foundation {
  readonly source: Pick<ConfigSource<unknown>, "text" | "name" | "environment" | "flags">;
  readonly document: ConfigDocument | undefined;
  readonly said: SaidContent;
  readonly isOpen: boolean;
  readonly used: ReadonlySet<string>;
  readonly warnings: readonly string[];
}

/** Where there is no file a publisher is not put out by the next one, as ever. MediaMTX has it the other way round. */
const withoutFile: Mapping = { pathDefaults: { overridePublisher: false } };

/**
 * Reads a configuration in MediaMTX's keys. What flags say counts more than `RTSP_…` and `MTX_…` variables, which count more than the
 * file, which counts more than defaults. `${NAME}` is put in under `hooks:` alone, as commands and passwords of MediaMTX may hold it.
 * `before` is what was read of the configuration of before.
 * @throws ConfigError with a line for each fault, such as `mediamtx.yml:3: rtmpAdress: unknown key, did you mean rtmpAddress?`
 */
export const loadServerConfig = <Hooks = never>(
  source: ConfigSource<Hooks>,
  before?: Reading,
): LoadedServerConfig<Hooks> => {
  const { environment, hooks: hooksSchema } = source;
  const { made, name: changeName } = source.changes ?? { made: noChanges, name: "" };
  const known = before?.foundation;
  const foundation = known && isSameSource(known.source, source) ? known : lay(source);
  const { document, isOpen } = foundation;
  const changed = applyChanges(foundation.said, made, { kind: "change", name: changeName });
  const content = changed.value;
  const places = new Places(document, changed.origins);
  const file = readFile(content, { hasHooks: hooksSchema !== undefined, before });
  const hooks = readHooks(content.hooks, { schema: hooksSchema, environment });
  refuse(places, [...file.faults, ...hooks.faults]);
  const resolved = resolveFile(
    { ...file, isOpen: isOpen && document !== undefined },
    (path) => places.rankOf(path),
    before?.resolved,
  );
  refuse(places, resolved.faults);
  return {
    config: { ...resolved.config, ...(hooks.part && { hooks: hooks.part }) },
    warnings: [...foundation.warnings, ...places.tellAll(resolved.warnings)],
    variables: new Set([...foundation.used, ...hooks.variables]),
    asked: resolved.asked,
    faultAt: (path, message) => places.tell(path, message),
    reading: { foundation, paths: file.parts, resolved },
  };
};

const isSameSource = (before: Foundation["source"], now: Foundation["source"]): boolean =>
  before.text === now.text &&
  before.name === now.name &&
  before.environment === now.environment &&
  before.flags === now.flags;

/** Reads a source without what was changed through the API. */
const lay = <Hooks>({ text, name = "", environment, flags }: ConfigSource<Hooks>): Foundation => {
  const document = text === undefined ? undefined : parseFile(text, name);
  const overlaid = overlayEnvironment(document ? (document.value as Mapping) : withoutFile, environment);
  const said = sayAll(overlaid, flags ?? []);
  const isOpen = hasNoPath(said.value.paths);
  return {
    source: { environment, name, ...(text !== undefined && { text }), ...(flags && { flags }) },
    document,
    // It stays as the API leaves it: who deletes the last path wants none.
    said: isOpen ? { ...said, value: { ...said.value, paths: { all_others: {} } } } : said,
    isOpen,
    used: overlaid.used,
    warnings: overlaid.warnings,
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
  { hasHooks, before }: { hasHooks: boolean; before: Reading | undefined },
): Omit<ServerFile, "isOpen"> & { faults: readonly Finding[]; parts: Reading["paths"] } => {
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
  const readPath = (name: string, part: unknown): Level => {
    const known = before?.paths.get(name);
    // What was read before was without a fault.
    if (known && (known.part === part || Bun.deepEquals(known.part, part, true))) return known.level;
    faults.push(...nameFaults(name));
    return readLevel(pathSection, part, ["paths", name]);
  };
  const parts = new Map(
    Object.entries(isMapping(paths) ? paths : {}).map(([name, part]) => [
      name,
      { part, level: readPath(name, part) },
    ]),
  );
  return {
    global: levelOf([], values),
    pathDefaults: readLevel(pathSection, pathDefaults, ["pathDefaults"]),
    paths: new Map([...parts].map(([name, { level }]) => [name, level])),
    parts,
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
