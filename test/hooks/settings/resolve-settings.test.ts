import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../../../src/base/errors.ts";
import type { HookFile } from "../../../src/hooks/settings/hook-file.ts";
import { parseHookFile } from "../../../src/hooks/settings/load-hook-file.ts";
import { defaultMonitorSettings } from "../../../src/hooks/settings/quality-section.ts";
import { resolveHookSettings } from "../../../src/hooks/settings/resolve-settings.ts";
import type { HookSettings } from "../../../src/hooks/settings/settings.ts";
import { sampleFile } from "./sample-file.ts";

const directory = mkdtempSync(join(tmpdir(), "resolve-"));
afterAll(() => rmSync(directory, { recursive: true }));
const script = join(directory, "hook.sh");
writeFileSync(script, "#!/bin/sh\n", { mode: 0o755 });

const now = Date.UTC(2026, 0, 1);

const resolveYaml = (yaml: string, flags: HookFile = {}): HookSettings => {
  const environment = { WEBHOOK_SECRET: "w".repeat(24), SCRIPT: script };
  const { hooks, variables, faultAt } = parseHookFile(yaml, { name: "f", environment });
  return resolveHookSettings({ file: hooks, flags }, { now, withheld: variables, faultAt });
};

const faultsOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
};

/** A file of webhooks with a url each, so that none is like another. */
const webhooks = (...lines: string[]): string =>
  `hooks:\n  webhooks:\n${lines
    .map(
      (line, index) => `    - event_types: [publish_start]\n      url: https://h/${index}\n      ${line}\n`,
    )
    .join("")}`;

const plainPolicy = {
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
} as const;

const plainFilter = {
  eventTypes: undefined,
  streamPatterns: undefined,
  requiresStream: false,
  conditions: [],
  rateLimit: undefined,
  minSeverity: undefined,
} as const;

describe("settings of hooks", () => {
  test("are nothing but defaults where nobody asks for anything", () => {
    expect(resolveHookSettings({}, { now })).toEqual({
      hooks: [],
      stdio: undefined,
      concurrency: 10,
      deadLetter: undefined,
      quality: defaultMonitorSettings,
      warnings: [],
    });
  });

  test("of the specification's sample are what it says", () => {
    const settings = resolveYaml(sampleFile.replace("/opt/scripts/connection-monitor.sh", script));
    const policy = { ...plainPolicy, maxAttempts: 3 };
    expect(settings.hooks).toEqual([
      {
        kind: "shell",
        id: expect.stringMatching(/^shell_[0-9a-f]{12}$/),
        isEnabled: true,
        eventTypes: ["connection_accept", "connection_close"],
        filter: {
          ...plainFilter,
          streamPatterns: ["live/*"],
          rateLimit: { maxEvents: 100, windowMs: 60_000, burst: undefined, key: "hook", isStrict: false },
        },
        policy,
        timeoutMs: 30_000,
        script: {
          path: script,
          args: [],
          mode: "oneshot",
          env: {},
          envMode: "inherit",
          withheld: ["WEBHOOK_SECRET"],
          cwd: undefined,
          uid: undefined,
          gid: undefined,
        },
      },
      {
        kind: "webhook",
        id: expect.stringMatching(/^webhook_[0-9a-f]{12}$/),
        isEnabled: true,
        eventTypes: ["publish_start", "codec_detected"],
        filter: {
          ...plainFilter,
          conditions: [{ field: "data.bitrate", operator: "gt", value: 1_000_000 }],
        },
        policy,
        timeoutMs: 30_000,
        webhook: {
          url: "https://api.example.com/rtmp-events",
          method: "POST",
          headers: [],
          auth: {
            type: "hmac",
            secret: "w".repeat(24),
            algorithm: "sha256",
            header: "X-Signature",
            previousSecret: undefined,
            previousUntil: undefined,
            legacySignWith: "previous",
          },
          format: "seed",
          tls: { ca: undefined, cert: undefined, key: undefined, fingerprint: undefined },
          proxy: undefined,
          egress: "default",
          tlsPolicy: "public",
        },
      },
    ]);
    expect(settings.stdio).toEqual({
      format: "json",
      prefix: undefined,
      stream: "stdout",
      filter: { ...plainFilter, minSeverity: "info" },
    });
    expect(settings.warnings).toEqual([
      expect.stringMatching(/^f:28: hooks\.webhooks\[0\]\.filter\.conditions\[0\]\.field: .*data\.bitrate/),
    ]);
  });

  test("name the line of a script that is not there, as in the sample", () => {
    expect(faultsOf(() => resolveYaml(sampleFile))).toEqual([
      'f:13: hooks.scripts[0].script: "/opt/scripts/connection-monitor.sh" is no file, expected a script',
    ]);
  });
});

describe("what a hook does not say", () => {
  const yaml = `
hooks:
  default_config:
    timeout: 20s
    concurrency: 50
    retry: { max_attempts: 5, initial_delay: 2s, jitter: off }
    delivery: { guarantee_level: at-least-once, ordering: strict }
    egress: any
  webhooks:
    - event_types: ["*"]
      url: https://h/
    - event_types: ["*"]
      url: https://h/own
      timeout: 5s
      concurrency: 3
      egress: public-only
      tls_policy: strict
      retry: { max_attempts: 2, backoff_strategy: fixed }
      delivery: { guarantee_level: none, max_age: 1m }
`;

  test("is said by the file's defaults, key by key", () => {
    const { hooks, concurrency } = resolveYaml(yaml);
    expect(concurrency).toBe(50);
    expect(hooks.map(({ timeoutMs }) => timeoutMs)).toEqual([20_000, 5_000]);
    expect(
      hooks.map((hook) => hook.kind === "webhook" && [hook.webhook.egress, hook.webhook.tlsPolicy]),
    ).toEqual([
      ["any", "public"],
      ["public-only", "strict"],
    ]);
    const policy = { ...plainPolicy, initialDelayMs: 2_000, hasJitter: false, ordering: "strict" };
    expect(hooks.map((hook) => hook.policy)).toEqual([
      { ...policy, maxAttempts: 5, guarantee: "at-least-once" },
      { ...policy, maxAttempts: 2, backoff: "fixed", maxAgeMs: 60_000, concurrency: 3 },
    ] as never);
  });

  test("is said by the flags before the file's defaults", () => {
    const { hooks, concurrency } = resolveYaml(yaml, {
      default_config: {
        timeout: 7_000,
        concurrency: 9,
        retry: { max_attempts: 8 },
        delivery: { ordering: "none" },
        egress: "default",
      },
    });
    expect(concurrency).toBe(9);
    expect(
      hooks.map(({ timeoutMs, policy }) => [
        timeoutMs,
        policy.maxAttempts,
        policy.ordering,
        policy.initialDelayMs,
      ]),
    ).toEqual([
      [7_000, 8, "none", 2_000],
      [5_000, 2, "none", 2_000],
    ]);
  });

  test("leaves attempts to the age where delivery is promised, and makes one where it is not", () => {
    const { hooks } = resolveYaml(
      webhooks("delivery: { guarantee_level: at-least-once }", "retry: { jitter: no }"),
    );
    expect(hooks.map(({ policy }) => policy.maxAttempts)).toEqual([undefined, 1]);
  });

  test("fits a delay to the other one that is given", () => {
    const { hooks } = resolveYaml(webhooks("retry: { initial_delay: 5m }", "retry: { max_delay: 500ms }"));
    expect(hooks.map(({ policy }) => [policy.initialDelayMs, policy.maxDelayMs])).toEqual([
      [300_000, 300_000],
      [500, 500],
    ]);
  });

  test("bounds the time of an execution by the wait for a confirmation", () => {
    const { hooks } = resolveYaml(
      webhooks("timeout: 5s", "delivery: { confirm_timeout: 40s }", "delivery: { confirm_timeout: 3s }"),
      { default_config: { delivery: { confirm_timeout: 10_000 } } },
    );
    expect(hooks.map(({ timeoutMs }) => timeoutMs)).toEqual([5_000, 30_000, 3_000]);
  });
});

describe("hooks of flags", () => {
  const flags: HookFile = {
    scripts: [{ id: "shell_0", event_types: ["publish_start"], script }],
    webhooks: [
      {
        id: "webhook_0",
        event_types: ["*"],
        url: "https://h/",
        auth: { type: "api_key", key: "hide" },
        headers: { "X-A": "b" },
      },
    ],
    stdio: { format: "env" },
  };

  test("stand behind those of the file, and their auth is theirs alone", () => {
    const { hooks, stdio } = resolveYaml(webhooks("id: mine"), flags);
    expect(hooks.map(({ id }) => id)).toEqual(["mine", "shell_0", "webhook_0"]);
    expect(hooks.map((hook) => hook.kind === "webhook" && [hook.webhook.auth, hook.webhook.headers])).toEqual(
      [[undefined, []], false, [{ type: "api_key", key: "hide", header: "X-API-Key" }, [["X-A", "b"]]]],
    );
    expect(stdio).toEqual({ format: "env", prefix: undefined, stream: "stdout", filter: plainFilter });
  });

  test("and of the file share standard output, key by key", () => {
    const file = "hooks:\n  stdio: { format: json, prefix: 'E: ', filter: { min_severity: error } }";
    expect(resolveYaml(file, { stdio: { stream: "stderr" } }).stdio).toEqual({
      format: "json",
      prefix: "E: ",
      stream: "stderr",
      filter: { ...plainFilter, minSeverity: "error" },
    });
    expect(resolveYaml(file, { stdio: { format: "env", prefix: "F" } }).stdio).toMatchObject({
      format: "env",
      prefix: "F",
    });
    expect(resolveYaml("hooks:\n  stdio: { stream: both }").stdio).toMatchObject({
      format: "json",
      stream: "both",
    });
    expect(resolveHookSettings({ flags: { stdio: { prefix: "x" } } }, { now }).stdio).toBeUndefined();
  });

  test("are spoken of by the name of their flag", () => {
    const bad: HookFile = {
      scripts: [{ id: "a", event_types: ["publish_start"], script: join(directory, "none") }],
      webhooks: [{ id: "b", event_types: ["publish_strat"], url: "https://h/#x" }],
      default_config: { delivery: { dead_letter_url: "ftp://h/" } },
    };
    expect(faultsOf(() => resolveHookSettings({ flags: bad }, { now }))).toEqual([
      `--hook-script: "${directory}/none" is no file, expected a script`,
      expect.stringMatching(/^--hook-webhook: "https:\/\/h\/" has a fragment/),
      '--hook-webhook: unknown event type "publish_strat", did you mean publish_start?',
      expect.stringMatching(/^--hook-dead-letter-url: "ftp:\/\/h\/" is no webhook URL/),
    ]);
  });
});

describe("the identity of a hook", () => {
  test("stays while its target does, and tells nothing of it", () => {
    const [a, b, c] = [
      "hooks:\n  webhooks: [{event_types: ['*'], url: https://secret/}]",
      "hooks:\n  webhooks: [{event_types: [publish_stop], url: https://secret/, timeout: 3s}]",
      "hooks:\n  webhooks: [{event_types: ['*'], url: https://secret/2}]",
    ].map((yaml) => resolveYaml(yaml).hooks[0]?.id ?? "");
    expect(a).toBe(b ?? "");
    expect(a).not.toBe(c ?? "");
    expect(a).not.toContain("secret");
  });

  test("may not be that of another, whoever asks for it", () => {
    const yaml = `
hooks:
  scripts:
    - { event_types: ["*"], script: $\{SCRIPT} , id: a }
    - { event_types: ["*"], script: $\{SCRIPT} }
    - { event_types: ["*"], script: $\{SCRIPT} }
  webhooks:
    - { event_types: ["*"], url: https://h/, id: a }
    - { event_types: ["*"], url: https://h/ }
`.replaceAll(`$\{SCRIPT}`, `"$\{SCRIPT}"`);
    const flags: HookFile = { webhooks: [{ id: "a", event_types: ["*"], url: "https://x/" }] };
    expect(faultsOf(() => resolveYaml(yaml, flags))).toEqual([
      "f:6: hooks.scripts[2]: two hooks run the same script, expected an id for each",
      "f:8: hooks.webhooks[0].id: a stands twice, expected an id of its own",
      "--hook-webhook: a stands twice, expected an id of its own",
    ]);
  });
});

describe("types of events", () => {
  test("may be called by other names, with a warning", () => {
    const { hooks, warnings } = resolveYaml(`
hooks:
  webhooks:
    - event_types: [PublishStart, stream_stop, publish_start]
      url: https://h/
      filter: { event_types: [PublishStart] }
    - event_types: [publish_start, "*"]
      url: https://h/2
      filter: { event_types: "*" }
`);
    expect(hooks.map(({ eventTypes, filter }) => [eventTypes, filter.eventTypes])).toEqual([
      [["publish_start", "publish_stop"], ["publish_start"]],
      [["*"], undefined],
    ]);
    expect(warnings).toEqual([
      "f:4: hooks.webhooks[0].event_types[0]: event PublishStart is called publish_start here",
      "f:4: hooks.webhooks[0].event_types[1]: event stream_stop is called publish_stop here",
      "f:6: hooks.webhooks[0].filter.event_types[0]: event PublishStart is called publish_start here",
    ]);
  });
});

describe("a fault between several keys is told with its line:", () => {
  const rows: { name: string; yaml: string; faults: string[] }[] = [
    {
      name: "an unknown event",
      yaml: "hooks:\n  webhooks:\n    - url: https://h/\n      event_types:\n        - publish_start\n        - publish_strat",
      faults: [
        'f:6: hooks.webhooks[0].event_types[1]: unknown event type "publish_strat", did you mean publish_start?',
      ],
    },
    {
      name: "an unknown event of a filter of standard output",
      yaml: "hooks:\n  stdio:\n    filter:\n      event_types: [foo_bar]",
      faults: ['f:4: hooks.stdio.filter.event_types[0]: unknown event type "foo_bar", expected'],
    },
    {
      name: "a URL of another kind",
      yaml: "hooks:\n  webhooks:\n    - event_types: '*'\n      url: ftp://u:hide@h/",
      faults: ['f:4: hooks.webhooks[0].url: "ftp://***@h/" is no webhook URL'],
    },
    {
      name: "a delay against a default",
      yaml: `hooks:\n  default_config:\n    retry: {max_delay: 10s}\n${webhooks("retry: {initial_delay: 1m}").replace("hooks:\n", "")}`,
      faults: ["f:7: hooks.webhooks[0].retry: initial_delay 1m is longer than max_delay 10s"],
    },
    {
      name: "format and template that differ",
      yaml: webhooks("{}".replace("{}", "format: slack\n      template: raw")),
      faults: ["f:6: hooks.webhooks[0].template: raw, but format is slack, expected one of them"],
    },
    {
      name: "http against the policy",
      yaml: webhooks("tls_policy: strict").replace("https:", "http:"),
      faults: ["f:4: hooks.webhooks[0].url: http, expected https with tls_policy strict"],
    },
    {
      name: "a dead letter that is no URL",
      yaml: "hooks:\n  default_config:\n    delivery:\n      dead_letter_url: backup",
      faults: ['f:4: hooks.default_config.delivery.dead_letter_url: "***" is no webhook URL'],
    },
    {
      name: "a dead letter against the policy",
      yaml: "hooks:\n  default_config:\n    tls_policy: strict\n    delivery:\n      dead_letter_url: http://h/",
      faults: [
        "f:5: hooks.default_config.delivery.dead_letter_url: http, expected https with tls_policy strict",
      ],
    },
    {
      name: "a directory that is none",
      yaml: `hooks:\n  scripts:\n    - event_types: '*'\n      script: "$\{SCRIPT}"\n      cwd: /no/such`,
      faults: ['f:5: hooks.scripts[0].cwd: "/no/such" is no directory'],
    },
    {
      name: "a directory as script",
      yaml: "hooks:\n  scripts:\n    - event_types: '*'\n      script: /",
      faults: ['f:4: hooks.scripts[0].script: "/" is no file, expected a script'],
    },
  ];
  for (const { name, yaml, faults } of rows) {
    test(name, () => {
      const told = faultsOf(() => resolveYaml(yaml));
      expect(told.map((line, index) => line.substring(0, (faults[index] ?? "").length))).toEqual(faults);
      expect(told.join("\n")).not.toContain("hide");
    });
  }
});

describe("a warning is given of", () => {
  const auth = (text: string): string => webhooks(`auth: ${text}`);
  const long = "x".repeat(24);
  const rows: { name: string; yaml: string; warning: string | undefined }[] = [
    { name: "nothing that is well", yaml: auth(`{type: hmac, secret: ${long}}`), warning: undefined },
    {
      name: "a short secret",
      yaml: auth("{type: hmac, secret: hide}"),
      warning: "f:5: hooks.webhooks[0].auth.secret: secret of 4 bytes, 24 or more are safe",
    },
    {
      name: "a short secret in Base64",
      yaml: auth("{type: hmac, secret: whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAA}"),
      warning: "f:5: hooks.webhooks[0].auth.secret: secret of 21 bytes",
    },
    {
      name: "a short key of tokens",
      yaml: auth("{type: jwt, secret: hide}"),
      warning: "f:5: hooks.webhooks[0].auth.secret: secret of 4 bytes",
    },
    {
      name: "sha1",
      yaml: auth(`{type: hmac, secret: ${long}, algorithm: sha1}`),
      warning: "f:5: hooks.webhooks[0].auth.algorithm: sha1 is weak",
    },
    {
      name: "a secret without end",
      yaml: auth(`{type: hmac, secret: ${long}, previous_secret: y}`),
      warning: "f:5: hooks.webhooks[0].auth.previous_secret: no previous_until",
    },
    {
      name: "an end that has passed",
      yaml: auth(`{type: hmac, secret: ${long}, previous_secret: y, previous_until: 2025-12-31T23:59:59Z}`),
      warning: "f:5: hooks.webhooks[0].auth.previous_until: has passed",
    },
    {
      name: "two authorizations",
      yaml: webhooks("headers: {authorization: x}\n      auth: {type: basic, username: u, password: p}"),
      warning: "f:3: hooks.webhooks[0]: headers and auth set the header Authorization",
    },
    {
      name: "a user beside a token",
      yaml: webhooks(`auth: {type: jwt, secret: ${long}}`).replace("//h", "//u:p@h"),
      warning: "f:3: hooks.webhooks[0]: the user of url and auth set",
    },
    {
      name: "a dead letter over http",
      yaml: "hooks:\n  default_config:\n    delivery:\n      dead_letter_url: http://backup/x",
      warning: "f:4: hooks.default_config.delivery.dead_letter_url: http, so anybody",
    },
    {
      name: "a filter against the hook",
      yaml: webhooks("filter: {event_types: publish_stop}"),
      warning: "f:5: hooks.webhooks[0].filter.event_types: no event of this hook passes its filter",
    },
    {
      name: "a field that the event never has",
      yaml: webhooks("filter: {conditions: [{field: data.cpu, operator: gt, value: 1}]}"),
      warning: "f:5: hooks.webhooks[0].filter.conditions[0].field: no event of this hook has data.cpu",
    },
    {
      name: "a field that some events never have",
      yaml: webhooks("filter: {conditions: [{field: data.channels, operator: gt, value: 1}]}").replace(
        "[publish_start]",
        "[publish_start, codec_detected]",
      ),
      warning:
        "f:5: hooks.webhooks[0].filter.conditions[0].field: publish_start has data.channels, so this lets none of it pass",
    },
    {
      name: "no field that is asked for by exists",
      yaml: webhooks("filter: {conditions: [{field: data.cpu, operator: exists, value: false}]}"),
      warning: undefined,
    },
    {
      name: "no field of few among all events",
      yaml: webhooks("filter: {conditions: [{field: data.channels, operator: gt, value: 1}]}").replace(
        "[publish_start]",
        "'*'",
      ),
      warning: undefined,
    },
  ];
  for (const { name, yaml, warning } of rows) {
    test(name, () => {
      const { warnings } = resolveYaml(yaml);
      expect(warnings.map((line) => line.substring(0, warning?.length))).toEqual(warning ? [warning] : []);
      expect(warnings.join("\n")).not.toContain("hide");
    });
  }

  test("a script that anybody can change", () => {
    const open = join(directory, "open.sh");
    writeFileSync(open, "");
    chmodSync(open, 0o777);
    const yaml = `hooks:\n  scripts:\n    - event_types: '*'\n      script: ${open}`;
    expect(resolveYaml(yaml).warnings).toEqual([
      "f:4: hooks.scripts[0].script: hook script can be changed by anybody",
    ]);
  });

  test("what was said before, first", () => {
    expect(resolveHookSettings({}, { now, warnings: ["one", "one"] }).warnings).toEqual(["one"]);
  });
});

describe("what is asked for", () => {
  test("of a previous secret ends when it is said, or a day after the file is read", () => {
    const long = "x".repeat(24);
    const { hooks } = resolveYaml(
      webhooks(
        `auth: {type: hmac, secret: ${long}}`,
        `auth: {type: hmac, secret: ${long}, previous_secret: p}`,
        `auth: {type: hmac, secret: ${long}, previous_secret: p, expiry: 1h}`,
        `auth: {type: hmac, secret: ${long}, previous_secret: p, previous_until: 2026-01-03T00:00:00Z}`,
      ),
    );
    const until = hooks.map(
      (hook) =>
        hook.kind === "webhook" && hook.webhook.auth?.type === "hmac" && hook.webhook.auth.previousUntil,
    );
    expect(until).toEqual([undefined, now + 86_400_000, now + 3_600_000, now + 2 * 86_400_000]);
  });

  test("of a webhook is kept", () => {
    const { hooks } = resolveYaml(
      webhooks(
        "template: raw\n      method: PUT\n      headers: {X-A: b}\n      proxy: http://p:3128\n      enabled: off",
        "auth: {type: oauth2, client_id: c, client_secret: s, token_url: https://h/t, scopes: [a]}",
        `auth: {type: jwt, secret: ${"x".repeat(24)}, claims: {a: b}}\n      format: slack`,
        "template: discord",
      ),
    );
    expect(
      hooks.map((hook) => [hook.isEnabled, hook.kind === "webhook" ? hook.webhook : undefined]),
    ).toMatchObject([
      [
        false,
        { method: "PUT", headers: [["X-A", "b"]], proxy: "http://p:3128/", format: "seed", auth: undefined },
      ],
      [
        true,
        {
          auth: {
            type: "oauth2",
            clientId: "c",
            clientSecret: "s",
            tokenUrl: "https://h/t",
            scopes: ["a"],
            audience: undefined,
          },
        },
      ],
      [
        true,
        {
          format: "slack",
          auth: {
            type: "jwt",
            algorithm: "HS256",
            issuer: "rtmp-server",
            ttlMs: 3_600_000,
            claims: { a: "b" },
          },
        },
      ],
      [true, { format: "discord" }],
    ]);
  });

  test("of a script is kept, with paths made absolute", () => {
    const yaml = `
hooks:
  scripts:
    - event_types: "*"
      script: package.json
      args: [-v]
      mode: stream
      env: { A: b }
      env_mode: clean
      cwd: src
      uid: 1000
      gid: 100
`;
    const [hook] = resolveYaml(yaml).hooks;
    expect(hook?.kind === "shell" && hook.script).toEqual({
      path: join(process.cwd(), "package.json"),
      args: ["-v"],
      mode: "stream",
      env: { A: "b" },
      envMode: "clean",
      withheld: [],
      cwd: join(process.cwd(), "src"),
      uid: 1_000,
      gid: 100,
    });
  });

  test("of dead letters is sent over http only where that was asked for", () => {
    const { deadLetter } = resolveYaml(
      "hooks:\n  default_config:\n    delivery:\n      dead_letter_url: http://backup/x",
    );
    expect(deadLetter).toMatchObject({
      url: "http://backup/x",
      tlsPolicy: "off",
      auth: undefined,
      headers: [],
    });
    const secure = resolveHookSettings(
      { flags: { default_config: { tls_policy: "strict", delivery: { dead_letter_url: "https://b/" } } } },
      { now },
    );
    expect(secure).toMatchObject({ deadLetter: { url: "https://b/", tlsPolicy: "strict" }, warnings: [] });
  });

  test("of the monitors replaces their defaults", () => {
    const { quality } = resolveYaml(
      "hooks:\n  quality: { enabled: off, hook_ms: 5, connections: 7, resident_bytes: 1G }",
    );
    expect(quality).toEqual({
      ...defaultMonitorSettings,
      isEnabled: false,
      hookMs: 5,
      connections: 7,
      residentBytes: 1_073_741_824,
    });
  });
});
