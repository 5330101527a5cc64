import type { DocumentPath } from "../document.ts";
import { formatPath } from "../document.ts";
import type { Level } from "./level.ts";
import type { Finding } from "./places.ts";
import { servedness, servedSources } from "./served.ts";
import type { Settings } from "./setting.ts";
import { sourceKindOf } from "./source.ts";

/** Switches that make a group of keys mean nothing while they are off. */
const switches = [
  "rtsp",
  "rtmp",
  "hls",
  "api",
  "metrics",
  "pprof",
  "playback",
  "webrtc",
  "srt",
  "moq",
  "record",
];

/** A key that asks for something that is not served. */
export interface Asked {
  readonly place: DocumentPath;
  readonly name: string;
  readonly isNever: boolean;
}

const isForeignSource = (value: unknown): boolean =>
  ["srt", "webrtc", "moq", "rpiCamera"].includes(sourceKindOf(String(value)));

/** What a level asks for that is not served. */
export const unservedOf = (level: Level, settings: Settings): Asked[] =>
  Object.entries(level.values).flatMap(([key, value]): Asked[] => {
    const setting = settings[key];
    const place = level.places.get(key) ?? level.path;
    if (!setting || value === false || (value !== true && Bun.deepEquals(value, setting.fallback))) return [];
    const group = switches.find((name) => key.startsWith(name) && key !== name);
    if (group !== undefined && level.values[group] === false) return [];
    const name = formatPath([...level.path, key]);
    const how = servedness(key);
    if (how !== "served") return [{ place, name, isNever: how === "never" }];
    const isForeign = key === "source" && !servedSources.includes(sourceKindOf(String(value)));
    return isForeign ? [{ place, name, isNever: isForeignSource(value) }] : [];
  });

const told = (asked: readonly Asked[], what: string): Finding[] => {
  const [first] = asked;
  const names = asked.map(({ name }) => name).join(", ");
  return first ? [{ path: first.place, message: `${what}: ${names}` }] : [];
};

/** One finding for protocols that this server does not have, one for what it does not do yet. */
export const tellUnserved = (all: readonly Asked[]): Finding[] => [
  ...told(
    all.filter(({ isNever }) => isNever),
    "read and ignored, as its protocol is not served",
  ),
  ...told(
    all.filter(({ isNever }) => !isNever),
    "read and checked, but not served yet",
  ),
];
