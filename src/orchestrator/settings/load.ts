import type * as v from "valibot";
import { ConfigError } from "../../base/errors.ts";
import { nearestName } from "../../base/nearest.ts";
import { readValue } from "../../config/check.ts";
import { isMapping, parseConfigDocument } from "../../config/document.ts";
import { readDocumentFile } from "../../config/document-file.ts";
import { optional } from "../../config/field.ts";
import { section } from "../../config/section.ts";
import { entriesOf, sectionOf, withDefaults, writeValues } from "../../config/server/list-setting.ts";
import { type Origins, putAt, type Said, withOrigin } from "../../config/server/origin.ts";
import { type Finding, Places } from "../../config/server/places.ts";
import { saidByFlags } from "../../config/server/setting-flags.ts";
import { type Environment, expandDocument } from "../../config/variables.ts";
import { PathTemplate, parseStreamId } from "../machine/path-template.ts";
import { configOption, orchestratorFlags } from "./flags.ts";
import { variablePrefix } from "./places-of-keys.ts";
import {
  forwarderSettings,
  forwardSetting,
  forwardSettings,
  generalSettings,
  type OrchestratorConfig,
  workerSettings,
} from "./settings.ts";
import { saidByVariables } from "./variables.ts";

/** How a whole file is read. */
export const orchestratorSection = section("configuration of rtmp-server orchestrate", {
  ...entriesOf(generalSettings),
  worker: optional(sectionOf("the program that is started for each stream", workerSettings)),
  forwarder: optional(
    sectionOf("the program that pushes a processed stream to one other server", forwarderSettings),
  ),
  forward: optional(forwardSetting.schema),
});

/** What may stand in braces in the command and the variables of a worker, and of a forwarder. */
const workerPlaceholders = ["streamId", "path", "query", "sourceType", "sourceId"];
const forwarderPlaceholders = ["streamId", "path"];

type OrchestratorFile = v.InferOutput<typeof orchestratorSection>;

/** A configuration that was read. */
export interface LoadedOrchestratorConfig {
  readonly config: OrchestratorConfig;
  /** What is odd, a line each. */
  readonly warnings: readonly string[];
  /** Names of variables that are nobody else's business. */
  readonly withheld: ReadonlySet<string>;
}

/** What a configuration is made of. */
export interface OrchestratorSource {
  /** The text of the file, and what it is called; without it there is none. */
  readonly file?: { readonly text: string; readonly name: string } | undefined;
  readonly environment: Environment;
  /** What was typed, by flag name. */
  readonly typed?: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads the configuration of an orchestrator. What flags say counts more than `ORCHESTRATOR_…` variables, which count more than the
 * file, which counts more than defaults. `${NAME}` stands for a variable in the file.
 * @throws ConfigError with a line for each fault: the flag, the variable or the line of the file
 */
export const loadOrchestratorConfig = ({
  file,
  environment,
  typed = new Map(),
}: OrchestratorSource): LoadedOrchestratorConfig => {
  const isBlank = file?.text.split("\n").every((line) => /^\s*(?:#|---\s*$|$)/.test(line));
  const document = file && parseConfigDocument(isBlank ? "{}" : file.text, file.name);
  const expanded = expandDocument(document?.value ?? {}, environment);
  const content = isMapping(expanded.value) ? expanded.value : {};
  const { said, warnings } = saidByVariables(environment, content.forward);
  const { value, origins } = sayAll(content, [...said, ...saidByFlags(typed, orchestratorFlags)]);
  const places = new Places(document, origins);
  const read = readValue(orchestratorSection, value);
  const refuse = (faults: readonly Finding[]): void => {
    // A variable that means nothing may be the one that is missed.
    if (faults.length > 0) throw new ConfigError([...places.tellAll(faults), ...warnings].join("\n"));
  };
  // What stands for a variable cannot be judged.
  refuse(expanded.faults);
  refuse(read.faults);
  const config = configOf(read.value as OrchestratorFile);
  refuse(faultsOf(config));
  return {
    config,
    warnings: [...warnings, ...oddities(config)],
    withheld: new Set([
      ...expanded.variables,
      ...Object.keys(environment).filter((name) => name.startsWith(variablePrefix)),
    ]),
  };
};

/** Reads the configuration that a command line means. @throws ConfigError */
export const readOrchestratorConfig = (
  typed: ReadonlyMap<string, readonly string[]>,
  environment: Environment,
): LoadedOrchestratorConfig => {
  const name = configOption.parse(typed.get(configOption.flag) ?? []);
  const file = name === undefined ? undefined : { name, text: readDocumentFile(name) };
  return loadOrchestratorConfig({ file, environment, typed });
};

/** A configuration as people may see it. */
export const shownConfig = (config: OrchestratorConfig): Readonly<Record<string, unknown>> => ({
  ...writeValues(generalSettings, config, { isRedacted: true }),
  worker: writeValues(workerSettings, config.worker, { isRedacted: true }),
  forwarder: writeValues(forwarderSettings, config.forwarder, { isRedacted: true }),
  forward: config.forward.map((item) => writeValues(forwardSettings, item, { isRedacted: true })),
});

const sayAll = (content: unknown, said: readonly Said[]): { value: unknown; origins: Origins } =>
  said.reduce(
    (before, { path, value, origin }) => ({
      value: putAt(before.value, path, value),
      origins: withOrigin(before.origins, path, origin),
    }),
    { value: content, origins: new Map() as Origins },
  );

const configOf = (file: OrchestratorFile): OrchestratorConfig => ({
  ...withDefaults(generalSettings, file),
  worker: withDefaults(workerSettings, file.worker ?? {}),
  forwarder: withDefaults(forwarderSettings, file.forwarder ?? {}),
  forward: file.forward ?? [],
});

const faultsOf = ({ ingest, processed, worker, forward }: OrchestratorConfig): Finding[] => {
  const faults: Finding[] = [];
  if (worker.command.length === 0)
    faults.push({
      path: ["worker", "command"],
      message:
        "missing, expected the program that is started for each stream, here or as --worker-command 'PROGRAM {path}'",
    });
  if (ingest === processed)
    faults.push({ path: ["processed"], message: "the same as ingest: a worker would start itself" });
  else if (processed !== "" && hasAll(processed, ingest))
    faults.push({
      path: ["processed"],
      message: `has all paths of ingest in it, ${ingest}: none of them would start a worker`,
    });
  if (forward.length > 0 && processed === "")
    faults.push({ path: ["forward"], message: "has nothing to push, expected processed to name its paths" });
  forward.forEach(({ to }, index) => {
    if (to.length === 0)
      faults.push({ path: ["forward", index], message: "no target, expected to: [rtmp://HOST/APP/KEY]" });
  });
  return faults;
};

/** Whether all paths of a template are those of another one too. */
const hasAll = (of: string, template: string): boolean => {
  const id = parseStreamId("a");
  const path = id && new PathTemplate(template).pathOf(id);
  return path !== undefined && new PathTemplate(of).match(path).kind !== "foreign";
};

/** Braces may mean something to a program; what is nearly a placeholder most likely was to be one. */
const misspelt = (texts: readonly string[], known: readonly string[]): string[] =>
  texts
    .flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name))
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = nearestName(name, known);
      return meant === undefined ? [] : [`{${name}} stands for nothing; did you mean {${meant}}?`];
    });

const misspeltIn = ({ worker, forwarder }: OrchestratorConfig): string[] => {
  const textsOf = ({ command, env }: Pick<OrchestratorConfig["worker"], "command" | "env">): string[] => [
    ...command,
    ...Object.values(env),
  ];
  return [
    ...misspelt(textsOf(worker), workerPlaceholders).map((line) => `worker: ${line}`),
    ...misspelt(textsOf(forwarder), forwarderPlaceholders).map((line) => `forwarder: ${line}`),
  ];
};

const oddities = (config: OrchestratorConfig): string[] => {
  const { address, secret, api } = config;
  const isLocal = /^(?:127\.|localhost:|\[::1\]|unix:)/.test(address);
  return [
    ...(secret === "" && !isLocal
      ? [
          `whoever reaches ${address} may have workers started, expected secret where that is not a closed network`,
        ]
      : []),
    ...misspeltIn(config),
    ...(api === "" ? ["without api what events have missed is never made up for"] : []),
  ];
};
