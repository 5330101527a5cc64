import { statSync } from "node:fs";
import { printable } from "../../base/stream-path.ts";
import type { MonitorSettings } from "../../monitor/monitor-settings.ts";
import type { ScriptSettings } from "../script/script-settings.ts";
import { redactUrl } from "../webhook/webhook-url.ts";
import { lintFilter, typesOf } from "./lint-filter.ts";
import { lintEgress, lintWebhook, secretsOf } from "./lint-webhook.ts";
import type { HookDefinition, HookSettings } from "./settings.ts";

/**
 * What is odd about settings that work: one line each, sorted, without secrets. Hooks that are switched off are left out. Files of scripts
 * are looked at, nothing else.
 */
export const lintHooks = (settings: HookSettings): string[] => {
  const hooks = settings.hooks.filter(({ isEnabled }) => isEnabled);
  const { stdio, deadLetter, quality } = settings;
  const found = [
    ...settings.warnings,
    ...hooks.flatMap((hook) => lintHook(hook, quality).map((line) => `${hook.id}: ${line}`)),
    ...lintTwins(hooks),
    ...lintSecrets(hooks),
    ...(stdio ? lintFilter(stdio.filter, ["*"]).map((line) => `stdio: ${line}`) : []),
    ...(deadLetter ? lintEgress(deadLetter).map((line) => `dead letters: ${line}`) : []),
    ...(settings.hooks.length === 0 && !stdio ? ["there is no hook"] : []),
  ];
  return [...new Set(found)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
};

const lintHook = (hook: HookDefinition, quality: MonitorSettings): string[] => {
  const { policy } = hook;
  const isOnce = policy.guarantee === "at-least-once" && policy.maxAttempts === 1;
  return [
    ...lintFilter(hook.filter, hook.eventTypes),
    ...lintRaised(hook, quality),
    ...(isOnce ? ["at-least-once with one attempt: what fails once is a dead letter at once"] : []),
    ...(hook.kind === "webhook" ? lintWebhook(hook.webhook) : lintScript(hook.script)),
  ];
};

/** Events of the monitors, and whether they are raised. */
const lintRaised = ({ eventTypes }: HookDefinition, quality: MonitorSettings): string[] => {
  const watched = [
    ...["bitrate_change", "framerate_change", "resolution_change", "quality_alert"],
    ...["performance_alert", "latency_alert", "resource_alert"],
  ];
  const silent = quality.isEnabled ? (quality.resolutionChange ? [] : ["resolution_change"]) : watched;
  return eventTypes
    .filter((type) => silent.includes(type))
    .map((type) => `${type} is never raised: it is switched off under quality`);
};

const lintScript = ({ path }: ScriptSettings): string[] => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return [`script ${printable(path)} is no file now`];
  if (process.platform === "win32") return [];
  // That anybody may change it was told when it was read.
  return (stat.mode & 0o111) === 0 ? [`script ${printable(path)} is not executable; chmod +x`] : [];
};

/** What a hook does, for finding two that do the same. */
const deedOf = (hook: HookDefinition): string =>
  hook.kind === "webhook"
    ? `${hook.webhook.method} ${hook.webhook.url}`
    : JSON.stringify([hook.script.path, hook.script.args]);

const lintTwins = (hooks: readonly HookDefinition[]): string[] =>
  hooks.flatMap((hook, index) =>
    hooks
      .filter((other, place) => place > index && other.kind === hook.kind && deedOf(other) === deedOf(hook))
      .flatMap((other) => {
        const both = typesOf(hook.eventTypes).filter((type) => typesOf(other.eventTypes).includes(type));
        const what = both.length > 3 ? `${both.length} types of events` : both.join(", ");
        const isFiltered = [hook, other].some(
          ({ filter }) => filter.streamPatterns || filter.conditions.length > 0,
        );
        return both.length > 0 && !isFiltered
          ? [`${hook.id}: gets ${what} twice, as ${other.id} goes to the same place`]
          : [];
      }),
  );

/** One secret at several places is as safe as the weakest of them. */
const lintSecrets = (hooks: readonly HookDefinition[]): string[] => {
  const users = new Map<string, { origins: Set<string>; ids: string[] }>();
  for (const hook of hooks) {
    if (hook.kind !== "webhook" || !hook.webhook.auth) continue;
    for (const secret of secretsOf(hook.webhook.auth)) {
      const known = users.get(secret) ?? { origins: new Set(), ids: [] };
      known.origins.add(new URL(redactUrl(hook.webhook.url)).origin);
      known.ids.push(hook.id);
      users.set(secret, known);
    }
  }
  return [...users.values()]
    .filter(({ origins }) => origins.size > 1)
    .map(
      ({ origins, ids }) => `${ids.join(", ")}: one secret for ${[...origins].join(", ")}; give each its own`,
    );
};
