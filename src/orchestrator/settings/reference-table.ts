import { flagNameOf } from "../../config/server/flag-name.ts";
import type { Setting } from "../../config/server/setting.ts";
import { keyGroups, placedKeys, variableOf } from "./places-of-keys.ts";
import { forwardSettings } from "./settings.ts";

/** A default as it would be written in a file; nothing for an empty one. */
const shownDefault = ({ fallback, write }: Setting<unknown>): string => {
  const written = write(fallback, { isRedacted: false });
  const isEmpty = written === "" || (typeof written === "object" && Object.keys(written ?? {}).length === 0);
  return isEmpty ? "" : `\`${String(written)}\``;
};

/** A bar would end a cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|");

const head = ["| key | flag | variable | type | default | meaning |", "|---|---|---|---|---|---|"];

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;

const tableOf = (title: string): string =>
  [
    `### ${title}`,
    "",
    ...head,
    ...placedKeys
      .filter(({ group }) => group === title)
      .map(({ key, path, setting }) => {
        const flag = path.map((part) => flagNameOf(String(part))).join("-");
        const ending = key === "env" ? "_NAME" : "";
        return row([
          `\`${path.join(".")}\``,
          `\`--${flag}${key === "env" ? " NAME=VALUE" : ""}\``,
          `\`${variableOf(path)}${ending}\``,
          setting.type,
          shownDefault(setting),
          setting.doc,
        ]);
      }),
  ].join("\n");

const forwardTable = (): string =>
  [
    "### What is pushed where",
    "",
    ...head,
    ...Object.entries(forwardSettings).map(([key, setting]) =>
      row([
        `\`forward[].${key}\``,
        "`--forward GLOB=URL`",
        `\`ORCHESTRATOR_FORWARD_0_${key.toUpperCase()}\``,
        setting.type,
        shownDefault(setting as Setting<unknown>),
        setting.doc,
      ]),
    ),
  ].join("\n");

/** Tables of every key, in Markdown, for the documentation. */
export const referenceTables = (): string =>
  [...keyGroups.map(({ title }) => tableOf(title)), forwardTable()].join("\n\n");
