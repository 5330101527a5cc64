/** What happens to the server as a whole: its life, its hooks, its configuration. */
export type OperationEvent =
  | { readonly kind: "serverStarted"; readonly version: string }
  | { readonly kind: "serverStopped"; readonly version: string }
  /** The server starts after a crash: sessions that were open then got their end, deliveries that waited go on. */
  | {
      readonly kind: "serverRecovered";
      readonly version: string;
      readonly sessionsRecovered: number;
      readonly deliveriesPending: number;
    }
  | HookHealthEvent
  | { readonly kind: "configReloaded"; readonly file: string; readonly changes?: number }
  | { readonly kind: "configRejected"; readonly file: string; readonly reason: string };

/** A hook fails again and again, works again, or was switched off. */
export interface HookHealthEvent {
  readonly kind: "hookFailing" | "hookRecovered" | "hookDisabled";
  readonly hookId: string;
  /** In plain words, without secrets. */
  readonly reason: string;
  /** Failures in a row. */
  readonly failures: number;
}
