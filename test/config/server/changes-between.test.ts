import { describe, expect, test } from "bun:test";
import { changesBetween, countOf } from "../../../src/config/server/changes-between.ts";
import { loadServerConfig } from "../../../src/config/server/load.ts";
import { hooksSection } from "../../../src/hooks/settings/hook-file.ts";

const load = (text: string) =>
  loadServerConfig({ text, name: "f", environment: {}, hooks: hooksSection }).config;

const nothing = { global: [], hooks: false, pathDefaults: [], added: [], removed: [], changed: {} };

describe("what differs between two configurations", () => {
  const rows: {
    name: string;
    before: string;
    now: string;
    differs: Partial<typeof nothing>;
    count: number;
  }[] = [
    { name: "nothing", before: "{}", now: "paths: {all_others: }", differs: {}, count: 0 },
    {
      name: "what is written in another way",
      before: "readTimeout: 60s\nrtspTransports: [udp, tcp]",
      now: "readTimeout: 1m\nrtspTransports: [tcp, udp]",
      differs: {},
      count: 0,
    },
    {
      name: "keys at the top, lists too",
      before: "logLevel: debug\nrelayTo: [rtmp://a/b]",
      now: "rtmpAddress: :1\nrelayTo: [rtmp://a/c]",
      differs: { global: ["logLevel", "rtmpAddress", "relayTo"] as never },
      count: 3,
    },
    {
      name: "an item of users",
      before: "authInternalUsers: [{user: a, permissions: [{action: read}]}]",
      now: "authInternalUsers: [{user: a, permissions: [{action: read, path: x}]}]",
      differs: { global: ["authInternalUsers"] as never },
      count: 1,
    },
    {
      name: "hooks",
      before: "hooks: {stdio: {format: json}}",
      now: "hooks: {stdio: {format: env}}",
      differs: { hooks: true },
      count: 1,
    },
    {
      name: "hooks that go",
      before: "hooks: {stdio: {format: json}}",
      now: "{}",
      differs: { hooks: true },
      count: 1,
    },
    {
      name: "paths that come, go and stay",
      before: "paths: {a: , b: {maxReaders: 1}, c: }",
      now: "paths: {b: {maxReaders: 2, record: yes}, c: , d: }",
      differs: { added: ["d"] as never, removed: ["a"] as never, changed: { b: ["maxReaders", "record"] } },
      count: 3,
    },
    {
      name: "pathDefaults, where a path does not say otherwise",
      before: "paths: {a: , b: {maxReaders: 1}}",
      now: "pathDefaults: {maxReaders: 1}\npaths: {a: , b: {maxReaders: 1}}",
      differs: { pathDefaults: ["maxReaders"] as never, changed: { a: ["maxReaders"] } },
      count: 2,
    },
    {
      name: "paths that are called like parts of objects",
      before: "paths: {constructor: }",
      now: "paths: {__proto__: , toString: {maxReaders: 1}}",
      differs: { added: ["__proto__", "toString"] as never, removed: ["constructor"] as never },
      count: 3,
    },
  ];
  for (const { name, before, now, differs, count } of rows) {
    test(`is found: ${name}`, () => {
      const changes = changesBetween(load(before), load(now));
      const { global, hooks, pathDefaults, paths } = changes;
      const { added, removed, changed } = paths;
      expect({
        ...{ global, hooks, pathDefaults, added, removed },
        changed: Object.fromEntries(changed),
      } as unknown).toEqual({ ...nothing, ...differs });
      expect(countOf(changes)).toBe(count);
    });
  }
});
