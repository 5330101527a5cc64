import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import type { Hook } from "./delivery/hook.ts";
import { makeScriptHook } from "./script/script-hook.ts";
import type { HookDefinition } from "./settings/settings.ts";
import type { TokenCache } from "./webhook/oauth2-bearer.ts";
import { WebhookHook } from "./webhook/webhook-hook.ts";

/** What hooks are made with. */
export interface HookParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Tokens that webhooks share; where left out, each has its own. */
  readonly tokens?: TokenCache;
}

/** The hook that a definition describes. A third kind is one more line here. */
export const makeHook = (definition: HookDefinition, { tokens, ...parts }: HookParts): Hook => {
  const { id, timeoutMs } = definition;
  return definition.kind === "webhook"
    ? new WebhookHook({
        id,
        timeoutMs,
        settings: definition.webhook,
        clock: parts.clock,
        ...(tokens ? { tokens } : {}),
      })
    : makeScriptHook({ id, timeoutMs, settings: definition.script, ...parts });
};
