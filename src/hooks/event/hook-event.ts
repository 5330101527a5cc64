/** A value of an event's payload. Absent fields are left out, never null. */
export type HookValue =
  | string
  | number
  | boolean
  | readonly HookValue[]
  | { readonly [key: string]: HookValue };

/** How much an event matters; the quietest first. */
export const severities = ["debug", "info", "warning", "error", "critical"] as const;

/** One of them. */
export type Severity = (typeof severities)[number];

/**
 * An event as scripts, webhooks and standard output get it. The first five keys are what every receiver knows; the rest is
 * beside them. Key order is that of the JSON.
 */
export interface HookEvent {
  /** Its name in the catalogue, such as `publish_start`. */
  readonly type: string;
  /** Unix time in whole seconds. */
  readonly timestamp: number;
  /** `c000001` and so on; empty where no connection is meant. */
  readonly conn_id: string;
  /** `app/name`; empty where no stream is meant. */
  readonly stream_key: string;
  readonly data: { readonly [key: string]: HookValue };
  /** `evt_` and a UUIDv7: the same however often the event is delivered. */
  readonly id: string;
  /** Counts the events of this process from 1, without a gap. */
  readonly seq: number;
  readonly severity: Severity;
  /** The time in RFC 3339 with milliseconds, UTC. */
  readonly time: string;
  /** One per process. */
  readonly server_id: string;
  /** One per publish or play; empty elsewhere. */
  readonly session_id: string;
  /** Version of this layout. */
  readonly v: 1;
}
