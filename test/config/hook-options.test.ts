import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/base/errors.ts";
import { helpText } from "../../src/cli/help.ts";
import { type HookValues, hookOptions } from "../../src/config/hook-options.ts";
import { readConfig } from "../../src/config/server/config.ts";
import { backoffs, guarantees } from "../../src/hooks/delivery/policy.ts";
import { egressPolicies, tlsPolicies } from "../../src/hooks/webhook/webhook-settings.ts";

const config = (typed: Record<string, string | string[]> = {}): HookValues =>
  readConfig(new Map(Object.entries(typed).map(([flag, value]) => [flag, [value].flat()]))).hooks;

const messageFor = (typed: Record<string, string | string[]>): string => {
  try {
    config(typed);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return "taken";
};

describe("the options of hooks", () => {
  test("have defaults that change nothing about hooks without them", () => {
    expect(config()).toMatchObject({
      hookScripts: [],
      hookWebhooks: [],
      hookStdioFormat: undefined,
      hookTimeoutMs: 30_000,
      hookConcurrency: 10,
      hookFilterEvents: [],
      hookFilterStreams: [],
      hookFilterConditions: [],
      hookRateLimit: undefined,
      hookRateBurst: undefined,
      hookMinSeverity: undefined,
      hookAuthApiKey: undefined,
      hookAuthHeader: "X-API-Key",
      hookAuthHmacSecret: undefined,
      hookAuthHmacAlgorithm: "sha256",
      hookAuthJwtSecret: undefined,
      hookAuthJwtIssuer: "rtmp-server",
      hookAuthJwtTtlMs: 3_600_000,
      hookAuthJwtClaims: [],
      hookHeaders: [],
      hookRetryMaxAttempts: undefined,
      hookRetryInitialDelayMs: 1_000,
      hookRetryMaxDelayMs: 60_000,
      hookRetryBackoff: "exponential",
      hookRetryJitter: true,
      hookGuarantee: "none",
      hookDeliveryTimeoutMs: 30_000,
      hookDeadLetterUrl: undefined,
      hookConfig: undefined,
      hookDataDir: "./data",
      hookQueueMax: { maxBytes: 1024 ** 3, maxEvents: 1_000_000 },
      hookEgress: "default",
      hookTlsPolicy: "public",
      hookDrainTimeoutMs: 10_000,
      hookDebug: false,
      hookEnvelope: "full",
    });
  });

  test("know which flags were typed, so that a default is not taken for a wish", () => {
    const { given } = config({ "hook-timeout": "30s", "hook-retry-jitter": "true" });
    expect([...given]).toEqual(["hook-timeout", "hook-retry-jitter"]);
  });

  const rows: { flag: string; typed: string | string[]; key: keyof HookValues; value: unknown }[] = [
    {
      flag: "hook-rate-limit",
      typed: "10/1m",
      key: "hookRateLimit",
      value: { maxEvents: 10, windowMs: 60_000 },
    },
    {
      flag: "hook-rate-limit",
      typed: " 5 / 500ms ",
      key: "hookRateLimit",
      value: { maxEvents: 5, windowMs: 500 },
    },
    { flag: "hook-rate-limit", typed: "", key: "hookRateLimit", value: undefined },
    { flag: "hook-rate-burst", typed: "5", key: "hookRateBurst", value: 5 },
    { flag: "hook-min-severity", typed: "critical", key: "hookMinSeverity", value: "critical" },
    {
      flag: "hook-filter-condition",
      typed: ["data.bitrate>1000000", "data.codec_name=H264"],
      key: "hookFilterConditions",
      value: ["data.bitrate>1000000", "data.codec_name=H264"],
    },
    { flag: "hook-auth-api-key", typed: "file:/run/key", key: "hookAuthApiKey", value: "file:/run/key" },
    {
      flag: "hook-auth-jwt-claim",
      typed: ["room=a=b", "x="],
      key: "hookAuthJwtClaims",
      value: [
        ["room", "a=b"],
        ["x", ""],
      ],
    },
    { flag: "hook-header", typed: "X-Source:  a: b ", key: "hookHeaders", value: [["X-Source", "a: b"]] },
    { flag: "hook-retry-jitter", typed: "no", key: "hookRetryJitter", value: false },
    { flag: "hook-retry-max-attempts", typed: "1000", key: "hookRetryMaxAttempts", value: 1_000 },
    { flag: "hook-drain-timeout", typed: "0", key: "hookDrainTimeoutMs", value: 0 },
    {
      flag: "hook-queue-max",
      typed: "512M",
      key: "hookQueueMax",
      value: { maxBytes: 512 * 1024 ** 2, maxEvents: 1_000_000 },
    },
    {
      flag: "hook-queue-max",
      typed: "50000",
      key: "hookQueueMax",
      value: { maxBytes: 1024 ** 3, maxEvents: 50_000 },
    },
    {
      flag: "hook-queue-max",
      typed: "20, 1048576B",
      key: "hookQueueMax",
      value: { maxBytes: 1024 ** 2, maxEvents: 20 },
    },
  ];
  for (const { flag, typed, key, value } of rows) {
    test(`take --${flag} ${JSON.stringify(typed)}`, () => {
      expect(config({ [flag]: typed })[key]).toEqual(value as never);
    });
  }

  test("offer the same words as the hooks do", () => {
    const takes = (flag: string, words: readonly string[]): void => {
      for (const word of words) expect(messageFor({ [flag]: word })).toBe("taken");
      expect(messageFor({ [flag]: "zzz" })).toBe(
        `--${flag}: "zzz", expected ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
      );
    };
    takes("hook-delivery-guarantee", guarantees);
    takes("hook-retry-backoff", backoffs);
    takes("hook-egress", egressPolicies);
    takes("hook-tls-policy", tlsPolicies);
    takes("hook-auth-hmac-algorithm", ["sha256", "sha1"]);
    takes("hook-min-severity", ["info", "warning", "error", "critical"]);
    takes("hook-envelope", ["full", "seed"]);
  });

  const duration = "expected a duration from 1ms to 8760h";
  const queue =
    "expected a size of at least 1M with its unit (512M, 1G), a number of events (1000000), or both as 1G,1000000";
  const faults: { flag: string; typed: string; says: string }[] = [
    { flag: "hook-timeout", typed: "0", says: `"0", ${duration}` },
    { flag: "hook-timeout", typed: "9000h", says: `"9000h", ${duration}` },
    { flag: "hook-delivery-timeout", typed: "1us", says: `"1us", ${duration}` },
    { flag: "hook-auth-jwt-ttl", typed: "10ms", says: '"10ms", expected a duration from 1s to 8760h' },
    { flag: "hook-drain-timeout", typed: "25h", says: '"25h", expected a duration from 0 to 24h' },
    {
      flag: "hook-retry-initial-delay",
      typed: "1",
      says: '"1" is no duration, expected a number with a unit such as 500ms, 10s, 1m30s or 1h',
    },
    { flag: "hook-retry-max-attempts", typed: "0", says: '"0", expected a whole number from 1 to 1000' },
    { flag: "hook-rate-burst", typed: "0", says: '"0", expected a whole number from 1 to 1000000' },
    { flag: "hook-rate-limit", typed: "10", says: '"10", expected N/DURATION such as 10/1m' },
    { flag: "hook-rate-limit", typed: "10/m", says: '"10/m", expected N/DURATION such as 10/1m' },
    { flag: "hook-rate-limit", typed: "10/0", says: '"10/0", expected N/DURATION such as 10/1m' },
    { flag: "hook-rate-limit", typed: "0/1m", says: '"0/1m", expected 1 to 1000000 events, such as 10/1m' },
    { flag: "hook-queue-max", typed: "0", says: `"0", ${queue}` },
    { flag: "hook-queue-max", typed: "4K", says: `"4K", ${queue}` },
    { flag: "hook-queue-max", typed: "1G,2G", says: `"1G,2G", ${queue}` },
    { flag: "hook-queue-max", typed: "1,2", says: `"1,2", ${queue}` },
    { flag: "hook-queue-max", typed: "1G,", says: `"1G,", ${queue}` },
    { flag: "hook-queue-max", typed: "much", says: `"much", ${queue}` },
    { flag: "hook-auth-jwt-claim", typed: "=x", says: '"=x", expected NAME=VALUE such as room=studio' },
    {
      flag: "hook-auth-jwt-claim",
      typed: "sub=x",
      says: "the claim sub has a flag of its own, expected --hook-auth-jwt-subject",
    },
    {
      flag: "hook-auth-jwt-claim",
      typed: "jti=x",
      says: "the claim jti is made for each token, expected another one",
    },
    {
      flag: "hook-header",
      typed: "X-A: ",
      says: "header \"X-A\" has no value, expected 'NAME: VALUE' such as 'X-Source: studio'",
    },
    { flag: "hook-data-dir", typed: "", says: '"", expected a directory' },
    { flag: "hook-debug", typed: "maybe", says: '"maybe", expected true or false' },
  ];
  for (const { flag, typed, says } of faults) {
    test(`refuse --${flag} ${JSON.stringify(typed)}, saying what is accepted`, () => {
      expect(messageFor({ [flag]: typed })).toBe(`--${flag}: ${says}`);
    });
  }

  test("refuse a first delay that is longer than the longest, where both were typed", () => {
    const [initial, max] = ["hook-retry-initial-delay", "hook-retry-max-delay"];
    expect(messageFor({ [initial]: "2m", [max]: "1m" })).toBe(
      "--hook-retry-initial-delay: 2m, expected at most the 1m of --hook-retry-max-delay",
    );
    expect(messageFor({ [initial]: "1m", [max]: "1m" })).toBe("taken");
    expect(messageFor({ [initial]: "2m" })).toBe("taken");
    expect(messageFor({ [max]: "500ms" })).toBe("taken");
  });
});

describe("a secret on the command line", () => {
  const secret = "hunter2hunter2";
  const bad: { name: string; typed: Record<string, string> }[] = [
    { name: "a key with a line break", typed: { "hook-auth-api-key": `${secret}\nX: y` } },
    { name: "an HMAC secret with a NUL", typed: { "hook-auth-hmac-secret": `${secret}\0x` } },
    { name: "a header without a colon", typed: { "hook-header": `Authorization ${secret}` } },
    { name: "a header without a name", typed: { "hook-header": `: ${secret}` } },
  ];
  for (const { name, typed } of bad) {
    test(`is not repeated when ${name} is refused`, () => {
      const message = messageFor(typed);
      expect(message).toStartWith(`--${Object.keys(typed)[0]}: `);
      expect(message).toContain("expected");
      expect(message).not.toContain("hunter2");
    });
  }

  test("that is only blanks, or names no file, is refused", () => {
    for (const typed of [" ", "file:"])
      expect(messageFor({ "hook-auth-hmac-secret": typed })).toBe(
        "--hook-auth-hmac-secret: the secret is empty, expected a text or file:/PATH",
      );
  });

  test("is marked wherever a flag may hold one", () => {
    const marked = Object.values(hookOptions).filter((option) => "isSecret" in option && option.isSecret);
    expect(marked.map(({ flag }) => flag)).toEqual([
      "hook-webhook",
      "hook-auth-api-key",
      "hook-auth-hmac-secret",
      "hook-auth-jwt-secret",
      "hook-header",
      "hook-dead-letter-url",
    ]);
  });
});

describe("the help text about hooks", () => {
  test("keeps groups small enough to read", () => {
    const sizes = new Map<string, number>();
    for (const { group } of Object.values(hookOptions)) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    expect([...sizes.keys()]).toEqual([
      "Hooks",
      "Hooks: what they get",
      "Hooks: authentication and safety",
      "Hooks: delivery",
    ]);
    for (const size of sizes.values()) expect(size).toBeLessThanOrEqual(13);
    expect(helpText()).toContain("\n\nHooks: delivery\n  --hook-delivery-guarantee LEVEL\n");
  });
});
