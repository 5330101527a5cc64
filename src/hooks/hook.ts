import type { HookEvent } from "./hook-event.ts";

/** How one execution of a hook ended. */
export type HookOutcome =
  | { readonly kind: "done" }
  /** It did not work; `error` says why in one line, `detail` holds what a person may want to see (bounded). */
  | { readonly kind: "failed"; readonly error: string; readonly detail?: string };

/** What happens when an event comes. A fourth kind of hook is one new file that implements this, and a row in the registry. */
export interface Hook {
  /** Names it in logs: `shell_0`, `webhook_2`, `stdio`. */
  readonly id: string;
  /** Its kind. */
  readonly type: "shell" | "webhook" | "stdio";
  /**
   * Delivers one event. It never rejects. It ends by itself within its own timeout, and soon after `signal` is aborted.
   */
  execute(event: HookEvent, signal: AbortSignal): Promise<HookOutcome>;
}
