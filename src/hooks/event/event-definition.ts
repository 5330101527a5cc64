import type { Severity } from "./hook-event.ts";

/** Type of a payload field: string, integer, float or boolean. */
export type FieldType = "s" | "i" | "f" | "b";

/** One field of an event's payload. */
export interface EventField {
  readonly name: string;
  readonly type: FieldType;
  /** What it says, with its unit. */
  readonly meaning: string;
}

/**
 * What may happen to an event under pressure: `lifecycle` and `error` events are kept, `telemetry` is coalesced or dropped
 * first.
 */
export type EventClass = "lifecycle" | "error" | "telemetry";

/** One kind of event. */
export interface EventDefinition {
  readonly type: string;
  readonly class: EventClass;
  readonly severity: Severity;
  /** Its severity goes by its level: `info` once it is over, `warning` or `critical`. */
  readonly isGraded?: true;
  /** When it is raised. */
  readonly trigger: string;
  /** Its payload. Fields that are not known are left out. */
  readonly fields: readonly EventField[];
}

/** A field of a payload. */
export const field = (name: string, type: FieldType, meaning: string): EventField => ({
  name,
  type,
  meaning,
});

/** First segment of a stream's name. */
export const app = field("app", "s", "first segment of the stream's name");
/** The other segments of a stream's name. */
export const streamName = field("stream_name", "s", "the rest of the stream's name");
/** Who it is about. */
export const clientIp = field("client_ip", "s", "address of the client");
/** How long something lasted. */
export const durationSeconds = (of: string): EventField =>
  field("duration_seconds", "i", `whole seconds the ${of} lasted`);
/** Why something ended. */
export const reason = field(
  "reason",
  "s",
  "why it ended: client_stop, client_disconnect, replaced, idle_timeout, stalled, error, refused, unpublished, server_shutdown",
);
/** Which flow is meant. */
export const mediaType = field("media_type", "s", "audio or video");

/** An event that is kept under any pressure. */
export const lifecycle = <Type extends string>(
  type: Type,
  trigger: string,
  fields: readonly EventField[],
): EventDefinition & { readonly type: Type } => ({
  type,
  class: "lifecycle",
  severity: "info",
  trigger,
  fields,
});
