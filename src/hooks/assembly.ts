import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { ConfigError, forFlag } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import type { Hook } from "./delivery/hook.ts";
import { HookDispatcher, isTelemetry } from "./dispatcher.ts";
import { catalogue } from "./event/catalogue.ts";
import { Translator } from "./event/translator.ts";
import { ShellHook } from "./script/shell-hook.ts";
import { HookRegistry, parseHookBinding } from "./settings/hook-registry.ts";
import { type StdioFormat, StdioHook, type StdioStream } from "./stdio/stdio-hook.ts";
import { parseWebhookUrl, WebhookHook } from "./webhook/webhook-hook.ts";

/** The hooks that were asked for, as they were typed. */
export interface HookSettings {
  /** `EVENT=FILE`. */
  readonly scripts: readonly string[];
  /** `EVENT=URL`. */
  readonly webhooks: readonly string[];
  readonly stdioFormat: StdioFormat | undefined;
  readonly stdioPrefix: string | undefined;
  readonly stdioStream: StdioStream;
  readonly timeoutMs: number;
  readonly concurrency: number;
}

/** The absolute path of a script. @throws ConfigError where there is no such file, or it cannot be read */
const scriptPath = (target: string, log: Logger): string => {
  const path = resolve(target);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new ConfigError(`${JSON.stringify(target)} is no file, expected a script`);
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new ConfigError(`${JSON.stringify(target)} cannot be read, expected a script`, { cause: error });
  }
  if (process.platform !== "win32" && (stat.mode & 0o002) !== 0)
    log.warn("hook script can be changed by anybody", { script: path });
  return path;
};

/**
 * Makes the hooks that were asked for; undefined where there are none, and then nothing of them exists.
 * @throws ConfigError for a binding, event, script or URL that cannot be used
 */
export const assembleHooks = (
  settings: HookSettings,
  parts: { clock: Clock; log: Logger },
): HookDispatcher | undefined => {
  const { clock, log } = parts;
  const registry = new HookRegistry({
    types: catalogue.map(({ type }) => type),
    onAlias: (given, meant) => log.warn("event is known here by another name", { given, event_type: meant }),
  });
  const register = (binding: { event: string }, hook: Hook): void => {
    registry.add(binding.event, hook);
    log.debug("Hook registered", { event_type: binding.event, hook_type: hook.type, hook_id: hook.id });
  };
  const { timeoutMs, concurrency } = settings;
  for (const [index, text] of settings.scripts.entries()) {
    forFlag("hook-script", () => {
      const binding = parseHookBinding(text);
      const script = scriptPath(binding.target, log);
      register(binding, new ShellHook({ id: `shell_${index}`, script, timeoutMs, clock, log }));
    });
  }
  for (const [index, text] of settings.webhooks.entries()) {
    forFlag("hook-webhook", () => {
      const binding = parseHookBinding(text);
      register(
        binding,
        new WebhookHook({ id: `webhook_${index}`, url: parseWebhookUrl(binding.target), timeoutMs }),
      );
    });
  }
  const stdio = stdioOf(settings, log);
  if (registry.isEmpty && !stdio) return undefined;
  const translator = new Translator({ clock, serverId: `srv_${Bun.randomUUIDv7()}` });
  return new HookDispatcher({ registry, stdio, translator, concurrency, clock, log });
};

const stdioOf = (
  { stdioFormat, stdioPrefix, stdioStream }: HookSettings,
  log: Logger,
): StdioHook | undefined => {
  if (!stdioFormat) return undefined;
  const prefix = stdioPrefix === undefined ? {} : { prefix: stdioPrefix };
  return new StdioHook({ format: stdioFormat, stream: stdioStream, ...prefix, isTelemetry, log });
};
