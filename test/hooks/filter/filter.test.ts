import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { catalogue } from "../../../src/hooks/event/catalogue.ts";
import { type HookEvent, severities } from "../../../src/hooks/event/hook-event.ts";
import { mayCarry } from "../../../src/hooks/filter/field-path.ts";
import { HookFilter, type HookFilterOptions } from "../../../src/hooks/filter/filter.ts";
import type { FilterSettings, RateLimitSettings } from "../../../src/hooks/filter/filter-settings.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { sampleEvent } from "../sample-event.ts";

const everything: FilterSettings = {
  eventTypes: undefined,
  streamPatterns: undefined,
  requiresStream: false,
  conditions: [],
  rateLimit: undefined,
  minSeverity: undefined,
};

const onePerMinute: RateLimitSettings = {
  maxEvents: 1,
  windowMs: 60_000,
  burst: undefined,
  key: "hook",
  isStrict: false,
};

const filterOf = (settings: Partial<FilterSettings>, options: Partial<HookFilterOptions> = {}): HookFilter =>
  new HookFilter({
    eventTypes: ["*"],
    settings: { ...everything, ...settings },
    clock: new FakeClock(),
    ...options,
  });

const verdictOf = (filter: HookFilter, event: HookEvent): string => {
  const verdict = filter.judge(event);
  return verdict ? `${verdict.filter} ${verdict.reason}` : "passed";
};

describe("a filter", () => {
  test("that asks for nothing lets every event of the catalogue pass", () => {
    const filter = filterOf({});
    for (const { type, severity } of catalogue)
      expect(verdictOf(filter, sampleEvent({ type, severity }))).toBe("passed");
  });

  test("asks in its order: what fails everything fails by the first, then by the next", () => {
    const strictest: FilterSettings = {
      eventTypes: ["publish_stop"],
      streamPatterns: ["vod/*"],
      requiresStream: false,
      conditions: [{ field: "data.bitrate", operator: "gt", value: 5 }],
      rateLimit: onePerMinute,
      minSeverity: "warning",
    };
    const easings: [Partial<HookFilterOptions>, Partial<FilterSettings>, string][] = [
      [{}, {}, "enabled disabled"],
      [{ isEnabled: true }, {}, "binding not_bound"],
      [{ eventTypes: ["publish_start"] }, {}, "event_types not_listed"],
      [{}, { eventTypes: ["publish_start"] }, "min_severity below_minimum"],
      [{}, { minSeverity: "info" }, "stream_patterns no_match"],
      [{}, { streamPatterns: ["!live/*"] }, "stream_patterns excluded"],
      [{}, { streamPatterns: ["live/*"] }, "conditions missing_field"],
      [{}, { conditions: [{ field: "data.app", operator: "eq", value: "vod" }] }, "conditions not_fulfilled"],
      [{}, { conditions: [{ field: "data.app", operator: "gt", value: 1 }] }, "conditions type_mismatch"],
      [{}, { conditions: [] }, "passed"],
    ];
    let options: Partial<HookFilterOptions> = { isEnabled: false, eventTypes: ["play_start"] };
    let settings = strictest;
    for (const [easierOptions, easierSettings, verdict] of easings) {
      options = { ...options, ...easierOptions };
      settings = { ...settings, ...easierSettings };
      expect(verdictOf(filterOf(settings, options), sampleEvent())).toBe(verdict);
    }
    const filter = filterOf(settings, options);
    expect([verdictOf(filter, sampleEvent()), verdictOf(filter, sampleEvent())]).toEqual([
      "passed",
      "rate_limit rate_limit",
    ]);
  });

  test("spends no token on what something else keeps back", () => {
    const filter = filterOf({ streamPatterns: ["live/*"], rateLimit: onePerMinute });
    for (let index = 0; index < 10; index++) filter.judge(sampleEvent({ stream_key: "vod/a" }));
    expect(verdictOf(filter, sampleEvent())).toBe("passed");
  });

  test("takes a star among event types for all", () => {
    const filter = filterOf({ eventTypes: ["play_start", "*"] }, { eventTypes: ["*"] });
    expect(verdictOf(filter, sampleEvent())).toBe("passed");
  });

  test("lets severities pass from the least one on", () => {
    for (const [rank, minSeverity] of severities.entries()) {
      const filter = filterOf({ minSeverity });
      const passing = severities.filter((severity) => !filter.judge(sampleEvent({ severity })));
      expect<readonly string[]>(passing).toEqual(severities.filter((_, index) => index >= rank));
    }
  });

  test("lets events of no stream pass its patterns, unless a stream is required", () => {
    const accept = sampleEvent({ type: "connection_accept", stream_key: "" });
    expect(verdictOf(filterOf({ streamPatterns: ["live/*"] }), accept)).toBe("passed");
    expect(verdictOf(filterOf({ streamPatterns: ["!**"] }), accept)).toBe("passed");
    const requiring = filterOf({ streamPatterns: ["live/*"], requiresStream: true });
    expect(verdictOf(requiring, accept)).toBe("stream_patterns no_stream");
    expect(verdictOf(requiring, sampleEvent())).toBe("passed");
  });

  test("wants all conditions fulfilled", () => {
    const filter = filterOf({
      conditions: [
        { field: "data.app", operator: "eq", value: "live" },
        { field: "data.stream_name", operator: "startswith", value: "te" },
        { field: "data.title", operator: "exists", value: false },
      ],
    });
    expect(verdictOf(filter, sampleEvent())).toBe("passed");
    expect(verdictOf(filter, sampleEvent({ data: { app: "live", stream_name: "a" } }))).toBe(
      "conditions not_fulfilled",
    );
  });

  test("cannot be made of patterns and conditions that are none", () => {
    expect(() => filterOf({ streamPatterns: ["live/["] })).toThrow(ConfigError);
    expect(() => filterOf({ conditions: [{ field: "nope", operator: "eq", value: 1 }] })).toThrow(
      ConfigError,
    );
  });
});

describe("the end of something", () => {
  const start = (changes: Partial<HookEvent> = {}): HookEvent => sampleEvent(changes);
  const stop = (changes: Partial<HookEvent> = {}): HookEvent =>
    sampleEvent({ type: "publish_stop", ...changes });

  const pairs: [string, string, Partial<HookEvent>, Partial<HookEvent>][] = [
    ["connection_accept", "connection_close", {}, { conn_id: "c9" }],
    ["stream_create", "stream_delete", {}, { stream_key: "live/other" }],
    ["publish_start", "publish_stop", {}, { session_id: "other" }],
    ["play_start", "play_stop", {}, { session_id: "other" }],
    ["relay_start", "relay_stop", { data: { target: "a" } }, { data: { target: "b" } }],
    [
      "recording_segment_create",
      "recording_segment_complete",
      { data: { segment_path: "/a" } },
      { data: { segment_path: "/b" } },
    ],
  ];
  for (const [begin, end, common, other] of pairs) {
    test(`${end} passes the rate limit once where its ${begin} did, and takes no token`, () => {
      const clock = new FakeClock();
      const filter = filterOf({ rateLimit: { ...onePerMinute, maxEvents: 2 } }, { clock });
      expect(verdictOf(filter, sampleEvent({ type: begin, ...common }))).toBe("passed");
      expect(verdictOf(filter, sampleEvent({ type: end, ...common }))).toBe("passed");
      expect(verdictOf(filter, sampleEvent({ type: "handshake_complete" }))).toBe("passed");
      expect(verdictOf(filter, sampleEvent({ type: end, ...common }))).toBe("rate_limit rate_limit");
      expect(verdictOf(filter, sampleEvent({ type: begin, ...common }))).toBe("rate_limit rate_limit");
      expect(verdictOf(filter, sampleEvent({ type: end, ...common }))).toBe("rate_limit rate_limit");
      clock.advance(60_000);
      expect(verdictOf(filter, sampleEvent({ type: begin, ...common }))).toBe("passed");
      expect(verdictOf(filter, sampleEvent({ type: "handshake_complete" }))).toBe("passed");
      expect(verdictOf(filter, sampleEvent({ type: end, ...common, ...other }))).toBe(
        "rate_limit rate_limit",
      );
      expect(verdictOf(filter, sampleEvent({ type: end, ...common }))).toBe("passed");
    });
  }

  test("is still subject to everything else", () => {
    const filter = filterOf({ conditions: [{ field: "data.reason", operator: "exists", value: false }] });
    expect(verdictOf(filter, start())).toBe("passed");
    expect(verdictOf(filter, stop({ data: { reason: "error" } }))).toBe("conditions not_fulfilled");
  });

  test("that is made up for after a crash passes, for its start was in another life", () => {
    const filter = filterOf({ rateLimit: onePerMinute });
    for (let index = 0; index < 50; index++) {
      const recovered = stop({ session_id: `ses_${index}`, data: { recovered: true } });
      expect(verdictOf(filter, recovered)).toBe("passed");
    }
    expect(verdictOf(filter, start({ data: { recovered: true } }))).toBe("passed");
    expect(verdictOf(filter, start({ data: { recovered: true } }))).toBe("rate_limit rate_limit");
  });
});

describe("a filter that takes another's place", () => {
  const limit: RateLimitSettings = { ...onePerMinute, maxEvents: 3 };

  test("goes on with its tokens where the rate limit is the same", () => {
    const clock = new FakeClock();
    const before = filterOf({ rateLimit: limit }, { clock });
    before.judge(sampleEvent());
    before.judge(sampleEvent());
    const after = filterOf(
      { rateLimit: { ...limit, burst: 3 }, streamPatterns: ["live/*"] },
      { clock, previous: before },
    );
    expect([verdictOf(after, sampleEvent()), verdictOf(after, sampleEvent())]).toEqual([
      "passed",
      "rate_limit rate_limit",
    ]);
  });

  for (const changed of [
    { maxEvents: 4 },
    { windowMs: 30_000 },
    { burst: 2 },
    { key: "stream" as const },
    { isStrict: true },
  ]) {
    test(`begins anew where the rate limit has ${JSON.stringify(changed)}`, () => {
      const clock = new FakeClock();
      const before = filterOf({ rateLimit: limit }, { clock });
      for (let index = 0; index < 5; index++) before.judge(sampleEvent());
      const after = filterOf({ rateLimit: { ...limit, ...changed } }, { clock, previous: before });
      expect(verdictOf(after, sampleEvent())).toBe("passed");
    });
  }

  test("knows which starts were passed on before, with or without a limit then", () => {
    const clock = new FakeClock();
    const before = filterOf({}, { clock });
    before.judge(sampleEvent());
    const after = filterOf({ rateLimit: onePerMinute }, { clock, previous: before });
    after.judge(sampleEvent({ session_id: "another" }));
    expect(verdictOf(after, sampleEvent({ type: "publish_stop" }))).toBe("passed");
  });
});

test("two globs, a comparison, a pattern and a rate limit take far less than 10 µs", () => {
  const filter = filterOf({
    eventTypes: ["publish_start"],
    streamPatterns: ["live/premium/*", "live/{vip,test}*"],
    conditions: [
      { field: "data.bitrate", operator: "gt", value: 1_000_000 },
      { field: "data.codec_name", operator: "matches", value: "^H26[45]$" },
    ],
    rateLimit: { maxEvents: 1_000_000, windowMs: 1, burst: undefined, key: "stream", isStrict: false },
    minSeverity: "info",
  });
  const event = sampleEvent({ data: { bitrate: 2_500_000, codec_name: "H264" } });
  const rounds = 20_000;
  const costs = Array.from({ length: 5 }, () => {
    const startedAt = performance.now();
    for (let index = 0; index < rounds; index++) filter.judge(event);
    return ((performance.now() - startedAt) * 1_000) / rounds;
  });
  expect(filter.judge(event)).toBeUndefined();
  expect(Math.min(...costs)).toBeLessThan(5);
});

test("whether events of a type may have a field is known from the catalogue", () => {
  const rows: [string, string, boolean][] = [
    ["publish_start", "data.bitrate", false],
    ["bitrate_change", "data.bitrate", true],
    ["publish_start", "conn_id", true],
    ["no_such_type", "data.bitrate", true],
    ["publish_start", "data.client_ip.x", true],
  ];
  for (const [type, field, may] of rows)
    expect([type, field, mayCarry(type, field)]).toEqual([type, field, may]);
});
