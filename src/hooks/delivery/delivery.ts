import type { EventClass } from "../event/catalogue.ts";
import type { HookFailure } from "./hook.ts";

/** An event on its way to its hooks: what the thread of the media hands over. */
export interface OutgoingEvent {
  /** `evt_…`: the same however often it is delivered. */
  readonly id: string;
  readonly type: string;
  readonly class: EventClass;
  /** `app/name`; empty where no stream is meant. */
  readonly streamKey: string;
  /** The stream, else the connection, else nothing: what keeps its order. */
  readonly lane: string;
  readonly sessionId: string;
  /** Unix time in milliseconds. */
  readonly at: number;
  /** The event as JSON, sent byte for byte. */
  readonly body: string;
  /** Ids of the hooks that get it. */
  readonly hooks: readonly string[];
}

/** One event for one hook, until it is delivered or given up. */
export interface Delivery {
  /** Its row in the store; undefined where it is in memory only. Rows of one hook grow in the order of its events. */
  readonly row: number | undefined;
  readonly hookId: string;
  readonly event: Omit<OutgoingEvent, "hooks">;
  /** Attempts made so far. */
  readonly attempts: number;
  /** Not before this Unix time in milliseconds; 0 for at once. */
  readonly dueAt: number;
  /** It was a dead letter that somebody sent again. */
  readonly isReplay: boolean;
}

/** Why a delivery became a dead letter. */
export const deadReasons = [
  "exhausted",
  "permanent_status",
  "expired",
  "hook_removed",
  "hook_paused",
  "overflow",
  "internal",
] as const;
/** One of them. */
export type DeadReason = (typeof deadReasons)[number];

/** One attempt that was made, as it is kept. */
export interface AttemptRecord {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly durationMs: number;
  /** Undefined where it worked. */
  readonly failure: HookFailure | undefined;
}

/** What became of a delivery after an attempt, or without one. */
export type Settlement =
  | { readonly kind: "delivered"; readonly delivery: Delivery; readonly attempt: AttemptRecord }
  /** It waits until `dueAt` for its next attempt. `delivery` counts this attempt already. */
  | { readonly kind: "deferred"; readonly delivery: Delivery; readonly attempt: AttemptRecord }
  /** It is over. `attempt` is the last one, if this was decided after one. */
  | {
      readonly kind: "dead";
      readonly delivery: Delivery;
      readonly reason: DeadReason;
      readonly attempt: AttemptRecord | undefined;
    };
