import { Glob } from "bun";
import { catalogue } from "../event/catalogue.ts";
import type { EventDefinition } from "../event/event-definition.ts";
import { type Severity, severities } from "../event/hook-event.ts";
import { operationEvents, serverEvents } from "../event/operation-events.ts";
import type { ConditionSettings, FilterSettings } from "../filter/filter-settings.ts";
import { everyEvent } from "./event-name.ts";

const definitions: readonly EventDefinition[] = catalogue;

/** Events that belong to no stream. */
const streamless: readonly string[] = [
  ...[...serverEvents, ...operationEvents].map(({ type }) => type),
  ...["connection_accept", "handshake_complete", "performance_alert", "latency_alert", "resource_alert"],
];

/** The types of events that a list means. */
export const typesOf = (listed: readonly string[] | undefined): readonly string[] =>
  listed === undefined || listed.includes(everyEvent) ? definitions.map(({ type }) => type) : listed;

/**
 * What is odd about the filter of a hook that is bound to `eventTypes`: one line each. Types that exclude each other, and conditions
 * on fields that no event has, were told of when the filter was read.
 */
export const lintFilter = (filter: FilterSettings, eventTypes: readonly string[]): string[] => {
  const bound = typesOf(eventTypes);
  const chosen = new Set(typesOf(filter.eventTypes));
  const types = bound.filter((type) => chosen.has(type));
  if (types.length === 0) return [];
  const idle = (filter.eventTypes ?? []).filter((type) => type !== everyEvent && !bound.includes(type));
  return [
    ...idle.map((type) => `its filter lets ${type} pass, which it is not bound to`),
    ...lintSeverity(filter, types),
    ...lintPatterns(filter, types),
    ...lintContradictions(filter.conditions),
    ...lintRate(filter),
  ];
};

/** Types in a sentence. */
const named = (types: readonly string[]): string =>
  types.length > 4 ? `its ${types.length} types of events` : types.join(", ");

const rank = (severity: Severity): number => severities.indexOf(severity);

/** The highest severity that events of a type may have. */
const highestOf = (type: string): Severity => {
  const definition = definitions.find((each) => each.type === type);
  return definition?.isGraded ? "critical" : (definition?.severity ?? "critical");
};

const lintSeverity = ({ minSeverity }: FilterSettings, types: readonly string[]): string[] => {
  if (minSeverity === undefined) return [];
  const tooLow = types.filter((type) => rank(highestOf(type)) < rank(minSeverity));
  if (tooLow.length < types.length || tooLow.length === 0) return [];
  return [`gets nothing: min_severity ${minSeverity} is above everything that ${named(types)} may be`];
};

/** Why a pattern fits no stream key; undefined where it may. */
const faultOf = (pattern: string): string | undefined => {
  if (pattern.startsWith("/") || pattern.endsWith("/")) return "a stream key neither begins nor ends with /";
  if (pattern.includes("//")) return "a stream key has no empty part between two /";
  if (!/[/]|\*\*|[{[]/.test(pattern)) return "a stream key is APP/NAME, and * stops at /";
  return undefined;
};

const lintPatterns = (filter: FilterSettings, types: readonly string[]): string[] => {
  const patterns = filter.streamPatterns ?? [];
  if (patterns.length === 0) return [];
  const excluding = patterns.filter((each) => each.startsWith("!")).map((each) => each.substring(1));
  const including = patterns.filter((each) => !each.startsWith("!"));
  const found = [...including, ...excluding].flatMap((pattern) => {
    const fault = faultOf(pattern);
    return fault ? [`stream pattern ${pattern} fits nothing: ${fault}`] : [];
  });
  const isExcluded = (pattern: string): boolean =>
    excluding.some(
      (each) => each === pattern || each === "**" || (isPlain(pattern) && new Glob(each).match(pattern)),
    );
  found.push(
    ...including.filter(isExcluded).map((each) => `stream pattern ${each} is excluded by a pattern with !`),
  );
  const without = types.filter((type) => streamless.includes(type));
  if (without.length === types.length)
    found.push(
      filter.requiresStream
        ? `gets nothing: ${named(types)} belong to no stream, and require_stream is on`
        : `stream patterns have no effect: ${named(types)} belong to no stream`,
    );
  return found;
};

const isPlain = (pattern: string): boolean => !/[*?{}[\]\\]/.test(pattern);

const isNumeric = (value: ConditionSettings["value"]): boolean =>
  (typeof value === "number" || typeof value === "string") && value !== "" && Number.isFinite(Number(value));

/** What numbers a condition leaves. */
const boundsOf = ({ operator, value }: ConditionSettings): { low: number; high: number } => ({
  low: isNumeric(value) && ["gt", "gte", "eq"].includes(operator) ? Number(value) : Number.NEGATIVE_INFINITY,
  high: isNumeric(value) && ["lt", "lte", "eq"].includes(operator) ? Number(value) : Number.POSITIVE_INFINITY,
});

/** Whether two conditions on one field can never hold together. */
const exclude = (a: ConditionSettings, b: ConditionSettings): boolean => {
  const isAbsent = ({ operator, value }: ConditionSettings): boolean =>
    operator === "exists" && String(value) === "false";
  if (isAbsent(a) !== isAbsent(b)) return true;
  // As numbers 1 and 1.0 are the same.
  const areTexts = !isNumeric(a.value) || !isNumeric(b.value);
  if (a.operator === "eq" && b.operator === "eq" && areTexts) return String(a.value) !== String(b.value);
  const isSame = String(a.value) === String(b.value);
  if ([a, b].some(({ operator }) => operator === "ne"))
    return isSame && [a, b].some(({ operator }) => operator === "eq");
  const [x, y] = [boundsOf(a), boundsOf(b)];
  const [low, high] = [Math.max(x.low, y.low), Math.min(x.high, y.high)];
  const isOpen = [a, b].some(
    ({ operator, value }) => (operator === "gt" || operator === "lt") && Number(value) === low,
  );
  return low > high || (low === high && isOpen);
};

const lintContradictions = (conditions: readonly ConditionSettings[]): string[] =>
  conditions.flatMap((a, index) =>
    conditions
      .filter((b, other) => other > index && a.field === b.field && exclude(a, b))
      .map((b) => `gets nothing: ${a.field} cannot be ${textOf(a)} and ${textOf(b)}`),
  );

const textOf = ({ operator, value }: ConditionSettings): string =>
  value === undefined ? operator : `${operator} ${JSON.stringify(value)}`;

const lintRate = ({ rateLimit }: FilterSettings): string[] =>
  rateLimit?.burst !== undefined && rateLimit.isStrict && rateLimit.burst > rateLimit.maxEvents
    ? [`burst ${rateLimit.burst} has no effect: the strict limit is ${rateLimit.maxEvents}`]
    : [];
