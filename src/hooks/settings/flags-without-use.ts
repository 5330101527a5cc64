import type { HookFlags } from "./hook-flags.ts";

/** Something that does nothing unless something else is there. */
interface Dependence {
  readonly flag: string;
  readonly isGiven: boolean;
  /** What it needs, and whether that is there. */
  readonly needs: string;
  readonly isMet: boolean;
}

/** One line for each flag that has no effect without another one. */
export const flagsWithoutUse = (flags: HookFlags): string[] =>
  dependencesOf(flags)
    .filter(({ isGiven, isMet }) => isGiven && !isMet)
    .map(({ flag, needs }) => `--${flag} has no use without ${needs}`);

const dependencesOf = ({ scripts, webhooks, stdio, filter, auth, headers }: HookFlags): Dependence[] => {
  const isStdio = stdio.format !== undefined;
  const hasWildcard = [...scripts, ...webhooks].some((text) => text.startsWith("*="));
  const needing =
    (needs: string, isMet: boolean) =>
    (flag: string, value: unknown): Dependence => ({
      flag,
      isGiven: Array.isArray(value) ? value.length > 0 : value !== undefined,
      needs,
      isMet,
    });
  const anyHook = needing("a hook to filter for", isStdio || scripts.length + webhooks.length > 0);
  const webhook = needing("--hook-webhook", webhooks.length > 0);
  const jwt = needing("--hook-auth-jwt-secret", auth.jwtSecret !== undefined);
  const format = needing("--hook-stdio-format", isStdio);
  return [
    format("hook-stdio-prefix", stdio.prefix === "" ? undefined : stdio.prefix),
    format("hook-stdio-stream", stdio.stream),
    needing("--hook-stdio-format or a hook of *", isStdio || hasWildcard)(
      "hook-filter-events",
      filter.events,
    ),
    anyHook("hook-filter-streams", filter.streams),
    anyHook("hook-filter-condition", filter.conditions),
    anyHook("hook-rate-limit", filter.rateLimit),
    needing("--hook-rate-limit", filter.rateLimit !== undefined)("hook-rate-burst", filter.rateBurst),
    anyHook("hook-min-severity", filter.minSeverity),
    webhook("hook-auth-api-key", auth.apiKey),
    needing("--hook-auth-api-key", auth.apiKey !== undefined)("hook-auth-header", auth.apiKeyHeader),
    webhook("hook-auth-hmac-secret", auth.hmacSecret),
    needing("--hook-auth-hmac-secret", auth.hmacSecret !== undefined)(
      "hook-auth-hmac-algorithm",
      auth.hmacAlgorithm,
    ),
    webhook("hook-auth-jwt-secret", auth.jwtSecret),
    jwt("hook-auth-jwt-issuer", auth.jwtIssuer),
    jwt("hook-auth-jwt-subject", auth.jwtSubject),
    jwt("hook-auth-jwt-audience", auth.jwtAudience),
    jwt("hook-auth-jwt-claim", auth.jwtClaims),
    jwt("hook-auth-jwt-ttl", auth.jwtTtlMs),
    webhook("hook-header", headers),
  ];
};
