import type { DocumentPath } from "../../config/document.ts";
import type { Setting, Settings } from "../../config/server/setting.ts";
import { forwarderSettings, generalSettings, workerSettings } from "./settings.ts";

/** A group of keys as documentation shows them. */
export interface KeyGroup {
  readonly title: string;
  /** What they stand under; empty at the top. */
  readonly under: string;
  readonly settings: Settings;
}

/** All groups of keys, `forward` aside. */
export const keyGroups: readonly KeyGroup[] = [
  { title: "Service", under: "", settings: generalSettings },
  { title: "Worker", under: "worker", settings: workerSettings },
  { title: "Forwarder", under: "forwarder", settings: forwarderSettings },
];

/** A key and where it stands. */
export interface PlacedKey {
  readonly key: string;
  readonly path: DocumentPath;
  readonly setting: Setting<unknown>;
  readonly group: string;
}

/** Every key that holds one value. */
export const placedKeys: readonly PlacedKey[] = keyGroups.flatMap(({ title, under, settings }) =>
  Object.entries(settings).map(([key, setting]) => ({
    key,
    setting,
    group: title,
    path: under === "" ? [key] : [under, key],
  })),
);

/** Stands in front of every variable. */
export const variablePrefix = "ORCHESTRATOR_";

/** The variable of a key. */
export const variableOf = (path: DocumentPath): string =>
  variablePrefix + path.map((part) => String(part).toUpperCase()).join("_");
