import { catalogue } from "../event/catalogue.ts";
import { mayCarry } from "../filter/field-path.ts";
import type { FilterSettings } from "../filter/filter-settings.ts";
import { everyEvent, resolveEventType } from "./event-name.ts";
import type { FilterFile } from "./filter-section.ts";
import type { Findings } from "./findings.ts";

const knownTypes: readonly string[] = catalogue.map(({ type }) => type);

/** Types of events by the names they have here, each once; `*` alone where it is among them. */
export const eventTypesOf = (names: readonly string[], findings: Findings): string[] => {
  const types = names.map((name, index) => {
    const place = findings.within(index);
    const onAlias = (given: string, meant: string): void =>
      place.warn(`event ${given} is called ${meant} here`);
    return place.attempt(() => resolveEventType(name, { known: knownTypes, onAlias }));
  });
  const known = [...new Set(types.filter((type) => type !== undefined))];
  return known.includes(everyEvent) ? [everyEvent] : known;
};

/** The filter of a hook that is bound to `boundTypes`. Warns of filters that let nothing pass. */
export const filterSettingsOf = (
  file: FilterFile | undefined,
  boundTypes: readonly string[],
  findings: Findings,
): FilterSettings => {
  const { conditions = [], rate_limit: rate } = file ?? {};
  const types = file?.event_types && eventTypesOf(file.event_types, findings.within("event_types"));
  const eventTypes = types?.includes(everyEvent) ? undefined : types;
  const passing = passingTypes(boundTypes, eventTypes);
  if (passing.length === 0 && boundTypes.length > 0)
    findings.within("event_types").warn("no event of this hook passes its filter");
  warnOfFields(conditions, passing, findings);
  return {
    eventTypes,
    streamPatterns: file?.stream_patterns,
    requiresStream: file?.require_stream ?? false,
    conditions: conditions.map(({ field, operator, value }) => ({ field, operator, value })),
    rateLimit: rate && {
      maxEvents: rate.max_events,
      windowMs: rate.time_window,
      burst: rate.burst_size,
      key: rate.key ?? "hook",
      isStrict: rate.strict ?? false,
    },
    minSeverity: file?.min_severity,
  };
};

const passingTypes = (bound: readonly string[], filter: readonly string[] | undefined): readonly string[] => {
  const all = bound.includes(everyEvent) ? knownTypes : bound;
  return filter ? all.filter((type) => filter.includes(type)) : all;
};

/** A field that an event never has keeps the event from passing. */
const warnOfFields = (
  conditions: NonNullable<FilterFile["conditions"]>,
  types: readonly string[],
  findings: Findings,
): void => {
  for (const [index, { field, operator }] of conditions.entries()) {
    const without = operator === "exists" ? [] : types.filter((type) => !mayCarry(type, field));
    const isNone = without.length === types.length;
    // A hook for many events is meant to get those that have the field.
    if (without.length === 0 || (!isNone && without.length > maxNamed)) continue;
    const who = isNone ? "no event of this hook" : without.join(", ");
    findings.within("conditions", index, "field").warn(`${who} has ${field}, so this lets none of it pass`);
  }
};

const maxNamed = 5;
