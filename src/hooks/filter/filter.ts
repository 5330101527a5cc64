import type { Clock } from "../../base/time.ts";
import { type HookEvent, severities } from "../event/hook-event.ts";
import { type Condition, compileCondition } from "./condition.ts";
import type { FilterSettings } from "./filter-settings.ts";
import { OpenSpans } from "./open-spans.ts";
import { RateLimiter } from "./rate-limit.ts";
import { compileStreamPatterns, type StreamPatterns } from "./stream-pattern.ts";

/** What keeps an event from a hook, in the order in which it is asked. `binding` are the event types of the hook itself. */
export type FilterName =
  | "enabled"
  | "binding"
  | "event_types"
  | "min_severity"
  | "stream_patterns"
  | "conditions"
  | "rate_limit";

/** Why a hook does not get an event. Both are words of a small set, fit for labels of metrics. */
export interface FilterVerdict {
  readonly filter: FilterName;
  readonly reason: string;
}

/** What a {@link HookFilter} is made of. */
export interface HookFilterOptions {
  /** Types of events the hook is bound to; `*` for all. */
  readonly eventTypes: readonly string[];
  readonly settings: FilterSettings;
  readonly clock: Clock;
  /** The filter the hook had so far, which is not used any more: a rate limit that is the same goes on counting. */
  readonly previous?: HookFilter | undefined;
  /** False for a hook that gets nothing; true where left out. */
  readonly isEnabled?: boolean;
}

/** The types as a set; undefined for all. */
const typeSet = (types: readonly string[] | undefined): ReadonlySet<string> | undefined =>
  types === undefined || types.includes("*") ? undefined : new Set(types);

const isIn = (types: ReadonlySet<string> | undefined, type: string): boolean => types?.has(type) !== false;

const ranks: ReadonlyMap<string, number> = new Map(severities.map((severity, rank) => [severity, rank]));

const rankOf = (severity: string): number => ranks.get(severity) ?? 0;

/** Decides which events one hook gets. Everything is compiled when it is made; judging costs less than a microsecond. */
export class HookFilter {
  readonly #isEnabled: boolean;
  readonly #boundTypes: ReadonlySet<string> | undefined;
  readonly #eventTypes: ReadonlySet<string> | undefined;
  readonly #minRank: number;
  readonly #patterns: StreamPatterns | undefined;
  readonly #requiresStream: boolean;
  readonly #conditions: readonly Condition[];
  readonly #limiter: RateLimiter | undefined;
  readonly #spans: OpenSpans;

  /** @throws ConfigError for patterns and conditions that cannot be used */
  constructor({ eventTypes, settings, clock, previous, isEnabled = true }: HookFilterOptions) {
    const { rateLimit, streamPatterns } = settings;
    this.#isEnabled = isEnabled;
    this.#boundTypes = typeSet(eventTypes);
    this.#eventTypes = typeSet(settings.eventTypes);
    this.#minRank = rankOf(settings.minSeverity ?? "debug");
    this.#patterns = streamPatterns && compileStreamPatterns(streamPatterns);
    this.#requiresStream = settings.requiresStream;
    this.#conditions = settings.conditions.map(compileCondition);
    this.#spans = previous ? previous.#spans : new OpenSpans();
    const before = previous ? previous.#limiter : undefined;
    if (rateLimit) this.#limiter = before?.isFor(rateLimit) ? before : new RateLimiter(rateLimit, clock);
  }

  /**
   * Undefined where the hook gets the event, which takes a token of its rate limit; else why not. Each event is judged once. The end
   * of something whose start the hook was given is not subject to the rate limit, and takes no token.
   */
  judge(event: HookEvent): FilterVerdict | undefined {
    if (!this.#isEnabled) return { filter: "enabled", reason: "disabled" };
    if (!isIn(this.#boundTypes, event.type)) return { filter: "binding", reason: "not_bound" };
    const isAwaitedEnd = this.#spans.ended(event);
    const verdict = this.#judgeContent(event);
    if (verdict) return verdict;
    if (!isAwaitedEnd && this.#limiter?.take(event) === false)
      return { filter: "rate_limit", reason: "rate_limit" };
    this.#spans.began(event, this.#wantsType);
    return undefined;
  }

  readonly #wantsType = (type: string): boolean =>
    isIn(this.#boundTypes, type) && isIn(this.#eventTypes, type);

  #judgeContent(event: HookEvent): FilterVerdict | undefined {
    if (!isIn(this.#eventTypes, event.type)) return { filter: "event_types", reason: "not_listed" };
    if (rankOf(event.severity) < this.#minRank) return { filter: "min_severity", reason: "below_minimum" };
    const patternFault = this.#judgeStream(event.stream_key);
    if (patternFault) return { filter: "stream_patterns", reason: patternFault };
    for (const condition of this.#conditions) {
      const reason = condition(event);
      if (reason) return { filter: "conditions", reason };
    }
    return undefined;
  }

  /** An event that belongs to no stream is not what patterns are about, so it passes them. */
  #judgeStream(streamKey: string): string | undefined {
    if (streamKey === "") return this.#requiresStream ? "no_stream" : undefined;
    return this.#patterns?.(streamKey);
  }
}
