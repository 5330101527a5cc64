import { type HookValues, hookOptions } from "../../config/hook-options.ts";
import type { Backoff, Guarantee } from "../delivery/policy.ts";
import type { Severity } from "../event/hook-event.ts";
import type { StdioFormat, StdioStream } from "../stdio/stdio-hook.ts";
import type { EgressPolicy, TlsPolicy } from "../webhook/webhook-settings.ts";

/** A name and what belongs to it. */
type Pair = readonly [name: string, value: string];

/** What the command line says about hooks, as it was typed. What was not typed is undefined or empty. Times are in milliseconds. */
export interface HookFlags {
  /** `EVENT=FILE`. */
  readonly scripts: readonly string[];
  /** `EVENT=URL`. */
  readonly webhooks: readonly string[];
  readonly stdio: {
    readonly format: StdioFormat | undefined;
    readonly prefix: string | undefined;
    readonly stream: StdioStream | undefined;
  };
  readonly timeoutMs: number | undefined;
  readonly concurrency: number | undefined;
  readonly filter: {
    /** Each a list of types with commas between. */
    readonly events: readonly string[];
    /** Each a list of globs with commas between. */
    readonly streams: readonly string[];
    /** `FIELD OPERATOR VALUE`. */
    readonly conditions: readonly string[];
    readonly rateLimit: { readonly maxEvents: number; readonly windowMs: number } | undefined;
    readonly rateBurst: number | undefined;
    readonly minSeverity: Severity | undefined;
  };
  /** Secrets may be `file:/path`. */
  readonly auth: {
    readonly apiKey: string | undefined;
    readonly apiKeyHeader: string | undefined;
    readonly hmacSecret: string | undefined;
    readonly hmacAlgorithm: "sha256" | "sha1" | undefined;
    readonly jwtSecret: string | undefined;
    readonly jwtIssuer: string | undefined;
    readonly jwtSubject: string | undefined;
    readonly jwtAudience: string | undefined;
    readonly jwtClaims: readonly Pair[];
    readonly jwtTtlMs: number | undefined;
  };
  readonly headers: readonly Pair[];
  readonly egress: EgressPolicy | undefined;
  readonly tlsPolicy: TlsPolicy | undefined;
  readonly retry: {
    readonly maxAttempts: number | undefined;
    readonly initialDelayMs: number | undefined;
    readonly maxDelayMs: number | undefined;
    readonly backoff: Backoff | undefined;
    readonly hasJitter: boolean | undefined;
  };
  readonly delivery: {
    readonly guarantee: Guarantee | undefined;
    readonly timeoutMs: number | undefined;
    readonly deadLetterUrl: string | undefined;
  };
}

/** The part of the flags of hooks that describes hooks. Defaults stay behind: a hooks file may have its own. */
export const hookFlagsOf = (config: HookValues): HookFlags => {
  const typed = <Key extends keyof typeof hookOptions>(key: Key): HookValues[Key] | undefined =>
    config.given.has(hookOptions[key].flag) ? config[key] : undefined;
  return {
    scripts: config.hookScripts,
    webhooks: config.hookWebhooks,
    stdio: {
      format: config.hookStdioFormat,
      prefix: config.hookStdioPrefix,
      stream: typed("hookStdioStream"),
    },
    timeoutMs: typed("hookTimeoutMs"),
    concurrency: typed("hookConcurrency"),
    filter: {
      events: config.hookFilterEvents,
      streams: config.hookFilterStreams,
      conditions: config.hookFilterConditions,
      rateLimit: config.hookRateLimit,
      rateBurst: config.hookRateBurst,
      minSeverity: config.hookMinSeverity,
    },
    auth: {
      apiKey: config.hookAuthApiKey,
      apiKeyHeader: typed("hookAuthHeader"),
      hmacSecret: config.hookAuthHmacSecret,
      hmacAlgorithm: typed("hookAuthHmacAlgorithm"),
      jwtSecret: config.hookAuthJwtSecret,
      jwtIssuer: typed("hookAuthJwtIssuer"),
      jwtSubject: config.hookAuthJwtSubject,
      jwtAudience: config.hookAuthJwtAudience,
      jwtClaims: config.hookAuthJwtClaims,
      jwtTtlMs: typed("hookAuthJwtTtlMs"),
    },
    headers: config.hookHeaders,
    egress: typed("hookEgress"),
    tlsPolicy: typed("hookTlsPolicy"),
    retry: {
      maxAttempts: config.hookRetryMaxAttempts,
      initialDelayMs: typed("hookRetryInitialDelayMs"),
      maxDelayMs: typed("hookRetryMaxDelayMs"),
      backoff: typed("hookRetryBackoff"),
      hasJitter: typed("hookRetryJitter"),
    },
    delivery: {
      guarantee: typed("hookGuarantee"),
      timeoutMs: typed("hookDeliveryTimeoutMs"),
      deadLetterUrl: config.hookDeadLetterUrl,
    },
  };
};
