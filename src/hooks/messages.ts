import type { LogFields, LogLevel } from "../base/log.ts";
import type { DeadLetterAnswer, DeadLetterQuestion } from "./dead-letter-desk.ts";
import type { OutgoingEvent } from "./delivery/delivery.ts";
import type { DeliveryNotice, EngineSnapshot, HookReport } from "./delivery/engine.ts";
import type { HookDefinition } from "./settings/settings.ts";
import type { StoreCounts } from "./store/delivery-store.ts";
import type { OpenSession, SessionProgress } from "./store/session-journal.ts";
import type { WebhookSettings } from "./webhook/webhook-settings.ts";

/** Where events are kept until they are delivered. */
export interface StoreSettings {
  readonly directory: string;
  readonly maxBytes: number;
  readonly maxRows: number;
}

/** The hooks that events are delivered to, as plain data. */
export interface DeliverySettings {
  readonly hooks: readonly HookDefinition[];
  /** Executions at once. */
  readonly concurrency: number;
  readonly deadLetter: WebhookSettings | undefined;
}

/** How well events are kept and delivered, at one moment. */
export interface DeliveryReport {
  readonly engine: EngineSnapshot;
  /** What hooks executed that are not configured any more, by kind: without it sums over all hooks would shrink. */
  readonly past?: readonly Pick<HookReport, "type" | "byType">[];
  /** Undefined where no hook asks for a store. */
  readonly store: StoreReport | undefined;
  /** How often tokens of OAuth 2 were fetched. */
  readonly tokens: { readonly done: number; readonly failed: number };
}

/** How the store does. */
export interface StoreReport extends StoreCounts {
  /** False while events are kept in memory only, because the disk does not take them. */
  readonly isWritable: boolean;
  readonly isNearlyFull: boolean;
  /** Faults of the disk since the start. */
  readonly errors: number;
  /** The longest commit of the last minute, in milliseconds. */
  readonly commitMs: number;
  /** From an event to its commit, in seconds, by the classes of `secondsBounds`. */
  readonly emitToCommit: { readonly counts: readonly number[]; readonly sum: number };
}

/** What the last second brought. */
export interface DeliveryPulse {
  readonly executions: readonly { readonly hookId: string; readonly durationMs: number }[];
  /** Deliveries that wait in memory. */
  readonly waiting: number;
  /** How full the store is; undefined without one. */
  readonly storePercent: number | undefined;
}

/** What the thread of the media tells the one that delivers. */
export type ToDelivery =
  | {
      readonly kind: "open";
      readonly store: StoreSettings | undefined;
      readonly settings: DeliverySettings;
    }
  | {
      readonly kind: "configure";
      readonly settings: DeliverySettings;
      readonly store: StoreSettings | undefined;
    }
  | { readonly kind: "events"; readonly events: readonly OutgoingEvent[] }
  | { readonly kind: "progress"; readonly sessions: readonly SessionProgress[] }
  | { readonly kind: "report"; readonly id: number }
  | { readonly kind: "deadLetters"; readonly id: number; readonly question: DeadLetterQuestion }
  /** Lets a hook go on whose receiver was gone, or asked for a pause. */
  | { readonly kind: "resume"; readonly hookId: string }
  | { readonly kind: "close"; readonly timeoutMs: number };

/** What the thread that delivers tells the one of the media. */
export type FromDelivery =
  /** Once, when the store is open; never where there is none. */
  | {
      readonly kind: "opened";
      /** Publishes that were under way when the process died. */
      readonly openSessions: readonly OpenSession[];
      readonly isRecovery: boolean;
      readonly pending: number;
    }
  /** So many events were taken in, in the order they were sent; those for durable hooks are on disk. */
  | { readonly kind: "taken"; readonly count: number }
  | { readonly kind: "log"; readonly level: LogLevel; readonly message: string; readonly fields: LogFields }
  | { readonly kind: "notice"; readonly notice: DeliveryNotice }
  /** Once a second: what has been executed, and how much waits. */
  | { readonly kind: "pulse"; readonly pulse: DeliveryPulse }
  /** The store began to fail, or works again. */
  | { readonly kind: "store"; readonly isWritable: boolean; readonly reason: string }
  | { readonly kind: "report"; readonly id: number; readonly report: DeliveryReport }
  | { readonly kind: "deadLetters"; readonly id: number; readonly answer: DeadLetterAnswer }
  | { readonly kind: "closed"; readonly isDrained: boolean };
