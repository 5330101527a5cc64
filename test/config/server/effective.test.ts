import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { effectiveConfig } from "../../../src/config/server/effective.ts";
import { globalSettings } from "../../../src/config/server/global-section.ts";
import { loadServerConfig } from "../../../src/config/server/load.ts";
import { pathSettings } from "../../../src/config/server/path-section.ts";
import type { Setting, Settings } from "../../../src/config/server/setting.ts";
import { toYaml } from "../../../src/config/server/yaml.ts";
import { holds } from "../../base/property.ts";

/** Texts that readers of YAML like to take for something else, and any others. */
const anyText = fc.oneof(
  fc.constantFrom(
    "no",
    "yes",
    "null",
    "~",
    "1",
    "0x1f",
    "1:30",
    "2026-01-01",
    ": a",
    "# b",
    "- c",
    "'",
    '"',
    " x ",
    "a\nb\n",
    "\t",
    "<<",
    "=",
    `\${X}`,
    "%",
  ),
  fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0") && text.isWellFormed()),
);

const network = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
  fc.ipV4(),
  fc.constantFrom("::1", "2001:db8::/32", "fe80::1:2/64"),
);

const duration = fc
  .oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 400_000_000 }))
  .map((ms) => `${ms}ms`);

/** Keys with rules of their own, beyond their type. */
const ruled =
  /^(?:authMethod|recordDir|rtspAuthMethods|playback|alwaysAvailable|useAbsoluteTimestamp|sourceOnDemand|record(?:Segment|Delete).*|runOn(?:Init|Demand|UnDemand)|writeQueueSize|authJWTClaimKey)$/;

const valueFor = (setting: Setting<unknown>): fc.Arbitrary<unknown> | undefined => {
  const { type, fallback } = setting;
  const words = [...type.matchAll(/`([^`]*)`/g)].map(([, word = ""]) => word);
  if (type === "true or false") return fc.boolean();
  if (type === "duration") return duration;
  if (type === "size") return fc.integer({ min: 1, max: 2 ** 40 }).map((bytes) => `${bytes}B`);
  if (type.startsWith("address")) return fc.constantFrom(":1", "127.0.0.1:80", "[::1]:65535", "host:0");
  if (type === "text" || type === "command" || type === "file" || type === "directory") return anyText;
  if (type === "list of texts")
    return fc.array(
      anyText.filter((text) => text !== ""),
      { maxLength: 3 },
    );
  if (type === "list of IP addresses and networks") return fc.array(network, { maxLength: 3 });
  if (type === "source") return fc.constantFrom("publisher", "rtsp://u:p@h/a#b", "redirect");
  if (type.startsWith("list of `") && words.length > 1) return fc.subarray(words, { minLength: 1 });
  if (words.length > 1 && typeof fallback === "string" && words.includes(fallback))
    return fc.constantFrom(...words);
  if (type === "whole number") return fc.integer({ min: 1, max: 1_472 });
  if (type === "number") return fc.integer({ min: -1_000, max: 1_000 }).map((value) => value / 8);
  return undefined;
};

const someOf = (settings: Settings): fc.Arbitrary<Record<string, unknown>> => {
  const values = Object.entries(settings).flatMap(([key, setting]) => {
    const value = ruled.test(key) ? undefined : valueFor(setting);
    return value ? [[key, value] as const] : [];
  });
  // Few keys each time, so that small counterexamples are near.
  return fc
    .subarray(values, { maxLength: 12 })
    .chain((chosen) => fc.record(Object.fromEntries(chosen)) as fc.Arbitrary<Record<string, unknown>>);
};

const pathOf = someOf(
  Object.fromEntries(
    Object.entries(pathSettings).filter(([key]) => !/^(?:source|srtPublishPassphrase)$/.test(key)),
  ),
);

const pathNames = fc.uniqueArray(
  fc.constantFrom(
    "cam",
    "live/a-b.c",
    "__proto__",
    "constructor",
    "~^live/(.+)$",
    "~a:b #c",
    "all_others",
    "no",
    "1",
  ),
  { minLength: 0, maxLength: 4 },
);

const users = fc.array(
  fc.record({
    user: fc.constantFrom("joe", "any", "1234", "no"),
    ips: fc.array(network, { maxLength: 2 }),
    permissions: fc.array(
      fc.record({
        action: fc.constantFrom("publish", "read", "api"),
        path: fc.constantFrom("", "cam", "~^live/"),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  { maxLength: 3 },
);

const file = fc
  .record({
    global: someOf(globalSettings),
    users: fc.option(users, { nil: undefined }),
    pathDefaults: pathOf,
    named: pathNames.chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), pathOf)))),
    pulled: fc.boolean(),
  })
  .map(({ global, users: list, pathDefaults, named, pulled }) => ({
    ...global,
    ...(list && { authInternalUsers: list }),
    pathDefaults,
    paths: Object.fromEntries([
      ...(named as [string, unknown][]),
      ...(pulled
        ? [
            [
              "pulled",
              { source: "rtsp://u:p@h/a?b=c", sourceOnDemand: true, sourceOnDemandStartTimeout: "1d" },
            ] as [string, unknown],
          ]
        : []),
    ]),
  }));

const load = (text: string) => loadServerConfig({ text, name: "f", environment: {} });

describe("an effective configuration", () => {
  test("is the same after it was written as YAML and read", () => {
    holds(
      fc.property(file, fc.boolean(), (value, full) => {
        const { config } = load(JSON.stringify(value));
        const written = toYaml(effectiveConfig(config, { redacted: false, full }));
        const again = load(written);
        expect(again.config).toEqual(config);
        expect(toYaml(effectiveConfig(again.config, { redacted: false, full }))).toBe(written);
      }),
      { numRuns: 150 },
    );
  });

  test("is generated with nearly every key", () => {
    const generated = [...Object.entries(globalSettings), ...Object.entries(pathSettings)].filter(
      ([key, setting]) => !ruled.test(key) && valueFor(setting as Setting<unknown>),
    );
    expect(generated.length).toBeGreaterThan(180);
  });

  test("leaves out what MediaMTX does not know while it is the default, unless it is to be full", () => {
    const { config } = load("gopCache: no\nauthJWTInHTTPQuery: yes\npaths: {cam: {fallback: /other}}");
    const brief = effectiveConfig(config, { redacted: false });
    const full = effectiveConfig(config, { redacted: false, full: true });
    expect([brief.gopCache, brief.chunkSize, brief.authJWTInHTTPQuery]).toEqual([false, undefined, true]);
    expect([full.gopCache, full.chunkSize]).toEqual([false, 4_096]);
    expect((brief.paths as { cam: { fallback: string } }).cam.fallback).toBe("/other");
    expect(full.pathDefaults).not.toHaveProperty("fallback");
  });
});
