import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { formatPath } from "../../config/document.ts";
import { everyEvent } from "./event-name.ts";
import { type FaultPlace, Findings } from "./findings.ts";
import type { DefaultsFile, HookFile, ScriptFile, StdioFile, WebhookFile } from "./hook-file.ts";
import { monitorSettingsOf } from "./quality-section.ts";
import { eventTypesOf, filterSettingsOf } from "./resolve-filter.ts";
import { mergeDefaults, policyOf, timeoutOf } from "./resolve-policy.ts";
import { scriptSettingsOf } from "./resolve-script.ts";
import { deadLetterOf, webhookSettingsOf } from "./resolve-webhook.ts";
import type { HookDefinition, HookSettings, StdioSettings } from "./settings.ts";

/** Where hooks are asked for. Both say it in the same form. */
export interface HookSources {
  readonly file?: HookFile | undefined;
  readonly flags?: HookFile | undefined;
}

/** What else {@link resolveHookSettings} needs. */
export interface ResolveOptions {
  /** Unix time in milliseconds, from which times such as `expiry` count. */
  readonly now: number;
  /** Names of variables that hold secrets of ours; scripts do not inherit them. */
  readonly withheld?: Iterable<string> | undefined;
  /** Names the line of the file in errors and warnings; a path begins with `hooks`. */
  readonly faultAt?: FaultPlace | undefined;
  /** Warnings there are already. */
  readonly warnings?: readonly string[] | undefined;
}

/** One of the sources, and how to speak of it. */
interface Source {
  readonly hooks: HookFile;
  readonly findings: Findings;
  readonly defaults: DefaultsFile;
  readonly now: number;
  readonly withheld: readonly string[];
}

const defaultConcurrency = 10;

/**
 * Everything about hooks: those of the file, then those of the flags. What a hook says itself counts before what the flags say, and
 * that before the file's `default_config`.
 * @throws ConfigError with a line for each fault: unknown events, URLs and scripts that cannot be used, ids that stand twice
 */
export const resolveHookSettings = (sources: HookSources, options: ResolveOptions): HookSettings => {
  const { file = {}, flags = {} } = sources;
  const inFile = new Findings(options.faultAt ?? faultWithoutLine).within("hooks");
  const inFlags = inFile.placedBy(faultOfFlag);
  const defaults = mergeDefaults(file.default_config, flags.default_config);
  const shared = { defaults, now: options.now, withheld: [...new Set(options.withheld ?? [])] };
  const found = [
    ...definitionsOf({ ...shared, hooks: file, findings: inFile }),
    ...definitionsOf({ ...shared, hooks: flags, findings: inFlags }),
  ];
  refuseTwins(found);
  const isUrlOfFlags = flags.default_config?.delivery?.dead_letter_url !== undefined;
  const url = defaults.delivery?.dead_letter_url;
  const urlFindings = (isUrlOfFlags ? inFlags : inFile).within(
    "default_config",
    "delivery",
    "dead_letter_url",
  );
  const settings = {
    hooks: found.map(({ definition }) => definition),
    stdio: stdioOf(file.stdio, flags.stdio, { inFile, inFlags }),
    concurrency: defaults.concurrency ?? defaultConcurrency,
    deadLetter: url === undefined ? undefined : deadLetterOf(url, defaults, urlFindings),
    quality: monitorSettingsOf({ ...file.quality, ...flags.quality }),
  };
  inFile.throwFaults();
  return { ...settings, warnings: [...new Set([...(options.warnings ?? []), ...inFile.warnings])] };
};

const faultWithoutLine: FaultPlace = (path, message) => `${formatPath(path)}: ${message}`;

const flagNames: Readonly<Record<string, string>> = {
  scripts: "--hook-script",
  webhooks: "--hook-webhook",
  stdio: "--hook-stdio-format",
  default_config: "--hook-dead-letter-url",
};

const faultOfFlag: FaultPlace = ([section = ""], message) => `${flagNames[section] ?? "--hook"}: ${message}`;

/** A hook, and where to speak of it. */
interface Found {
  readonly definition: HookDefinition;
  readonly hasOwnId: boolean;
  readonly findings: Findings;
}

const definitionsOf = (source: Source): Found[] => [
  ...(source.hooks.scripts ?? []).map((file, index) => scriptOf(file, index, source)),
  ...(source.hooks.webhooks ?? []).map((file, index) => webhookOf(file, index, source)),
];

const scriptOf = (file: ScriptFile, index: number, source: Source): Found => {
  const findings = source.findings.within("scripts", index);
  const script = scriptSettingsOf(file, source.withheld, findings);
  const id = file.id ?? idOf("shell", resolve(file.script));
  const definition = { kind: "shell", id, ...commonOf(file, source, findings), script } as const;
  return { definition, hasOwnId: file.id !== undefined, findings };
};

const webhookOf = (file: WebhookFile, index: number, source: Source): Found => {
  const findings = source.findings.within("webhooks", index);
  const webhook = webhookSettingsOf(file, source, findings);
  const id = file.id ?? idOf("webhook", file.url);
  const definition = { kind: "webhook", id, ...commonOf(file, source, findings), webhook } as const;
  return { definition, hasOwnId: file.id !== undefined, findings };
};

const commonOf = (file: ScriptFile | WebhookFile, { defaults }: Source, findings: Findings) => {
  const eventTypes = eventTypesOf(file.event_types, findings.within("event_types"));
  return {
    isEnabled: file.enabled ?? true,
    eventTypes,
    filter: filterSettingsOf(file.filter, eventTypes, findings.within("filter")),
    policy: policyOf(file, defaults, findings),
    timeoutMs: timeoutOf(file, defaults),
  };
};

/** The same for the same target, so that its queue is found again; it tells nothing of the target, which may be a secret. */
const idOf = (kind: HookDefinition["kind"], target: string): string =>
  `${kind}_${createHash("sha256").update(`${kind}\n${target}`).digest("hex").substring(0, 12)}`;

const refuseTwins = (found: readonly Found[]): void => {
  const seen = new Set<string>();
  for (const { definition, hasOwnId, findings } of found) {
    const { id, kind } = definition;
    if (seen.has(id) && hasOwnId)
      findings.within("id").fault(`${id} stands twice, expected an id of its own`);
    else if (seen.has(id)) findings.fault(`${twins[kind]}, expected an id for each`);
    seen.add(id);
  }
};

const twins = { shell: "two hooks run the same script", webhook: "two hooks have the same url" } as const;

const stdioOf = (
  file: StdioFile | undefined,
  flags: StdioFile | undefined,
  { inFile, inFlags }: { inFile: Findings; inFlags: Findings },
): StdioSettings | undefined => {
  const format = flags?.format ?? file?.format ?? (file && "json");
  if (!format) return undefined;
  const { prefix, stream = "stdout" } = { ...file, ...flags };
  const findings = (flags?.filter ? inFlags : inFile).within("stdio", "filter");
  const filter = filterSettingsOf(flags?.filter ?? file?.filter, [everyEvent], findings);
  return { format, prefix, stream, filter };
};
