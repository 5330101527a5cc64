import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import type { Hook } from "./delivery/hook.ts";
import { makeScriptHook } from "./script/script-hook.ts";
import type { HookDefinition } from "./settings/settings.ts";
import { WebhookHook } from "./webhook/webhook-hook.ts";

/** The hook that a definition describes. A third kind is one more line here. */
export const makeHook = (definition: HookDefinition, parts: { clock: Clock; log: Logger }): Hook => {
  const { id, timeoutMs } = definition;
  return definition.kind === "webhook"
    ? new WebhookHook({ id, timeoutMs, settings: definition.webhook, clock: parts.clock })
    : makeScriptHook({ id, timeoutMs, settings: definition.script, ...parts });
};
