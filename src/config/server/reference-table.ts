import {
  credentialSettings,
  deprecatedGlobalKeys,
  deprecatedPathKeys,
  discouragedKeys,
} from "./deprecated-keys.ts";
import { flagNameOf } from "./flag-name.ts";
import { globalGroups } from "./global-section.ts";
import { pathGroups } from "./path-section.ts";
import { servedness } from "./served.ts";
import type { Setting, Settings } from "./setting.ts";

const notes = { served: "", "not yet": "not served yet", never: "not served" } as const;

/** A default as it would be written in a file. */
const shownDefault = ({ fallback, shape, write }: Setting<unknown>): string => {
  if (shape.kind === "items" && Array.isArray(fallback) && fallback.length > 0) return "see above";
  const written = write(fallback, { isRedacted: false });
  if (written === "") return "";
  return `\`${typeof written === "string" ? written : JSON.stringify(written)}\``;
};

const rowsOf = (settings: Settings, prefix = "", note?: string): string[] =>
  Object.entries(settings).flatMap(([key, setting]) => {
    const served = note ?? notes[servedness(key)];
    const isFlag = prefix === "" && setting.shape.kind !== "items";
    const flag = isFlag ? `\`--${flagNameOf(key)}\`` : "";
    const row = `| \`${prefix}${key}\` | ${flag} | ${setting.type} | ${shownDefault(setting)} | ${setting.doc} | ${served} |`;
    const { shape } = setting;
    return [row, ...(shape.kind === "items" ? rowsOf(shape.settings, `${prefix}${key}[].`, served) : [])];
  });

const tableOf = ({ title, settings }: { title: string; settings: Settings }): string =>
  [
    `### ${title}`,
    "",
    "| key | flag | type | default | meaning | |",
    "|---|---|---|---|---|---|",
    ...rowsOf(settings),
  ].join("\n");

const deprecatedRows = (): string[] => [
  ...Object.entries(deprecatedGlobalKeys).map(([key, { instead }]) => `| \`${key}\` | \`${instead}\` |`),
  ...Object.entries(deprecatedPathKeys).map(
    ([key, { instead }]) => `| \`paths.….${key}\` | \`${instead}\` |`,
  ),
  ...Object.keys(credentialSettings).map((key) => `| \`paths.….${key}\` | \`authInternalUsers\` |`),
  ...Object.entries(discouragedKeys).map(([key, instead]) => `| \`${key}\` | ${instead} |`),
];

/** Tables of every key, in Markdown, for the documentation. */
export const referenceTables = (): string =>
  [
    "## Keys at the top of the file",
    ...globalGroups.map(tableOf),
    "## Keys of `pathDefaults` and of each path",
    ...pathGroups.map(tableOf),
    "## Deprecated keys",
    ["| old | expected |", "|---|---|", ...deprecatedRows()].join("\n"),
  ].join("\n\n");
