import type { HookEvent } from "../event/hook-event.ts";

/** One try to deliver an event. */
export interface Attempt {
  readonly event: HookEvent;
  /** The event as JSON, byte for byte the same at every attempt. */
  readonly body: string;
  /** Counts the attempts of this delivery from 1. */
  readonly number: number;
  /** Why it is sent outside of the usual course: again by hand, or as a sample. */
  readonly occasion?: "replay" | "test";
}

/** An execution that did not work. */
export interface HookFailure {
  readonly kind: "failed";
  /** Why, in one line, without secrets. */
  readonly error: string;
  /** What a person may want to see beside it (bounded, without secrets). */
  readonly detail?: string;
  /** The status of an HTTP answer. */
  readonly status?: number;
  /** A word for the kind of failure that configuration may name: `timeout`, `ECONNREFUSED`, `exit`. */
  readonly code?: string;
  /**
   * What a second attempt could change: `retry` it may work later, `never` this event will never work, `gone` nothing more will
   * work until an operator looks at it, `aborted` it was given up from our side and says nothing.
   */
  readonly verdict: "retry" | "never" | "gone" | "aborted";
  /** The receiver asked to be left alone for this long, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** How one execution of a hook ended. */
export type HookOutcome = { readonly kind: "done" } | HookFailure;

/** The kinds of hooks. */
export type HookType = "shell" | "webhook" | "stdio";

/** What happens when an event comes. A fourth kind of hook is one new file that implements this, and a row in the registry. */
export interface Hook {
  /** Names it in logs and metrics, and keeps its queue over restarts. */
  readonly id: string;
  readonly type: HookType;
  /**
   * Delivers one event. It never rejects. It ends by itself within its own timeout, and soon after `signal` is aborted.
   */
  execute(attempt: Attempt, signal: AbortSignal): Promise<HookOutcome>;
  /** Ends what the hook keeps running between executions. Nothing is executed after it. */
  close?(): Promise<void>;
}
