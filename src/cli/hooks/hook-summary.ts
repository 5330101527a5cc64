import { formatDuration } from "../../base/units.ts";
import type { DeliveryPolicy } from "../../hooks/delivery/policy.ts";
import type { ConditionSettings, FilterSettings } from "../../hooks/filter/filter-settings.ts";
import type { HookDefinition, HookSettings, StdioSettings } from "../../hooks/settings/settings.ts";
import { redactUrl } from "../../hooks/webhook/webhook-url.ts";
import type { Row } from "./table.ts";

/** One hook for eyes and programs. Nothing in it is secret. The keys are those of `hooks list --json`. */
export interface HookSummary {
  readonly id: string;
  readonly kind: "shell" | "webhook" | "stdio";
  readonly enabled: boolean;
  /** `*` alone for all. */
  readonly events: readonly string[];
  /** A script with its arguments, a URL without what may be secret, or a stream of this process. */
  readonly target: string;
  /** What an event has to fulfil, in short; empty where every event of these types passes. */
  readonly filters: readonly string[];
  readonly guarantee: DeliveryPolicy["guarantee"];
  readonly retry: string;
}

/** All hooks, standard output last. */
export const summariesOf = ({ hooks, stdio }: HookSettings): HookSummary[] => [
  ...hooks.map(summaryOf),
  ...(stdio ? [stdioSummary(stdio)] : []),
];

const summaryOf = (hook: HookDefinition): HookSummary => ({
  id: hook.id,
  kind: hook.kind,
  enabled: hook.isEnabled,
  events: hook.eventTypes,
  target: targetOf(hook),
  filters: filterTexts(hook.filter),
  guarantee: hook.policy.guarantee,
  retry: retryText(hook.policy),
});

const stdioSummary = ({ format, stream, prefix, filter }: StdioSettings): HookSummary => {
  const names = { stdout: "standard output", stderr: "standard error", both: "standard output and error" };
  const before = prefix === undefined ? "" : `, behind ${JSON.stringify(prefix)}`;
  return {
    id: "stdio",
    kind: "stdio",
    enabled: true,
    events: ["*"],
    target: `${names[stream]} as ${format}${before}`,
    filters: filterTexts(filter),
    guarantee: "none",
    retry: "none",
  };
};

/** Arguments may be anything, secrets too: how many there are has to do. */
const targetOf = (hook: HookDefinition): string => {
  if (hook.kind === "webhook") {
    const { method, url, format } = hook.webhook;
    const plain = method === "POST" ? "" : `${method} `;
    return `${plain}${redactUrl(url)}${format === "seed" ? "" : ` as ${format}`}`;
  }
  const { path, args, mode } = hook.script;
  const count = args.length === 0 ? "" : ` with ${args.length} argument${args.length === 1 ? "" : "s"}`;
  return `${path}${count}${mode === "stream" ? ", one for all events" : ""}`;
};

/** A filter in words, each part on its own. */
export const filterTexts = (filter: FilterSettings): string[] => {
  const { eventTypes, streamPatterns, requiresStream, conditions, rateLimit, minSeverity } = filter;
  const texts: string[] = [];
  if (eventTypes) texts.push(`types ${eventTypes.join(", ")}`);
  if (minSeverity) texts.push(`severity ${minSeverity} or worse`);
  if (streamPatterns) texts.push(`streams ${streamPatterns.join(", ")}`);
  if (requiresStream) texts.push("only with a stream");
  texts.push(...conditions.map(conditionText));
  if (rateLimit) {
    const { maxEvents, windowMs, burst, key, isStrict } = rateLimit;
    const rate = `at most ${maxEvents} in ${formatDuration(windowMs)}`;
    const of = key === "hook" ? "" : ` for each ${key}`;
    const atOnce = burst === undefined || burst === maxEvents ? "" : `, ${burst} at once`;
    texts.push(`${rate}${of}${atOnce}${isStrict ? ", strictly" : ""}`);
  }
  return texts;
};

const conditionText = ({ field, operator, value }: ConditionSettings): string =>
  operator === "exists"
    ? `${field} ${value === false ? "is absent" : "exists"}`
    : `${field} ${operator} ${JSON.stringify(value)}`;

/** When a delivery that failed is tried again, in short. */
export const retryText = (policy: DeliveryPolicy): string => {
  const { maxAttempts, initialDelayMs, maxDelayMs, backoff, maxAgeMs } = policy;
  if (maxAttempts === 1) return "none";
  const [first, last] = [formatDuration(initialDelayMs), formatDuration(maxDelayMs)];
  const pace = backoff === "fixed" || first === last ? `every ${first}` : `${first} to ${last}`;
  const age = maxAgeMs === undefined ? "24h" : formatDuration(maxAgeMs);
  const word = backoff === "exponential" || backoff === "fixed" ? "" : `, ${backoff}`;
  return `${pace}${word}, ${maxAttempts === undefined ? `for ${age}` : `${maxAttempts} attempts`}`;
};

/** The columns of a list of hooks. */
export const hookColumns = [
  { title: "HOOK", minWidth: 12 },
  { title: "KIND" },
  { title: "ENABLED" },
  { title: "GUARANTEE" },
] as const;

/** A hook as a row of such a list. */
export const hookRow = ({
  id,
  kind,
  enabled,
  events,
  target,
  filters,
  guarantee,
  retry,
}: HookSummary): Row => ({
  cells: [id, kind, enabled ? "yes" : "no", guarantee],
  notes: [
    ["events", events.length === 1 && events[0] === "*" ? "all" : events.join(", ")],
    ["target", target],
    ...(filters.length > 0 ? [["filter", filters.join("; ")] as const] : []),
    ...(retry === "none" ? [] : [["retry", retry] as const]),
  ],
});
