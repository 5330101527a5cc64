import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { compileCondition } from "../../../src/hooks/filter/condition.ts";
import type { ConditionSettings, ConditionValue } from "../../../src/hooks/filter/filter-settings.ts";
import { lintHooks } from "../../../src/hooks/settings/lint.ts";
import { lintFilter } from "../../../src/hooks/settings/lint-filter.ts";
import { reachOf } from "../../../src/hooks/settings/lint-webhook.ts";
import { parseHookFile } from "../../../src/hooks/settings/load-hook-file.ts";
import { resolveHookSettings } from "../../../src/hooks/settings/resolve-settings.ts";
import { holds } from "../../base/property.ts";
import { sampleEvent } from "../sample-event.ts";

const folder = mkdtempSync(join(tmpdir(), "lint-"));
afterAll(() => rmSync(folder, { recursive: true }));
const script = join(folder, "script.sh");
writeFileSync(script, "#!/bin/sh\n", { mode: 0o755 });
const plainFile = join(folder, "plain.sh");
writeFileSync(plainFile, "#!/bin/sh\n", { mode: 0o644 });

/** What is said of `hooks:` in YAML. */
const lint = (yaml: string): string[] => {
  const { hooks, faultAt } = parseHookFile(`hooks:\n${yaml}`, { name: "h.yaml", environment: {} });
  return lintHooks(resolveHookSettings({ file: hooks }, { now: 0, faultAt }));
};

const key = "a secret of more than 24 bytes";
const auth = `auth: { type: hmac, secret: "${key}" }`;
const webhook = (rest: string, url = "http://127.0.0.1/"): string =>
  `  webhooks:\n    - { id: w, event_types: [publish_start], url: "${url}", ${rest} }`;
const filtered = (types: string, filter: string): string =>
  `  scripts:\n    - { id: s, event_types: [${types}], script: "${script}", filter: { ${filter} } }`;

describe("lint", () => {
  const rows: { name: string; yaml: string; says: string[] }[] = [
    { name: "a plain script", yaml: filtered("publish_start", "stream_patterns: [live/*]"), says: [] },
    { name: "a signed webhook to a public host", yaml: webhook(auth, "https://h.example.com/"), says: [] },
    { name: "a webhook without auth to this machine", yaml: webhook("enabled: yes"), says: [] },
    { name: "no hook", yaml: "  default_config: {}", says: ["there is no hook"] },
    { name: "a hook that is switched off", yaml: webhook("enabled: off", "http://h.example.com/"), says: [] },
    {
      name: "a field that no event of the hook has",
      yaml: webhook("filter: { conditions: [{ field: data.sample_rate, operator: gt, value: 1 }] }"),
      says: [
        "h.yaml:3: hooks.webhooks[0].filter.conditions[0].field: no event of this hook has data.sample_rate, so this lets none of it pass",
      ],
    },
    {
      name: "types of events that exclude each other",
      yaml: filtered("publish_start", "event_types: [publish_stop]"),
      says: ["h.yaml:3: hooks.scripts[0].filter.event_types: no event of this hook passes its filter"],
    },
    {
      name: "a type of event that the hook is not bound to",
      yaml: filtered("publish_start, play_start", "event_types: [publish_start, publish_stop]"),
      says: ["s: its filter lets publish_stop pass, which it is not bound to"],
    },
    {
      name: "a severity that its events never have",
      yaml: filtered("publish_start, protocol_error", "min_severity: error"),
      says: [
        "s: gets nothing: min_severity error is above everything that publish_start, protocol_error may be",
      ],
    },
    {
      name: "a severity that some of its events may have",
      yaml: filtered("publish_start, quality_alert", "min_severity: critical"),
      says: [],
    },
    {
      name: "patterns that fit no stream",
      yaml: filtered(
        "publish_start",
        "stream_patterns: ['premium*', 'live/', 'live//a', '**', '{a,b/c}', '!x']",
      ),
      says: [
        "s: stream pattern live/ fits nothing: a stream key neither begins nor ends with /",
        "s: stream pattern live//a fits nothing: a stream key has no empty part between two /",
        "s: stream pattern premium* fits nothing: a stream key is APP/NAME, and * stops at /",
        "s: stream pattern x fits nothing: a stream key is APP/NAME, and * stops at /",
      ],
    },
    {
      name: "patterns that are excluded again",
      yaml: filtered("publish_start", "stream_patterns: ['live/*', 'vod/a', 'vip/**', '!vod/*', '!vip/**']"),
      says: [
        "s: stream pattern vip/** is excluded by a pattern with !",
        "s: stream pattern vod/a is excluded by a pattern with !",
      ],
    },
    {
      name: "patterns for events without a stream",
      yaml: filtered("connection_accept", "stream_patterns: ['live/*']"),
      says: ["s: stream patterns have no effect: connection_accept belong to no stream"],
    },
    {
      name: "patterns that events without a stream have to fit",
      yaml: filtered("connection_accept", "stream_patterns: ['live/*'], require_stream: true"),
      says: ["s: gets nothing: connection_accept belong to no stream, and require_stream is on"],
    },
    {
      name: "conditions that contradict each other",
      yaml: filtered(
        "codec_detected",
        "conditions: [{ field: data.channels, operator: gt, value: 2 }, { field: data.channels, operator: lt, value: 2 }]",
      ),
      says: ["s: gets nothing: data.channels cannot be gt 2 and lt 2"],
    },
    {
      name: "a burst under a strict limit",
      yaml: filtered(
        "publish_start",
        "rate_limit: { max_events: 2, time_window: 1s, burst_size: 5, strict: true }",
      ),
      says: ["s: burst 5 has no effect: the strict limit is 2"],
    },
    {
      name: "plain http to a public host",
      yaml: webhook(auth, "http://h.example.com/x?token=hunter2"),
      says: [
        "w: never sent: http://h.example.com/x?token=*** is plain http to a public host, and tls_policy is public; use https",
      ],
    },
    {
      name: "plain http to a public host that was asked for",
      yaml: webhook(`tls_policy: off, ${auth}`, "http://8.8.8.8/"),
      says: [
        "w: anybody on the way can read and change what is sent to http://8.8.8.8/: plain http to a public host",
      ],
    },
    {
      name: "addresses that the policy keeps away",
      yaml: `  default_config: { egress: public-only }\n${webhook(auth, "https://10.1.2.3/")}`,
      says: ["w: never sent: https://10.1.2.3/ is no public address, and egress is public-only"],
    },
    {
      name: "an address of cloud metadata",
      yaml: webhook(auth, "http://169.254.169.254/"),
      says: ["w: never sent: http://169.254.169.254/ is a link-local address, and egress is default"],
    },
    {
      name: "a public host without auth",
      yaml: webhook("enabled: yes", "https://h.example.com/"),
      says: ["w: https://h.example.com/ is public and cannot know who sent an event; give it auth"],
    },
    {
      name: "a public host whose URL is the secret",
      yaml: webhook("enabled: yes", "https://h.example.com/api/AbCdEf0123456789AbCdEf01"),
      says: [],
    },
    {
      name: "a header that auth sets too",
      yaml: webhook(`headers: { x-signature: a }, ${auth}`),
      says: ["w: header x-signature is set by auth too"],
    },
    {
      name: "a script that nobody may execute",
      yaml: `  scripts:\n    - { id: s, event_types: "*", script: "${plainFile}" }`.replace('"*"', '["*"]'),
      says: [`s: script ${JSON.stringify(plainFile)} is not executable; chmod +x`],
    },
    {
      name: "promises that one attempt cannot keep",
      yaml: webhook("retry: { max_attempts: 1 }, delivery: { guarantee_level: at-least-once }"),
      says: ["w: at-least-once with one attempt: what fails once is a dead letter at once"],
    },
    {
      name: "events that are switched off",
      yaml: `  quality: { enabled: no }\n  scripts:\n    - { id: s, event_types: [bitrate_change], script: "${script}" }`,
      says: ["s: bitrate_change is never raised: it is switched off under quality"],
    },
    {
      name: "two hooks for one place",
      yaml: `  scripts:\n    - { id: a, event_types: [publish_start], script: "${script}" }\n    - { id: b, event_types: ["*"], script: "${script}" }`,
      says: ["a: gets publish_start twice, as b goes to the same place"],
    },
    {
      name: "two hooks for one place and other streams",
      yaml: `  scripts:\n    - { id: a, event_types: [publish_start], script: "${script}" }\n    - { id: b, event_types: ["*"], script: "${script}", filter: { stream_patterns: [live/*] } }`,
      says: [],
    },
    {
      name: "one secret for two places",
      yaml: `  webhooks:\n    - { id: a, event_types: [publish_start], url: "https://a.example.com", ${auth} }\n    - { id: b, event_types: [publish_start], url: "https://b.example.com", ${auth} }`,
      says: ["a, b: one secret for https://a.example.com, https://b.example.com; give each its own"],
    },
    {
      name: "the filter of standard output",
      yaml: "  stdio: { filter: { stream_patterns: [live] } }",
      says: ["stdio: stream pattern live fits nothing: a stream key is APP/NAME, and * stops at /"],
    },
  ];
  for (const { name, yaml, says } of rows) {
    test(`${says.length > 0 ? "tells of" : "has nothing to say about"} ${name}`, () => {
      const found = lint(yaml);
      expect(found).toEqual(says);
      expect(found.join("\n")).not.toContain(key);
    });
  }

  test("tells of everything once, in the order of names and numbers", () => {
    const hooks = Array.from(
      { length: 11 },
      (_, index) =>
        `    - { id: hook_${index}, event_types: [publish_start], url: "http://p${index}.example.com/" }`,
    );
    const ids = lint(`  webhooks:\n${hooks.join("\n")}`).map((line) => line.split(":")[0]);
    expect(ids).toEqual([...Array(11).keys()].flatMap((index) => [`hook_${index}`, `hook_${index}`]));
  });

  test("never calls conditions contradictory that one event fulfils", () => {
    const value = fc.constantFrom<ConditionValue>(1, 2, 3, "1", "1.0", "2", "x", true, "true");
    const operator = fc.constantFrom("eq", "ne", "gt", "gte", "lt", "lte", "contains", "exists");
    const condition = fc
      .tuple(operator, value)
      .map(([operator, value]) => ({ field: "data.fps", operator, value }) as ConditionSettings)
      .filter((settings) => {
        try {
          compileCondition(settings);
          return true;
        } catch {
          return false;
        }
      });
    const field = fc.option(fc.constantFrom(0, 1, 1.5, 2, 3, 4, "1", "2", "x", "1.0", true, false), {
      nil: undefined,
    });
    let contradictions = 0;
    holds(
      fc.property(condition, condition, field, (a, b, fps) => {
        const filter = { ...noFilter, conditions: [a, b] };
        if (lintFilter(filter, ["*"]).length === 0) return;
        contradictions++;
        const event = { ...sampleEvent(), data: fps === undefined ? {} : { fps } };
        const isFulfilled = [a, b].every((each) => compileCondition(each)(event) === undefined);
        expect(isFulfilled, JSON.stringify([a, b, fps])).toBe(false);
      }),
      { numRuns: 3_000 },
    );
    expect(contradictions).toBeGreaterThan(100);
  });
});

const noFilter = {
  eventTypes: undefined,
  streamPatterns: undefined,
  requiresStream: false,
  conditions: [],
  rateLimit: undefined,
  minSeverity: undefined,
} as const;

describe("the reach of a URL", () => {
  const rows: [url: string, reach: ReturnType<typeof reachOf>][] = [
    ["http://127.0.0.1:80/", "loopback"],
    ["http://localhost/", "loopback"],
    ["http://[::1]/", "loopback"],
    ["http://0x7f.1/", "loopback"],
    ["http://[::ffff:10.0.0.1]/", "private"],
    ["http://192.168.1.1/", "private"],
    ["http://100.64.0.1/", "private"],
    ["http://[fd00::1]/", "private"],
    ["http://stream-orchestration:8080/", "private"],
    ["http://nas.local/", "private"],
    ["http://169.254.169.254/", "link-local"],
    ["http://[fe80::1]/", "link-local"],
    ["http://8.8.8.8/", "public"],
    ["https://h.example.com/", "public"],
    ["https://local.example.com/", "public"],
  ];
  for (const [url, reach] of rows) {
    test(`${url} is ${reach}`, () => {
      expect(reachOf(url)).toBe(reach);
    });
  }
});
