import type { Severity } from "../event/hook-event.ts";

/** How a field is compared with a value. */
export const operators = [
  "eq",
  "ne",
  "gt",
  "gte",
  "lt",
  "lte",
  "contains",
  "matches",
  "in",
  "exists",
  "startswith",
] as const;
/** One of them. */
export type Operator = (typeof operators)[number];

/** A value as it stands in a file or behind a flag. */
export type ConditionValue = string | number | boolean | readonly (string | number | boolean)[];

/** What an event has to fulfil. */
export interface ConditionSettings {
  /** Dotted path into the event: `conn_id`, `data.bitrate`, `data.tags.0`. */
  readonly field: string;
  readonly operator: Operator;
  /** Not needed by `exists`, for which false means "is absent". */
  readonly value: ConditionValue | undefined;
}

/** What a rate limit counts by. */
export const rateKeys = ["hook", "stream", "conn", "event"] as const;
/** One of them. */
export type RateKey = (typeof rateKeys)[number];

/** How many events may pass. */
export interface RateLimitSettings {
  readonly maxEvents: number;
  readonly windowMs: number;
  /** How many may pass at once; `maxEvents` where left out. */
  readonly burst: number | undefined;
  readonly key: RateKey;
  /** Never more than `maxEvents` in any window, at the price of remembering when each passed. */
  readonly isStrict: boolean;
}

/** Which events a hook gets. What is left out lets everything pass. */
export interface FilterSettings {
  readonly eventTypes: readonly string[] | undefined;
  /** Globs on the stream key; one that begins with `!` excludes. */
  readonly streamPatterns: readonly string[] | undefined;
  /** Keeps events that belong to no stream from passing the patterns. */
  readonly requiresStream: boolean;
  /** All of them have to be fulfilled. */
  readonly conditions: readonly ConditionSettings[];
  readonly rateLimit: RateLimitSettings | undefined;
  readonly minSeverity: Severity | undefined;
}
