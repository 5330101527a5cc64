import { describe, expect, test } from "bun:test";
import { readConfiguredHooks } from "../../../src/cli/hooks/configured-hooks.ts";
import { filterTexts, retryText, summariesOf } from "../../../src/cli/hooks/hook-summary.ts";
import { hookList } from "../../../src/cli/hooks/list.ts";
import type { DeliveryPolicy } from "../../../src/hooks/delivery/policy.ts";
import type { FilterSettings } from "../../../src/hooks/filter/filter-settings.ts";

const policy: DeliveryPolicy = {
  guarantee: "none",
  ordering: "stream",
  maxAttempts: 1,
  initialDelayMs: 1_000,
  maxDelayMs: 60_000,
  backoff: "exponential",
  hasJitter: true,
  retryableErrors: undefined,
  maxAgeMs: undefined,
  concurrency: undefined,
};

const everything: FilterSettings = {
  eventTypes: undefined,
  streamPatterns: undefined,
  requiresStream: false,
  conditions: [],
  rateLimit: undefined,
  minSeverity: undefined,
};

describe("the summary of a hook", () => {
  const policies: { name: string; of: Partial<DeliveryPolicy>; text: string }[] = [
    { name: "one attempt", of: {}, text: "none" },
    { name: "a few", of: { maxAttempts: 5 }, text: "1s to 1m, 5 attempts" },
    { name: "as many as fit", of: { maxAttempts: undefined }, text: "1s to 1m, for 24h" },
    {
      name: "as many as fit into an age",
      of: { maxAttempts: undefined, maxAgeMs: 7_200_000 },
      text: "1s to 1m, for 2h",
    },
    { name: "a fixed delay", of: { maxAttempts: 3, backoff: "fixed" }, text: "every 1s, 3 attempts" },
    { name: "a linear one", of: { maxAttempts: 3, backoff: "linear" }, text: "1s to 1m, linear, 3 attempts" },
  ];
  for (const { name, of, text } of policies)
    test(`says of ${name}: ${text}`, () => {
      expect(retryText({ ...policy, ...of })).toBe(text);
    });

  const filters: { of: Partial<FilterSettings>; texts: string[] }[] = [
    { of: {}, texts: [] },
    { of: { eventTypes: ["publish_start", "play_start"] }, texts: ["types publish_start, play_start"] },
    { of: { minSeverity: "error" }, texts: ["severity error or worse"] },
    {
      of: { streamPatterns: ["live/*", "!live/x"], requiresStream: true },
      texts: ["streams live/*, !live/x", "only with a stream"],
    },
    {
      of: {
        conditions: [
          { field: "data.a", operator: "in", value: ["x", 1] },
          { field: "conn_id", operator: "exists", value: false },
        ],
      },
      texts: ['data.a in ["x",1]', "conn_id is absent"],
    },
    {
      of: { rateLimit: { maxEvents: 10, windowMs: 60_000, burst: undefined, key: "hook", isStrict: false } },
      texts: ["at most 10 in 1m"],
    },
    {
      of: { rateLimit: { maxEvents: 10, windowMs: 60_000, burst: 3, key: "stream", isStrict: true } },
      texts: ["at most 10 in 1m for each stream, 3 at once, strictly"],
    },
  ];
  for (const { of, texts } of filters)
    test(`says of a filter: ${texts.join("; ") || "nothing"}`, () => {
      expect(filterTexts({ ...everything, ...of })).toEqual(texts);
    });

  test("holds no secret", () => {
    const { settings } = readConfiguredHooks(
      [
        ...[
          "--hook-webhook",
          "publish_start=https://user:p4ssw0rd@example.com/hook/0123456789abcdefghijKLM?key=t0ken",
        ],
        ...["--hook-auth-hmac-secret", "hmac-secret-of-more-than-24-bytes"],
        ...["--hook-header", "X-Own: header-value"],
      ],
      {},
    );
    const text = JSON.stringify(summariesOf(settings)) + hookList(settings, 80);
    expect(text).toContain("https://***@example.com/hook/***?key=***");
    for (const secret of ["p4ssw0rd", "0123456789abc", "t0ken", "hmac-secret", "header-value"])
      expect(text).not.toContain(secret);
  });

  test("fits 80 columns, and says what every hook is", () => {
    const { settings } = readConfiguredHooks(
      [
        ...["--hook-script", `publish_start=${process.execPath}`, "--hook-stdio-format", "json"],
        ...["--hook-webhook", "*=http://127.0.0.1:8080/all", "--hook-delivery-guarantee", "at-least-once"],
        ...["--hook-filter-streams", "live/**", "--hook-min-severity", "warning"],
      ],
      {},
    );
    expect(hookList(settings, 80).split("\n")).toEqual([
      "HOOK       KIND     ENABLED  GUARANTEE",
      "shell_0    shell    yes      at-least-once",
      "  events  publish_start",
      `  target  ${process.execPath}`,
      "  filter  severity warning or worse; streams live/**",
      "  retry   1s to 1m, for 24h",
      "webhook_0  webhook  yes      at-least-once",
      "  events  all",
      "  target  http://127.0.0.1:8080/all",
      "  filter  severity warning or worse; streams live/**",
      "  retry   1s to 1m, for 24h",
      "stdio      stdio    yes      none",
      "  events  all",
      "  target  standard output as json",
      "  filter  severity warning or worse; streams live/**",
    ]);
  });

  test("of no hooks says so", () => {
    expect(hookList(readConfiguredHooks([], {}).settings, 80)).toBe("no hooks");
  });
});
