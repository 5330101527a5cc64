import { forFlag } from "../../base/errors.ts";
import { readSecret } from "../../config/secret.ts";
import { catalogue } from "../event/catalogue.ts";
import { parseCondition } from "../filter/condition.ts";
import { compileStreamPatterns, splitPatterns } from "../filter/stream-pattern.ts";
import { parseWebhookUrl } from "../webhook/webhook-url.ts";
import { everyEvent, resolveEventType } from "./event-name.ts";
import type { FilterFile } from "./filter-section.ts";
import { flagAuthOf, type SecretReader } from "./flag-auth.ts";
import { flagsWithoutUse } from "./flags-without-use.ts";
import { anyGivenOf, givenOf } from "./given.ts";
import { parseHookBinding } from "./hook-binding.ts";
import type { DefaultsFile, HookFile, ScriptFile, StdioFile, WebhookFile } from "./hook-file.ts";
import type { HookFlags } from "./hook-flags.ts";
import { reachOf } from "./lint-webhook.ts";

/** The hooks of a command line. */
export interface FlagHooks {
  /** What a hooks file would say that means the same. Its hooks are called `shell_0`, `webhook_0` and so on, in their order. */
  readonly file: HookFile;
  /** What works and may not be meant; one line each, no secrets. */
  readonly warnings: readonly string[];
}

/**
 * The hooks that flags ask for, in the form of a hooks file. Filters, headers and authentication belong to the hooks of the flags alone,
 * everything else is a default of all hooks. `secret` reads secrets; files of them are read where it is left out.
 * @throws ConfigError that names the flag, what was given (unless it is secret) and what is accepted
 */
export const flagHooksOf = (
  flags: HookFlags,
  { secret = readSecret }: { secret?: SecretReader } = {},
): FlagHooks => {
  const { auth, headers, warnings: authWarnings } = flagAuthOf(flags, secret);
  const warnings = [...authWarnings, ...flagsWithoutUse(flags)];
  const origins = new Set<string>();
  const isTlsSaid = flags.tlsPolicy !== undefined;
  const context: Context = { filter: readFilter(flags, warnings), origins, warnings, isTlsSaid };
  const scripts = flags.scripts.map((text, index) => scriptOf(text, { index, ...context }));
  const proof = givenOf({ auth, headers });
  const webhooks = flags.webhooks.map((text, index) => webhookOf(text, { index, proof, ...context }));
  // One secret for all is fine while all are one.
  if ((auth ?? headers) !== undefined && origins.size > 1)
    warnings.push(
      `--hook-auth-… and --hook-header go to every --hook-webhook, here to ${[...origins].join(", ")}; a hooks file gives each its own`,
    );
  const file = givenOf({
    default_config: defaultsOf(flags),
    scripts: scripts.length > 0 ? scripts : undefined,
    webhooks: webhooks.length > 0 ? webhooks : undefined,
    stdio: stdioOf(flags, context.filter),
  });
  return { file, warnings };
};

/** What reading a hook needs to know. */
interface Context {
  /** The filter with and without types of events. */
  readonly filter: { readonly whole: FilterFile | undefined; readonly ofBound: FilterFile | undefined };
  /** Where webhooks go to. */
  readonly origins: Set<string>;
  readonly warnings: string[];
  /** Whether a flag says where TLS is needed. */
  readonly isTlsSaid: boolean;
}

/** How a webhook proves where it comes from. */
type Proof = Pick<WebhookFile, "auth" | "headers">;

const knownTypes: readonly string[] = catalogue.map(({ type }) => type);

/** A type of event by any of its names, which `flag` gave. */
const eventType = (name: string, { flag, warnings }: { flag: string; warnings: string[] }): string =>
  resolveEventType(name, {
    known: knownTypes,
    onAlias: (given, meant) => warnings.push(`--${flag}: event ${given} is called ${meant} here`),
  });

const readFilter = ({ filter }: HookFlags, warnings: string[]): Context["filter"] => {
  const flag = "hook-filter-events";
  const names = filter.events.flatMap(splitPatterns);
  const types = forFlag(flag, () => names.map((name) => eventType(name, { flag, warnings })));
  const patterns = filter.streams.flatMap(splitPatterns);
  forFlag("hook-filter-streams", () => compileStreamPatterns(patterns));
  const conditions = filter.conditions.map((text) =>
    forFlag("hook-filter-condition", () => givenOf(parseCondition(text))),
  );
  const ofBound = {
    stream_patterns: patterns.length > 0 ? patterns : undefined,
    conditions: conditions.length > 0 ? conditions : undefined,
    rate_limit: filter.rateLimit && {
      max_events: filter.rateLimit.maxEvents,
      time_window: filter.rateLimit.windowMs,
      ...givenOf({ burst_size: filter.rateBurst }),
    },
    min_severity: filter.minSeverity,
  };
  return {
    whole: anyGivenOf({ event_types: types.length > 0 ? types : undefined, ...ofBound }),
    ofBound: anyGivenOf(ofBound),
  };
};

/** What hooks of either kind have. A hook that names its event gets it, whatever the flags say about types of events. */
const bindingOf = (text: string, { flag, filter, warnings }: Context & { flag: string }) => {
  const { event, target } = parseHookBinding(text);
  const type = eventType(event, { flag, warnings });
  const fitting = type === everyEvent ? filter.whole : filter.ofBound;
  return { target, event_types: [type], ...givenOf({ filter: fitting }) };
};

const scriptOf = (text: string, context: Context & { index: number }): ScriptFile =>
  forFlag("hook-script", () => {
    const { target, event_types, ...rest } = bindingOf(text, { ...context, flag: "hook-script" });
    return { id: `shell_${context.index}`, event_types, script: target, ...rest };
  });

const webhookOf = (text: string, context: Context & { index: number; proof: Proof }): WebhookFile =>
  forFlag("hook-webhook", () => {
    const { target, event_types, ...rest } = bindingOf(text, { ...context, flag: "hook-webhook" });
    const { href, label } = parseWebhookUrl(target);
    const id = `webhook_${context.index}`;
    context.origins.add(new URL(href).origin);
    // A command line that says http means it: there are some that are older than the policy.
    const isOpen = !context.isTlsSaid && href.startsWith("http:") && reachOf(href) === "public";
    if (isOpen)
      context.warnings.push(
        `${id}: ${label} is plain http to a public host, anybody on the way can read and change events; --hook-tls-policy says what is allowed`,
      );
    const tls = isOpen ? { tls_policy: "off" as const } : {};
    return { id, event_types, url: target, ...tls, ...context.proof, ...rest };
  });

const stdioOf = ({ stdio }: HookFlags, filter: Context["filter"]): StdioFile | undefined => {
  const { format, prefix, stream } = stdio;
  return (
    format && givenOf({ format, prefix: prefix === "" ? undefined : prefix, stream, filter: filter.whole })
  );
};

const defaultsOf = (flags: HookFlags): DefaultsFile | undefined => {
  const { retry, delivery } = flags;
  const deadLetterUrl = delivery.deadLetterUrl;
  if (deadLetterUrl !== undefined) forFlag("hook-dead-letter-url", () => parseWebhookUrl(deadLetterUrl));
  return anyGivenOf({
    timeout: flags.timeoutMs,
    concurrency: flags.concurrency,
    retry: anyGivenOf({
      max_attempts: retry.maxAttempts,
      initial_delay: retry.initialDelayMs,
      max_delay: retry.maxDelayMs,
      backoff_strategy: retry.backoff,
      jitter: retry.hasJitter,
    }),
    delivery: anyGivenOf({
      guarantee_level: delivery.guarantee,
      confirm_timeout: delivery.timeoutMs,
      dead_letter_url: deadLetterUrl,
    }),
    egress: flags.egress,
    tls_policy: flags.tlsPolicy,
  });
};
