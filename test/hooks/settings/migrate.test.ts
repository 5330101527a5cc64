import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { lintHooks } from "../../../src/hooks/settings/lint.ts";
import { parseHookFile } from "../../../src/hooks/settings/load-hook-file.ts";
import { type Migration, migrateFlags } from "../../../src/hooks/settings/migrate.ts";
import { resolveHookSettings } from "../../../src/hooks/settings/resolve-settings.ts";
import type { HookSettings } from "../../../src/hooks/settings/settings.ts";
import { holds } from "../../base/property.ts";
import { flagsOf, settingsOf } from "./command-line.ts";

const migrationOf = (...args: string[]): Migration => migrateFlags(flagsOf(...args));

/** What a migrated file means, where its variables have these values. */
const resolved = ({ text }: Migration, environment: Record<string, string>): HookSettings => {
  const { hooks, faultAt } = parseHookFile(text, { name: "hooks.yaml", environment });
  return resolveHookSettings({ file: hooks }, { now: 0, faultAt });
};

/** Without ids, and without warnings, which speak of flags or of lines. */
const bare = (settings: HookSettings): unknown => ({
  ...settings,
  hooks: settings.hooks.map(({ id: _, ...rest }) => rest),
  warnings: [],
});

describe("a migrated file", () => {
  test("says in its own words what the flags said", () => {
    const { text, variables } = migrateFlags(
      flagsOf(
        ...[
          "--hook-script",
          "*=./notify.sh",
          "--hook-webhook",
          "publish_start=https://h.example.com/x?token=hunter2",
        ],
        ...["--hook-filter-events", "publish_start", "--hook-auth-hmac-secret", "hunter2hunter2"],
        ...["--hook-header", "X-Source: studio", "--hook-header", "Authorization: Bearer hunter2"],
        ...["--hook-retry-initial-delay", "1500ms", "--hook-delivery-guarantee", "at-least-once"],
        ...["--hook-dead-letter-url", "https://u:hunter2@h.example.com/dead", "--hook-stdio-format", "env"],
      ),
      { remaining: ["listen", "hook-data-dir"] },
    );
    expect(text).not.toContain("hunter2");
    expect(variables).toEqual([
      "HOOK_HEADER_AUTHORIZATION",
      "HOOK_HMAC_SECRET",
      "HOOK_DEAD_LETTER_URL",
      "HOOK_WEBHOOK_0_URL",
    ]);
    expect(text).toBe(`# Hooks of rtmp-server, made of command line flags.
# Check:  rtmp-server hooks lint FILE
# Use:    rtmp-server --hook-config FILE, in place of those flags
#
# Secrets stay out of this file. Export these before the server starts, with what was typed behind the flag:
#   export HOOK_HEADER_AUTHORIZATION=...  (--hook-header)
#   export HOOK_HMAC_SECRET=...  (--hook-auth-hmac-secret)
#   export HOOK_DEAD_LETTER_URL=...  (--hook-dead-letter-url)
#   export HOOK_WEBHOOK_0_URL=...  (--hook-webhook)
# A secret may also be read from a file: write file:/path instead.
#
# These flags are still needed on the command line:
#   --listen
#   --hook-data-dir

hooks:
  # What every hook has that says nothing else.
  default_config:
    # When a failed execution is tried again; max_attempts counts the first one too.
    retry:
      initial_delay: 1500ms
    # at-least-once keeps events on disk until they are delivered.
    delivery:
      guarantee_level: at-least-once
      dead_letter_url: \${HOOK_DEAD_LETTER_URL}
  # Programs that are run. The id keeps the queue of a hook when anything else about it changes.
  scripts:
    - id: shell_0
      event_types:
        - "*"
      script: ./notify.sh
      # All of it has to let an event pass. Each hook may have its own.
      filter:
        event_types:
          - publish_start
  # URLs that are told, with the event as JSON.
  webhooks:
    - id: webhook_0
      event_types:
        - publish_start
      url: \${HOOK_WEBHOOK_0_URL}
      # How a request proves where it comes from. Each webhook may have its own.
      auth:
        type: hmac
        secret: \${HOOK_HMAC_SECRET}
      headers:
        X-Source: studio
        Authorization: \${HOOK_HEADER_AUTHORIZATION}
  # Events on standard output.
  stdio:
    format: env
    filter:
      event_types:
        - publish_start
`);
  });

  test("keeps the names of files that hold secrets, and asks for no variable", () => {
    const migration = migrationOf(
      ...["--hook-webhook", "*=http://127.0.0.1/", "--hook-auth-jwt-secret", "file:/run/secrets/jwt"],
      ...["--hook-auth-jwt-claim", "room=studio", "--hook-header", "X-Token: file:/run/secrets/token"],
    );
    expect(migration.variables).toEqual([]);
    expect(migration.text).not.toContain("export");
    for (const line of ["secret: file:/run/secrets/jwt", "X-Token: file:/run/secrets/token", "room: studio"])
      expect(migration.text).toContain(line);
  });

  test("asks for no secret that nothing uses", () => {
    expect(
      migrationOf("--hook-stdio-format", "json", "--hook-auth-hmac-secret", "hunter2").variables,
    ).toEqual([]);
  });

  test("means texts with a dollar and a brace as they were typed", () => {
    const args = ["--hook-webhook", "*=http://127.0.0.1/", "--hook-header", `X-A: \${HOME} $\${x} \${`];
    expect(bare(resolved(migrationOf(...args), {}))).toEqual(bare(settingsOf(...args)));
  });
});

const flag = (name: string, values: fc.Arbitrary<string>) => values.map((value) => [`--hook-${name}`, value]);
const maybe = (name: string, ...words: string[]) =>
  fc.option(flag(name, fc.constantFrom(...words)), { nil: [] as string[] });
const many = (name: string, ...words: string[]) =>
  fc.array(flag(name, fc.constantFrom(...words)), { maxLength: 3 }).map((found) => found.flat());

const secret = "a secret of more than 24 bytes";
const environment = {
  HOOK_API_KEY: secret,
  HOOK_HMAC_SECRET: secret,
  HOOK_JWT_SECRET: secret,
  HOOK_HEADER_X_TOKEN: secret,
  HOOK_DEAD_LETTER_URL: "https://u:p@dead.example.com/",
};
const urls = [
  "http://127.0.0.1/a",
  "https://h.example.com/b c",
  "https://u:p@h.example.com/",
  "https://h.example.com/?k=v",
];

const commandLine = fc
  .tuple(
    many("script", "*=/bin/true", "publish_start=/bin/true", "PublishStop=/bin/false"),
    many("webhook", ...urls.flatMap((url) => [`*=${url}`, `publish_start=${url}`])),
    maybe("stdio-format", "json", "env"),
    maybe("stdio-prefix", "RTMP_EVENT: ", `\${x}`, ""),
    maybe("stdio-stream", "stdout", "both"),
    maybe("timeout", "1500ms", "30s", "1h1ms", "0.1s"),
    maybe("concurrency", "1", "1000"),
    many("filter-events", "publish_start,StreamStop", "codec_detected"),
    many("filter-streams", "live/*,!live/{a,b}", "**"),
    many(
      "filter-condition",
      "data.bitrate>=1e3",
      'data.title *= "007"',
      "data.fatal=true",
      "conn_id=~^c[0-9]+$",
    ),
    maybe("rate-limit", "10/1m", "1/1500ms"),
    maybe("rate-burst", "5"),
    maybe("min-severity", "info", "critical"),
    maybe("auth-api-key", secret),
    maybe("auth-header", "X-Api"),
    maybe("auth-hmac-secret", secret),
    maybe("auth-hmac-algorithm", "sha1"),
    maybe("auth-jwt-secret", secret),
    maybe("auth-jwt-issuer", "me"),
    maybe("auth-jwt-ttl", "90s"),
    many("auth-jwt-claim", "a=b", "c=1", `d=\${e}`),
    many("header", "X-Source: yes", `X-Token: ${secret}`),
    maybe("retry-max-attempts", "3"),
    maybe("retry-initial-delay", "250ms", "1s"),
    maybe("retry-max-delay", "61s", "500ms"),
    maybe("retry-backoff", "linear", "fixed"),
    maybe("retry-jitter", "false", "true"),
    maybe("delivery-guarantee", "at-least-once", "none"),
    maybe("delivery-timeout", "5s"),
    maybe("dead-letter-url", "https://u:p@dead.example.com/", "http://127.0.0.1/dead"),
    maybe("egress", "any", "public-only"),
    maybe("tls-policy", "off", "public"),
  )
  .map((parts) => parts.flat())
  // Two hooks of one flag with the same delays: a first delay beyond the longest is refused before this.
  .filter((args) => !(args.includes("1s") && args.includes("500ms")));

describe("migrating", () => {
  test("changes nothing about what any flags mean, and shows no secret", () => {
    holds(
      fc.property(commandLine, (args) => {
        const before = settingsOf(...args);
        const migration = migrationOf(...args);
        expect(migration.text).not.toContain(secret);
        expect(migration.text).not.toContain("u:p@");
        const webhooks = before.hooks.flatMap((hook) => (hook.kind === "webhook" ? [hook.webhook.url] : []));
        const own = Object.fromEntries(webhooks.map((url, index) => [`HOOK_WEBHOOK_${index}_URL`, url]));
        const all: Record<string, string> = { ...environment, ...own };
        const needed = Object.fromEntries(migration.variables.map((name) => [name, all[name] ?? ""]));
        const after = resolved(migration, needed);
        expect(bare(after)).toEqual(bare(before));
        expect(lintHooks(after).join("\n")).not.toContain(secret);
      }),
      { numRuns: 300 },
    );
  });

  test("keeps the queues of hooks: they have the names they had", () => {
    const args = ["--hook-script", "*=/bin/true", "--hook-webhook", "*=http://127.0.0.1/"];
    const ids = ({ hooks }: HookSettings): string[] => hooks.map(({ id }) => id);
    expect(ids(resolved(migrationOf(...args), {}))).toEqual(ids(settingsOf(...args)));
  });
});
