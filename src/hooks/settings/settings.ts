import type { MonitorSettings } from "../../monitor/monitor-settings.ts";
import type { DeliveryPolicy } from "../delivery/policy.ts";
import type { FilterSettings } from "../filter/filter-settings.ts";
import type { ScriptSettings } from "../script/script-settings.ts";
import type { StdioFormat, StdioStream } from "../stdio/stdio-hook.ts";
import type { WebhookSettings } from "../webhook/webhook-settings.ts";

/** What all hooks have. All of it is plain data, so that it can be sent to another thread. */
interface HookCommon {
  /** Names the hook in logs and metrics, and keeps its queue over restarts and changes of everything else. */
  readonly id: string;
  readonly isEnabled: boolean;
  /** Types of events; `*` alone for all. */
  readonly eventTypes: readonly string[];
  readonly filter: FilterSettings;
  readonly policy: DeliveryPolicy;
  /** For one execution, in milliseconds. */
  readonly timeoutMs: number;
}

/** One script or webhook, with everything that decides what it gets and how. */
export type HookDefinition =
  | (HookCommon & { readonly kind: "shell"; readonly script: ScriptSettings })
  | (HookCommon & { readonly kind: "webhook"; readonly webhook: WebhookSettings });

/** Events on standard output. */
export interface StdioSettings {
  readonly format: StdioFormat;
  readonly prefix: string | undefined;
  readonly stream: StdioStream;
  readonly filter: FilterSettings;
}

/** Everything about hooks, of flags and file together, checked. */
export interface HookSettings {
  readonly hooks: readonly HookDefinition[];
  readonly stdio: StdioSettings | undefined;
  /** Executions at once, over all hooks. */
  readonly concurrency: number;
  /** Where dead letters are posted to; they are kept in the store in any case. */
  readonly deadLetter: WebhookSettings | undefined;
  readonly quality: MonitorSettings;
  /** Things that work, and that the operator should know of; one line each. */
  readonly warnings: readonly string[];
}
