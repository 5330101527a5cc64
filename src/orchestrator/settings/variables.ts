import { ConfigError } from "../../base/errors.ts";
import { nearestName } from "../../base/nearest.ts";
import { isMapping } from "../../config/document.ts";
import type { Said } from "../../config/server/origin.ts";
import type { Setting } from "../../config/server/setting.ts";
import type { Environment } from "../../config/variables.ts";
import { placedKeys, variableOf, variablePrefix } from "./places-of-keys.ts";
import { forwardSettings } from "./settings.ts";

/** What variables such as `ORCHESTRATOR_WORKER_READYTIMEOUT` say. */
export interface SaidByVariables {
  readonly said: readonly Said[];
  /** What is odd, a line each. */
  readonly warnings: readonly string[];
}

/** What the processes of an orchestrator are given: one of them may be an orchestrator itself. */
const ofProcesses = new Set(
  ["INSTANCE", "LAUNCH", "STREAM", "TARGET", "ROLE"].map((name) => variablePrefix + name),
);

const readText = (text: string, { shape }: Setting<unknown>): unknown => {
  if (shape.kind !== "list") return text;
  return text === "" ? [] : text.split(",").map((item) => item.trim());
};

/**
 * Reads the variables of the environment. `forward` is what the file says there, which variables for single items are put over.
 * @throws ConfigError for an item of `forward` behind a gap
 */
export const saidByVariables = (environment: Environment, forward: unknown): SaidByVariables => {
  const known = new Map(placedKeys.map((placed) => [variableOf(placed.path), placed]));
  const said: Said[] = [];
  const warnings: string[] = [];
  let items: unknown[] = Array.isArray(forward) ? [...forward] : [];
  let lastItem: string | undefined;
  const names = Object.keys(environment).filter((name) => name.startsWith(variablePrefix));
  for (const name of names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }))) {
    const text = environment[name] ?? "";
    const placed = known.get(name);
    const variable = /^ORCHESTRATOR_(WORKER|FORWARDER)_ENV_(\w+)$/.exec(name);
    const item = /^ORCHESTRATOR_FORWARD_(\d{1,4})_(STREAMS|TO)$/.exec(name);
    const origin = { kind: "variable", name } as const;
    if (placed && placed.key !== "env")
      said.push({ path: placed.path, value: readText(text, placed.setting), origin });
    else if (variable) {
      const [, under = "", key = ""] = variable;
      said.push({ path: [under.toLowerCase(), "env", key], value: text, origin });
    } else if (item) {
      items = withItem(items, { name, index: Number(item[1]), key: item[2] ?? "", text });
      lastItem = name;
    } else if (!ofProcesses.has(name)) warnings.push(unknown(name, known.keys()));
  }
  if (lastItem !== undefined)
    said.push({ path: ["forward"], value: items, origin: { kind: "variable", name: lastItem } });
  return { said, warnings };
};

const withItem = (
  items: readonly unknown[],
  { name, index, key, text }: { name: string; index: number; key: string; text: string },
): unknown[] => {
  if (index > items.length)
    throw new ConfigError(`${name}: item ${index} of ${items.length}, expected at most ${items.length}`);
  const before = items[index];
  const change = key === "TO" ? { to: readText(text, forwardSettings.to) } : { streams: text };
  return [...items].toSpliced(index, 1, { ...(isMapping(before) ? before : {}), ...change });
};

const unknown = (name: string, known: Iterable<string>): string => {
  const nearest = nearestName(name, known);
  return `${name}: no such key, ignored${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
};
