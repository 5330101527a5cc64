import { ConfigError } from "../../base/errors.ts";
import { nearestName } from "../../base/nearest.ts";
import { printable } from "../../base/stream-path.ts";
import { type DocumentPath, isMapping, type Mapping } from "../document.ts";
import type { Environment } from "../variables.ts";
import { type Origin, type Origins, placeKey } from "./origin.ts";
import { readableGlobalKeys, readablePathKeys } from "./readable-keys.ts";
import type { Setting, Settings } from "./setting.ts";

/** A file's content with what the environment says put over it. */
export interface Overlaid {
  readonly value: Mapping;
  /** The variables that count. */
  readonly origins: Origins;
  /** Names of all variables that mean something, overruled ones too. */
  readonly used: ReadonlySet<string>;
  /** What is odd about variables. */
  readonly warnings: readonly string[];
}

/** Older one first: what a later one says counts. */
const prefixes = ["RTSP_", "MTX_"] as const;

/** Variables of hooks: those they are given, which a server that a hook starts has without anybody meaning it, and those of `mtx-hook`. */
const ofHooks =
  /^MTX_(?:PATH|QUERY|(?:SOURCE|READER|CONN)_(?:TYPE|ID)|SEGMENT_(?:PATH|DURATION)|HOOK_(?:URL|SECRET))$/;

/** What a variable is about: a place, and how its text becomes a value there. */
interface Target {
  readonly path: DocumentPath;
  readonly setting: Setting<unknown>;
  /** The lists on the way, by how many keys stand before theirs. */
  readonly lists: ReadonlyMap<number, Setting<unknown>>;
}

/**
 * Puts variables such as `MTX_RTMPADDRESS`, `MTX_PATHS_CAM1_RECORD` and `MTX_AUTHINTERNALUSERS_0_USER` over the content of a file. The
 * file's own content is not changed.
 * @throws ConfigError with a line for each variable that cannot be used
 */
export const overlayEnvironment = (content: Mapping, environment: Environment): Overlaid => {
  const origins = new Map<string, Origin>();
  const used = new Set<string>();
  const warnings: string[] = [];
  const faults: string[] = [];
  if (environment.MTX_CONFKEY)
    faults.push("MTX_CONFKEY: encrypted files cannot be read, expected a plain file and no key");
  let value = content;
  for (const prefix of prefixes) {
    for (const name of namesWith(prefix, environment)) {
      try {
        const target = targetOf(name.substring(prefix.length), value);
        if (target) {
          value = put(value, target, environment[name] ?? "");
          origins.set(placeKey(target.path), { kind: "variable", name });
          used.add(name);
        } else if (prefix === "MTX_" && !ofHooks.test(name) && name !== "MTX_CONFKEY")
          warnings.push(unknownVariable(name));
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        faults.push(`${name}: ${error.message}`);
      }
    }
  }
  if (faults.length > 0) throw new ConfigError(faults.join("\n"));
  return { value, origins, used, warnings };
};

/** In an order in which lists grow: 2 comes before 10. */
const namesWith = (prefix: string, environment: Environment): string[] =>
  Object.keys(environment)
    .filter((name) => name.startsWith(prefix) && environment[name] !== undefined)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

const unknownVariable = (name: string): string => {
  const known = Object.keys(readableGlobalKeys).map((key) => `MTX_${key.toUpperCase()}`);
  const nearest = nearestName(name, known);
  return `${name}: no such key, ignored${nearest ? `; did you mean ${nearest}?` : ""}`;
};

const mappingAt = (content: Mapping, key: string): Mapping => {
  const value = Object.hasOwn(content, key) ? content[key] : undefined;
  return isMapping(value) ? value : {};
};

const targetOf = (rest: string, content: Mapping): Target | undefined => {
  const [group, inner] = splitAt(rest);
  if (group === "PATHDEFAULTS" && inner !== "")
    return keyTarget(inner, readablePathKeys, {
      path: ["pathDefaults"],
      content: mappingAt(content, "pathDefaults"),
    });
  if (group === "PATHS" && inner !== "") return pathTarget(inner, mappingAt(content, "paths"));
  return keyTarget(rest, readableGlobalKeys, { path: [], content });
};

/** What stands before the first `_`, and behind it. */
const splitAt = (text: string): [string, string] => {
  const at = text.indexOf("_");
  return at < 0 ? [text, ""] : [text.substring(0, at), text.substring(at + 1)];
};

/** A path's name as far as a variable can say it. */
const variableForm = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, "_");

/**
 * A key of a path. Paths of the file are found by their name in capitals with `_` for everything that is no letter or digit; any other
 * name reaches to the first `_` and is a new path, in small letters.
 */
const pathTarget = (rest: string, paths: Mapping): Target | undefined => {
  const within = (name: string, inner: string): Target | undefined =>
    keyTarget(inner, readablePathKeys, { path: ["paths", name], content: mappingAt(paths, name) });
  const [first, behind] = splitAt(rest);
  const small = first.toLowerCase();
  if (small !== "" && behind !== "" && Object.hasOwn(paths, small)) return within(small, behind);
  const fitting = Object.keys(paths)
    .filter((name) => rest.startsWith(`${variableForm(name)}_`))
    .map((name) => within(name, rest.substring(variableForm(name).length + 1)))
    .filter((target) => target !== undefined);
  if (fitting.length > 1) {
    const names = fitting.map(({ path }) => printable(String(path[1]))).join(" and ");
    throw new ConfigError(`${names} are both meant, expected the file to set one of them`);
  }
  return fitting[0] ?? (small === "" || behind === "" ? undefined : within(small, behind));
};

interface Level {
  readonly path: DocumentPath;
  readonly content: Mapping;
  readonly lists?: Target["lists"];
}

const keyTarget = (
  rest: string,
  settings: Settings,
  { path, content, lists = new Map() }: Level,
): Target | undefined => {
  for (const [key, setting] of Object.entries(settings)) {
    const upper = key.toUpperCase();
    if (rest === upper) return { path: [...path, key], setting, lists };
    if (setting.shape.kind === "items" && rest.startsWith(`${upper}_`)) {
      const [index, inner] = splitAt(rest.substring(upper.length + 1));
      if (!/^\d{1,6}$/.test(index) || inner === "") continue;
      const items = itemsAt(content, key, setting);
      const place = Number(index);
      if (place > items.length)
        throw new ConfigError(`item ${place} of ${items.length}, expected at most ${items.length}`);
      const item = items[place];
      return keyTarget(inner, setting.shape.settings, {
        path: [...path, key, place],
        content: isMapping(item) ? item : {},
        lists: new Map([...lists, [path.length, setting]]),
      });
    }
  }
  return undefined;
};

/** The items that a list has: those of the file, or its default. */
const itemsAt = (content: Mapping, key: string, setting: Setting<unknown>): readonly unknown[] => {
  const given = Object.hasOwn(content, key) ? content[key] : undefined;
  const items = given ?? setting.write(setting.fallback, { isRedacted: false });
  return Array.isArray(items) ? items : [];
};

/** A variable's text as a value of the file. */
const textAsValue = (text: string, { shape }: Setting<unknown>): unknown => {
  if (shape.kind === "one") return text;
  if (text === "") return [];
  if (shape.kind === "items")
    throw new ConfigError("a list of mappings, expected a variable for each key of an item, such as …_0_KEY");
  return text.split(",").map((item) => item.trim());
};

/** The content with a value put in. Lists that are not in the file yet begin with their default. */
const put = (content: Mapping, { path, setting, lists }: Target, text: string): Mapping => {
  const given = textAsValue(text, setting);
  const within = (part: unknown, depth: number): unknown => {
    const key = path[depth];
    if (key === undefined) return given;
    if (typeof key === "number") {
      const items: readonly unknown[] = Array.isArray(part) ? part : [];
      const changed = within(items[key] ?? {}, depth + 1);
      return key < items.length ? items.with(key, changed) : [...items, changed];
    }
    const mapping = isMapping(part) ? part : {};
    const list = lists.get(depth);
    const inner = list ? itemsAt(mapping, key, list) : mapping[key];
    // Object.fromEntries makes own properties, whatever they are called.
    return Object.fromEntries([...Object.entries(mapping), [key, within(inner, depth + 1)]]);
  };
  return within(content, 0) as Mapping;
};
