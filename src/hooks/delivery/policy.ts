/** What is promised about an event that was taken in. */
export const guarantees = ["none", "at-least-once"] as const;
/** One of them: `none` keeps it in memory, `at-least-once` in the store until it is delivered or a dead letter. */
export type Guarantee = (typeof guarantees)[number];

/** How the time between two attempts grows. */
export const backoffs = ["exponential", "linear", "fixed"] as const;
/** One of them. */
export type Backoff = (typeof backoffs)[number];

/** What waits for what: events of one stream in their order, all events of the hook, or nothing. */
export const orderings = ["stream", "strict", "none"] as const;
/** One of them. */
export type Ordering = (typeof orderings)[number];

/** How the events of one hook are delivered. Times are in milliseconds. */
export interface DeliveryPolicy {
  readonly guarantee: Guarantee;
  readonly ordering: Ordering;
  /** Attempts in all, the first one too; undefined for as many as fit into the age. */
  readonly maxAttempts: number | undefined;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly backoff: Backoff;
  /** Varies each delay by up to a fifth. */
  readonly hasJitter: boolean;
  /**
   * What is worth a second attempt, where it is not left to the hook: a status (`429`), a class of them (`5xx`), a code
   * (`timeout`, `ECONNRESET`, `ECONN*`), or a part of the error's text.
   */
  readonly retryableErrors: readonly string[] | undefined;
  /** An event older than this is not tried again; undefined for a day, or an hour for telemetry. */
  readonly maxAgeMs: number | undefined;
  /** Executions of this hook at once; undefined for its share of all. */
  readonly concurrency: number | undefined;
}
