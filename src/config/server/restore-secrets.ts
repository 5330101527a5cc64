import { ConfigError } from "../../base/errors.ts";
import { type DocumentPath, formatPath, isMapping } from "../document.ts";
import { redacted, type Setting, type Settings } from "./setting.ts";

/** A value of somebody who saw the configuration with its secrets hidden, and what is in force. */
export interface Restoring {
  readonly setting: Setting<unknown>;
  /** What is in force, as it is written; undefined where nothing is. */
  readonly plain: unknown;
  /** The same, as people see it. */
  readonly shown: unknown;
  readonly path: DocumentPath;
}

/**
 * A value with the secrets in force where it holds what stands for them: who reads a configuration and sends it back changes nothing.
 * @throws ConfigError where something stands for a secret that is not there
 */
export const restoreSecrets = (value: unknown, { setting, plain, shown, path }: Restoring): unknown => {
  if (plain !== undefined && Bun.deepEquals(value, shown)) return plain;
  const { shape } = setting;
  if (shape.kind === "one") return notHidden(value, { setting, path });
  if (!Array.isArray(value)) return value;
  const [plains, showns] = [listOf(plain), listOf(shown)];
  if (shape.kind === "list") {
    return value.map((item: unknown, index) => {
      const at = nth(showns, item, { among: value, index, keyOf: (each) => each });
      return at < 0 ? notHidden(item, { setting, path: [...path, index] }) : plains[at];
    });
  }
  const [first = ""] = Object.keys(shape.settings);
  const keyOf = (item: unknown): unknown => (isMapping(item) ? item[first] : undefined);
  return value.map((item: unknown, index) => {
    const at = nth(showns, item, { among: value, index, keyOf });
    return restoreItem(item, shape.settings, {
      plain: plains[at],
      shown: showns[at],
      path: [...path, index],
    });
  });
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The place of what an item is about in another list: the second joe of one list is the second joe of the other. */
const nth = (
  others: readonly unknown[],
  item: unknown,
  { among, index, keyOf }: { among: readonly unknown[]; index: number; keyOf: (item: unknown) => unknown },
): number => {
  const same = (other: unknown): boolean => Bun.deepEquals(keyOf(other), keyOf(item));
  const before = among.filter((each, place) => place < index && same(each)).length;
  const places = others.flatMap((other, place) => (same(other) ? [place] : []));
  return places[before] ?? -1;
};

const restoreItem = (
  item: unknown,
  settings: Settings,
  { plain, shown, path }: Omit<Restoring, "setting">,
): unknown => {
  if (!isMapping(item)) return item;
  const inner = (whole: unknown, key: string): unknown => (isMapping(whole) ? whole[key] : undefined);
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => {
      const setting = settings[key];
      const parts = { plain: inner(plain, key), shown: inner(shown, key), path: [...path, key] };
      return [key, setting ? restoreSecrets(value, { setting, ...parts }) : value];
    }),
  );
};

/** What hides secrets in URLs. */
const hiddenInUrl = /\*\*\*@|[?/]\*\*\*$/;

const notHidden = (
  value: unknown,
  { setting, path }: { setting: Setting<unknown>; path: DocumentPath },
): unknown => {
  const isHidden = typeof value === "string" && (value === redacted || hiddenInUrl.test(value));
  if (setting.isSecret && isHidden)
    throw new ConfigError(
      `${formatPath(path)}: stands for a secret that is in force, and none is, expected the secret itself`,
    );
  return value;
};
