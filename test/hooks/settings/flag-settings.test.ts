import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../../../src/base/errors.ts";
import { flagHooksOf } from "../../../src/hooks/settings/flag-settings.ts";
import { resolveHookSettings } from "../../../src/hooks/settings/resolve-settings.ts";
import { flagsOf, settingsOf } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "flag-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));
const secretFile = join(folder, "secret");
writeFileSync(secretFile, "kept in a file of 24 bytes\n");

const local = "http://127.0.0.1:8080";
const warningsOf = (...args: string[]): readonly string[] => flagHooksOf(flagsOf(...args)).warnings;
const fileOf = (...args: string[]) => flagHooksOf(flagsOf(...args)).file;

const messageOf = (...args: string[]): string => {
  try {
    flagHooksOf(flagsOf(...args));
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return "taken";
};

describe("the hooks of flags", () => {
  test("are an empty file where nothing was typed", () => {
    expect(flagHooksOf(flagsOf())).toEqual({ file: {}, warnings: [] });
  });

  test("keep their names over restarts: by kind and place", () => {
    const args = [
      ...["--hook-webhook", `publish_start=${local}/a`, "--hook-script", "publish_stop=/a.sh"],
      ...["--hook-webhook", `publish_stop=${local}/b`],
    ];
    const { scripts = [], webhooks = [] } = fileOf(...args);
    expect([...scripts, ...webhooks].map(({ id }) => id)).toEqual(["shell_0", "webhook_0", "webhook_1"]);
    expect(fileOf(...args)).toEqual(fileOf(...args));
  });

  test("are filtered by event only where they are for every event", () => {
    const {
      scripts = [],
      webhooks = [],
      stdio,
    } = fileOf(
      ...["--hook-script", "*=/a.sh", "--hook-script", "connection_accept=/b.sh"],
      ...["--hook-webhook", `*=${local}`, "--hook-stdio-format", "json"],
      ...["--hook-filter-events", "publish_start, PublishStop", "--hook-filter-events", "play_start"],
    );
    const filter = { event_types: ["publish_start", "publish_stop", "play_start"] };
    expect([...scripts, ...webhooks, stdio].map((hook) => hook?.filter)).toEqual([
      filter,
      undefined,
      filter,
      filter,
    ]);
  });

  test("are filtered by everything else, whatever they are for", () => {
    const { scripts = [], stdio } = fileOf(
      ...["--hook-script", "publish_start=/a.sh", "--hook-stdio-format", "json"],
      ...["--hook-filter-streams", "live/{a,b},!live/c", "--hook-filter-streams", "vod/*"],
      ...["--hook-filter-condition", "data.client_ip = 127.0.0.1", "--hook-min-severity", "info"],
      ...["--hook-rate-limit", "3/1s"],
    );
    const filter = {
      stream_patterns: ["live/{a,b}", "!live/c", "vod/*"],
      conditions: [{ field: "data.client_ip", operator: "eq", value: "127.0.0.1" }],
      rate_limit: { max_events: 3, time_window: 1_000 },
      min_severity: "info",
    } as const;
    expect([scripts[0]?.filter, stdio?.filter]).toEqual([filter, filter]);
  });

  test("leave to a file what was not typed, and count before its defaults", () => {
    const file = {
      default_config: { timeout: 5_000, retry: { jitter: false }, egress: "any" },
      webhooks: [{ event_types: ["publish_start"], url: local }],
    } as const;
    const flags = fileOf("--hook-retry-max-attempts", "4", "--hook-egress", "public-only");
    const settings = resolveHookSettings(
      { file: { ...file, webhooks: [{ ...file.webhooks[0], event_types: ["publish_start"] }] }, flags },
      { now: 0 },
    );
    const [hook] = settings.hooks;
    expect(hook).toMatchObject({ timeoutMs: 5_000, policy: { maxAttempts: 4, hasJitter: false } });
    expect(hook?.kind === "webhook" && hook.webhook.egress).toBe("public-only");
  });

  test("give their authentication and headers to no hook of a file", () => {
    const flags = fileOf(
      ...["--hook-webhook", `publish_start=${local}`],
      ...["--hook-auth-api-key", "key", "--hook-header", "X-A: b"],
    );
    const file = { webhooks: [{ event_types: ["publish_start"], url: `${local}/file` }] };
    const { hooks } = resolveHookSettings({ file, flags }, { now: 0 });
    const found = hooks.map(
      (hook) => hook.kind === "webhook" && [hook.webhook.auth?.type, hook.webhook.headers],
    );
    expect(found).toEqual([
      [undefined, []],
      ["api_key", [["X-A", "b"]]],
    ]);
  });

  test("read secrets from files", () => {
    const { webhooks } = fileOf(
      ...["--hook-webhook", `publish_start=${local}`, "--hook-auth-hmac-secret", `file:${secretFile}`],
      ...["--hook-header", `X-Token: file:${secretFile}`],
    );
    expect(webhooks?.[0]?.auth).toEqual({ type: "hmac", secret: "kept in a file of 24 bytes" });
    expect(webhooks?.[0]?.headers).toEqual({ "X-Token": "kept in a file of 24 bytes" });
  });
});

describe("flags of hooks that cannot be used", () => {
  const rows: { args: string[]; says: RegExp }[] = [
    {
      args: ["--hook-filter-events", "publish_strat"],
      says: /^--hook-filter-events: unknown event type "publish_strat", did you mean publish_start\?$/,
    },
    {
      args: ["--hook-filter-streams", "live/[a"],
      says: /^--hook-filter-streams: stream pattern "live\/\[a": a bracket is not closed$/,
    },
    {
      args: ["--hook-filter-condition", "bitrate>1"],
      says: /^--hook-filter-condition: unknown field "bitrate", did you mean data\.\w+/,
    },
    {
      args: ["--hook-filter-condition", "data.bitrate"],
      says: /^--hook-filter-condition: "data\.bitrate" is no condition, expected/,
    },
    {
      args: ["--hook-script", "publish_strat=/a.sh"],
      says: /^--hook-script: unknown event type "publish_strat"/,
    },
    {
      args: ["--hook-webhook", "publish_start=ftp://h/"],
      says: /^--hook-webhook: .*is no webhook URL, expected http/,
    },
    {
      args: ["--hook-dead-letter-url", "h/x"],
      says: /^--hook-dead-letter-url: .*is no webhook URL, expected http/,
    },
    { args: ["--hook-auth-header", "a b"], says: /^--hook-auth-header: "a b" is no header/ },
    { args: ["--hook-header", "Host: x"], says: /^--hook-header: header Host is set by the server/ },
    {
      args: ["--hook-header", "Webhook-Id: x"],
      says: /^--hook-header: header Webhook-Id is set by the server/,
    },
    {
      args: ["--hook-header", "X-A: hunter2\r\nX-B: c"],
      says: /^--hook-header: a header value with a line break/,
    },
    {
      args: ["--hook-auth-hmac-secret", "file:/nowhere/hunter"],
      says: /^--hook-auth-hmac-secret: file "\/nowhere\/hunter" cannot be read/,
    },
    {
      args: ["--hook-auth-jwt-secret", "file:relative"],
      says: /^--hook-auth-jwt-secret: file "relative", expected an absolute path/,
    },
    { args: ["--hook-auth-api-key", "hunter2é€"], says: /^--hook-auth-api-key: a header value with/ },
  ];
  for (const { args, says } of rows) {
    test(`are refused by name: ${args.join(" ").replaceAll("\r\n", "\\r\\n")}`, () => {
      const message = messageOf(...args);
      expect(message).toMatch(says);
      expect(message).not.toContain("hunter2");
    });
  }
});

describe("flags of hooks that work and may not be meant", () => {
  const hook = ["--hook-webhook", `publish_start=${local}`];
  const rows: { name: string; args: string[]; says: string[] }[] = [
    { name: "one hook with all it needs", args: [...hook, "--hook-auth-api-key", "k"], says: [] },
    {
      name: "another name of an event",
      args: ["--hook-webhook", `PublishStart=${local}`],
      says: ["--hook-webhook: event PublishStart is called publish_start here"],
    },
    {
      name: "one secret for two places",
      args: [...hook, "--hook-webhook", "*=https://u:hunter2@b.example.com/x", "--hook-header", "X-A: b"],
      says: [
        "--hook-auth-… and --hook-header go to every --hook-webhook, here to http://127.0.0.1:8080, https://b.example.com; a hooks file gives each its own",
      ],
    },
    {
      name: "one secret for two paths of one place",
      args: [...hook, "--hook-webhook", `*=${local}/b`, "--hook-header", "X-A: b"],
      says: [],
    },
    {
      name: "a header twice",
      args: [...hook, "--hook-header", "X-A: b", "--hook-header", "x-a: c"],
      says: ["--hook-header: x-a is given more than once, the last one counts"],
    },
    {
      name: "a token beside the header it needs",
      args: [...hook, "--hook-auth-jwt-secret", "s", "--hook-header", "Authorization: x"],
      says: ["--hook-auth-jwt-secret: the token needs the header Authorization, which is given too"],
    },
    {
      name: "events to filter for where nothing is for every event",
      args: [...hook, "--hook-filter-events", "publish_start"],
      says: ["--hook-filter-events has no use without --hook-stdio-format or a hook of *"],
    },
    {
      name: "halves",
      args: [
        ...["--hook-rate-burst", "5", "--hook-auth-header", "X-B", "--hook-auth-hmac-algorithm", "sha1"],
        ...["--hook-auth-jwt-claim", "a=b", "--hook-stdio-prefix", "x"],
      ],
      says: [
        "--hook-stdio-prefix has no use without --hook-stdio-format",
        "--hook-rate-burst has no use without --hook-rate-limit",
        "--hook-auth-header has no use without --hook-auth-api-key",
        "--hook-auth-hmac-algorithm has no use without --hook-auth-hmac-secret",
        "--hook-auth-jwt-claim has no use without --hook-auth-jwt-secret",
      ],
    },
    {
      name: "filters and secrets without a hook",
      args: ["--hook-filter-streams", "live/*", "--hook-auth-api-key", "hunter2"],
      says: [
        "--hook-filter-streams has no use without a hook to filter for",
        "--hook-auth-api-key has no use without --hook-webhook",
      ],
    },
  ];
  for (const { name, args, says } of rows) {
    test(`are told of: ${name}`, () => {
      expect(warningsOf(...args)).toEqual(says);
    });
  }

  test("are told of without secrets, by what reads them on too", () => {
    const settings = settingsOf(
      ...hook,
      "--hook-auth-hmac-secret",
      "hunter2",
      "--hook-auth-hmac-algorithm",
      "sha1",
    );
    expect(settings.warnings.length).toBeGreaterThan(0);
    expect(settings.warnings.join("\n")).not.toContain("hunter2");
  });
});

describe("a webhook of a flag with plain http", () => {
  const rows: { name: string; args: string[]; policy: string; isWarned: boolean }[] = [
    {
      name: "to a public host is sent, and told of",
      args: ["http://198.51.100.7/x"],
      policy: "off",
      isWarned: true,
    },
    { name: "to a public name too", args: ["http://hooks.example.com/x"], policy: "off", isWarned: true },
    { name: "to this machine needs no word", args: [local], policy: "public", isWarned: false },
    {
      name: "does not change what is said of https",
      args: ["https://a.example/"],
      policy: "public",
      isWarned: false,
    },
    {
      name: "obeys what is said",
      args: ["http://198.51.100.7/x", "--hook-tls-policy", "public"],
      policy: "public",
      isWarned: false,
    },
  ];
  for (const { name, args, policy, isWarned } of rows) {
    test(name, () => {
      const [url, ...more] = args;
      const { hooks, warnings } = settingsOf("--hook-webhook", `publish_start=${url}`, ...more);
      const policies = hooks.map((hook): string => (hook.kind === "webhook" ? hook.webhook.tlsPolicy : ""));
      expect(policies).toEqual([policy]);
      expect(warnings.some((warning) => warning.includes("plain http to a public host"))).toBe(isWarned);
    });
  }
});
