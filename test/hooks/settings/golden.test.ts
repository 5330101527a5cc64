import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HookDefinition, HookSettings } from "../../../src/hooks/settings/settings.ts";
import { settingsOf } from "./command-line.ts";

/** Command lines that other programs and pages know; each has to mean what it always did. */

const folder = mkdtempSync(join(tmpdir(), "golden-"));
afterAll(() => rmSync(folder, { recursive: true }));
for (const name of [
  "notify-connect",
  "notify-start",
  "start-recording",
  "stop-recording",
  "cleanup",
  "script",
])
  writeFileSync(join(folder, `${name}.sh`), "#!/bin/sh\n", { mode: 0o755 });

const at = (name: string): string => join(folder, name);

/** The hooks in short: what, which events, where. */
const bindings = ({ hooks }: HookSettings): unknown[] =>
  hooks.map((hook) => [
    hook.kind,
    hook.eventTypes,
    hook.kind === "shell" ? hook.script.path : hook.webhook.url,
  ]);

const webhookOf = ({ hooks }: HookSettings): Extract<HookDefinition, { kind: "webhook" }> => {
  const [hook] = hooks;
  if (hook?.kind !== "webhook") throw new Error("no webhook");
  return hook;
};

const listen = ["--listen", ":1935"];
const webhook = ["--hook-webhook", "publish_start=https://api.example.com/webhooks/stream-start"];
const all = ["--hook-webhook", "*=https://api.example.com/rtmp-events"];

describe("a command line of the first kind", () => {
  test("runs scripts for three events", () => {
    const settings = settingsOf(
      ...["--hook-script", `connection_accept=${at("notify-connect.sh")}`],
      ...["--hook-script", `publish_start=${at("start-recording.sh")}`],
      ...["--hook-script", `publish_stop=${at("stop-recording.sh")}`],
    );
    expect(bindings(settings)).toEqual([
      ["shell", ["connection_accept"], at("notify-connect.sh")],
      ["shell", ["publish_start"], at("start-recording.sh")],
      ["shell", ["publish_stop"], at("stop-recording.sh")],
    ]);
    expect(settings.warnings).toEqual([]);
  });

  test("calls two webhooks", () => {
    const settings = settingsOf(
      ...webhook,
      ...["--hook-webhook", "connection_close=https://api.example.com/webhooks/disconnect"],
    );
    expect(bindings(settings)).toEqual([
      ["webhook", ["publish_start"], "https://api.example.com/webhooks/stream-start"],
      ["webhook", ["connection_close"], "https://api.example.com/webhooks/disconnect"],
    ]);
  });

  for (const format of ["json", "env"]) {
    test(`writes events as ${format}`, () => {
      const settings = settingsOf(...listen, "--hook-stdio-format", format);
      expect(settings.stdio).toMatchObject({ format, prefix: undefined, stream: "stdout" });
      expect(settings.hooks).toEqual([]);
    });
  }

  test("without any hook, or with an empty format, has none", () => {
    for (const args of [[], listen, ["--hook-stdio-format", ""]]) {
      const { hooks, stdio, warnings } = settingsOf(...args);
      expect({ hooks, stdio, warnings }).toEqual({ hooks: [], stdio: undefined, warnings: [] });
    }
  });

  test("sets time and number of executions", () => {
    const hook = ["--hook-script", `publish_start=${at("script.sh")}`];
    const short = settingsOf(...hook, "--hook-timeout", "60s", "--hook-concurrency", "20");
    // A confirmation is waited for no longer than 30 seconds only where somebody says so.
    expect([short.hooks[0]?.timeoutMs, short.concurrency]).toEqual([60_000, 20]);
    const plain = settingsOf(...hook);
    expect([plain.hooks[0]?.timeoutMs, plain.concurrency]).toEqual([30_000, 10]);
    expect(plain.hooks[0]?.policy).toMatchObject({ guarantee: "none", maxAttempts: 1 });
  });

  test("runs a script at the start and one at the end", () => {
    const settings = settingsOf(
      ...listen,
      ...["--hook-script", `publish_start=${at("notify-start.sh")}`],
      ...["--hook-script", `publish_stop=${at("cleanup.sh")}`],
    );
    expect(bindings(settings)).toEqual([
      ["shell", ["publish_start"], at("notify-start.sh")],
      ["shell", ["publish_stop"], at("cleanup.sh")],
    ]);
  });

  test("combines a script, a webhook and standard output", () => {
    const settings = settingsOf(
      ...listen,
      ...["--hook-script", `publish_start=${at("start-recording.sh")}`],
      ...["--hook-webhook", "publish_start=https://api.discord.com/webhooks/..."],
      ...["--hook-stdio-format", "json"],
    );
    expect(bindings(settings)).toEqual([
      ["shell", ["publish_start"], at("start-recording.sh")],
      ["webhook", ["publish_start"], "https://api.discord.com/webhooks/..."],
    ]);
    expect(settings.stdio?.format).toBe("json");
  });

  test("has all flags at once", () => {
    const settings = settingsOf(
      ...["--hook-script", `publish_start=${at("script.sh")}`],
      ...["--hook-webhook", "publish_start=https://hook.example.com/"],
      ...["--hook-stdio-format", "env", "--hook-timeout", "30s", "--hook-concurrency", "10"],
    );
    expect(settings.hooks.map(({ id }) => id)).toEqual(["shell_0", "webhook_0"]);
    expect(settings.stdio?.format).toBe("env");
  });
});

describe("a command line of the second kind", () => {
  test("filters", () => {
    const settings = settingsOf(
      ...all,
      ...["--hook-filter-events", "connection_accept,publish_start,codec_detected"],
      ...["--hook-filter-streams", "live/premium/*,live/vip/*"],
      ...["--hook-filter-condition", "data.bitrate>1000000"],
      ...["--hook-filter-condition", "data.codec_name=H264"],
      ...["--hook-rate-limit", "10/1m", "--hook-rate-burst", "5"],
      ...["--hook-min-severity", "warning"],
    );
    expect(webhookOf(settings).filter).toEqual({
      eventTypes: ["connection_accept", "publish_start", "codec_detected"],
      streamPatterns: ["live/premium/*", "live/vip/*"],
      requiresStream: false,
      conditions: [
        { field: "data.bitrate", operator: "gt", value: 1_000_000 },
        { field: "data.codec_name", operator: "eq", value: "H264" },
      ],
      rateLimit: { maxEvents: 10, windowMs: 60_000, burst: 5, key: "hook", isStrict: false },
      minSeverity: "warning",
    });
  });

  const proofs: { name: string; args: string[]; auth: unknown; headers?: unknown[] }[] = [
    {
      name: "with an API key",
      args: ["--hook-auth-api-key", "secret-key-123", "--hook-auth-header", "X-API-Key"],
      auth: { type: "api_key", key: "secret-key-123", header: "X-API-Key" },
    },
    {
      name: "with an HMAC",
      args: ["--hook-auth-hmac-secret", "webhook-secret", "--hook-auth-hmac-algorithm", "sha256"],
      auth: {
        type: "hmac",
        secret: "webhook-secret",
        algorithm: "sha256",
        header: "X-Signature",
        previousSecret: undefined,
        previousUntil: undefined,
        legacySignWith: "previous",
      },
    },
    {
      name: "with a JWT",
      args: [
        ...["--hook-auth-jwt-secret", "jwt-signing-key", "--hook-auth-jwt-issuer", "rtmp-server"],
        ...["--hook-auth-jwt-ttl", "1h"],
      ],
      auth: {
        type: "jwt",
        secret: "jwt-signing-key",
        algorithm: "HS256",
        issuer: "rtmp-server",
        subject: undefined,
        audience: undefined,
        claims: {},
        ttlMs: 3_600_000,
      },
    },
    {
      name: "with headers",
      args: ["--hook-header", "Authorization: Bearer token123", "--hook-header", "X-Source: rtmp-server"],
      auth: undefined,
      headers: [
        ["Authorization", "Bearer token123"],
        ["X-Source", "rtmp-server"],
      ],
    },
  ];
  for (const { name, args, auth, headers = [] } of proofs) {
    test(`proves itself ${name}`, () => {
      const { webhook: found } = webhookOf(settingsOf(...webhook, ...args));
      expect([found.auth, found.headers]).toEqual([auth, headers] as never);
    });
  }

  test("proves itself in every way at once: signed, with the key and the headers beside it", () => {
    const settings = settingsOf(...webhook, ...proofs.flatMap(({ args }) => args));
    const { auth, headers } = webhookOf(settings).webhook;
    expect(auth?.type).toBe("hmac");
    expect(headers).toEqual([
      ["Authorization", "Bearer token123"],
      ["X-Source", "rtmp-server"],
      ["X-API-Key", "secret-key-123"],
    ]);
    expect(settings.warnings).toContain(
      "--hook-auth-jwt-secret: not used beside --hook-auth-hmac-secret, webhooks are signed",
    );
  });

  test("tries again, and keeps what was not delivered", () => {
    const settings = settingsOf(
      ...webhook,
      ...[
        "--hook-retry-max-attempts",
        "3",
        "--hook-retry-initial-delay",
        "1s",
        "--hook-retry-max-delay",
        "60s",
      ],
      ...["--hook-retry-backoff", "exponential", "--hook-retry-jitter"],
      ...["--hook-delivery-guarantee", "at-least-once", "--hook-delivery-timeout", "30s"],
      ...["--hook-dead-letter-url", "http://backup.example.com/failed-hooks"],
    );
    expect(webhookOf(settings).policy).toMatchObject({
      guarantee: "at-least-once",
      maxAttempts: 3,
      initialDelayMs: 1_000,
      maxDelayMs: 60_000,
      backoff: "exponential",
      hasJitter: true,
    });
    expect(webhookOf(settings).timeoutMs).toBe(30_000);
    expect(settings.deadLetter?.url).toBe("http://backup.example.com/failed-hooks");
  });

  test("leaves a hook of one event alone, whatever events are filtered for", () => {
    const settings = settingsOf(
      ...["--hook-script", `connection_accept=${at("script.sh")}`],
      ...["--hook-filter-events", "publish_start", "--hook-auth-api-key", "test123"],
    );
    expect(bindings(settings)).toEqual([["shell", ["connection_accept"], at("script.sh")]]);
    expect(settings.hooks[0]?.filter).toMatchObject({ eventTypes: undefined, conditions: [] });
  });

  const lines = [
    ...["--hook-filter-events connection_accept,publish_start,codec_detected"],
    ...["--hook-filter-streams live/premium/*,live/vip/*", "--hook-filter-condition data.bitrate>1000000"],
    ...["--hook-filter-condition data.codec_name=H264", "--hook-rate-limit 10/1m", "--hook-rate-burst 5"],
    ...["--hook-min-severity warning", "--hook-auth-api-key secret-key-123", "--hook-auth-header X-API-Key"],
    ...["--hook-auth-hmac-secret webhook-secret", "--hook-auth-hmac-algorithm sha256"],
    ...["--hook-auth-jwt-secret jwt-signing-key", "--hook-auth-jwt-issuer rtmp-server"],
    ...["--hook-auth-jwt-ttl 1h", "--hook-retry-max-attempts 3", "--hook-retry-initial-delay 1s"],
    ...["--hook-retry-max-delay 60s", "--hook-retry-backoff exponential", "--hook-retry-jitter"],
    ...["--hook-delivery-guarantee at-least-once", "--hook-delivery-timeout 30s"],
    ...["--hook-dead-letter-url http://backup.example.com/failed-hooks"],
  ];
  test("may have any one of its flags alone", () => {
    for (const line of lines) expect(() => settingsOf(...line.split(" ")), line).not.toThrow();
  });
});
