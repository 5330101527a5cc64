import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import type { Hook } from "../../../src/hooks/delivery/hook.ts";
import {
  HookRegistry,
  parseHookBinding,
  resolveEventType,
} from "../../../src/hooks/settings/hook-registry.ts";

const types = ["connection_accept", "connection_close", "publish_start", "publish_stop", "codec_detected"];

const hook = (id: string): Hook => ({ id, type: "shell", execute: async () => ({ kind: "done" }) });

describe("the type of an event", () => {
  const rows: { given: string; type: string; isAlias?: boolean }[] = [
    { given: "publish_start", type: "publish_start" },
    { given: "*", type: "*" },
    { given: "PublishStart", type: "publish_start", isAlias: true },
    { given: "publishStart", type: "publish_start", isAlias: true },
    { given: "ConnectionAccept", type: "connection_accept", isAlias: true },
    { given: "stream_stop", type: "publish_stop", isAlias: true },
    { given: "StreamStop", type: "publish_stop", isAlias: true },
  ];
  for (const { given, type, isAlias = false } of rows) {
    test(`${given} is ${type}${isAlias ? ", and said to be another name" : ""}`, () => {
      const heard: string[] = [];
      const onAlias = (name: string, meant: string): number => heard.push(`${name} ${meant}`);
      expect(resolveEventType(given, { known: types, onAlias })).toBe(type);
      expect(heard).toEqual(isAlias ? [`${given} ${type}`] : []);
    });
  }

  const unknown: { given: string; message: string }[] = [
    {
      given: "publish_strat",
      message: 'unknown event type "publish_strat", did you mean publish_start?',
    },
    { given: "PublishStrat", message: 'unknown event type "PublishStrat", did you mean publish_start?' },
    {
      given: "zzz",
      message: `unknown event type "zzz", expected * or one of ${types.join(", ")}`,
    },
    { given: "", message: `unknown event type "", expected * or one of ${types.join(", ")}` },
    {
      given: "toString",
      message: `unknown event type "toString", expected * or one of ${types.join(", ")}`,
    },
    {
      given: "constructor",
      message: `unknown event type "constructor", expected * or one of ${types.join(", ")}`,
    },
  ];
  for (const { given, message } of unknown) {
    test(`${JSON.stringify(given)} is refused`, () => {
      expect(() => resolveEventType(given, { known: types })).toThrow(new ConfigError(message));
    });
  }
});

describe("a hook binding", () => {
  const rows: { text: string; event: string; target: string }[] = [
    { text: "publish_start=/hooks/a.sh", event: "publish_start", target: "/hooks/a.sh" },
    { text: "*=https://h/x?a=b=c", event: "*", target: "https://h/x?a=b=c" },
    { text: "PublishStop=./with = sign", event: "PublishStop", target: "./with = sign" },
  ];
  for (const { text, event, target } of rows) {
    test(`${text} is split at the first =`, () => {
      expect(parseHookBinding(text)).toEqual({ event, target });
    });
  }

  const expected = ", expected EVENT=TARGET such as publish_start=TARGET, or *=TARGET for every event";
  const broken: { text: string; message: string }[] = [
    { text: "", message: `"" has no =${expected}` },
    { text: "publish_start", message: `"publish_start" has no =${expected}` },
    { text: "=/hooks/a.sh", message: `no event in front of the =${expected}` },
    { text: "publish_start=", message: `"publish_start=" has nothing behind the =${expected}` },
    { text: "https://u:secret@h/", message: `no event in front of the URL${expected}` },
    { text: "https://u:secret@h/?a=b", message: `no event in front of the URL${expected}` },
  ];
  for (const { text, message } of broken) {
    test(`${JSON.stringify(text)} is refused without repeating a secret`, () => {
      expect(() => parseHookBinding(text)).toThrow(new ConfigError(message));
    });
  }
});

describe("a hook registry", () => {
  const [a, b, c] = [hook("a"), hook("b"), hook("c")];

  test("is empty at first, and has no hooks for anything", () => {
    const registry = new HookRegistry({ types });
    expect([registry.isEmpty, registry.hooks, registry.hooksFor("publish_start")]).toEqual([true, [], []]);
  });

  test("gives the hooks of a type and those of every type, in the order they came", () => {
    const registry = new HookRegistry({ types });
    registry.add("publish_start", a);
    registry.add("*", b);
    registry.add("publish_start", c);
    expect(registry.hooksFor("publish_start")).toEqual([a, b, c]);
    expect(registry.hooksFor("publish_stop")).toEqual([b]);
    expect(registry.hooksFor("unheard_of")).toEqual([b]);
    expect([registry.isEmpty, registry.hooks]).toEqual([false, [a, b, c]]);
  });

  test("gives a hook once for each event, however often it was added", () => {
    const registry = new HookRegistry({ types });
    registry.add("publish_start", a);
    registry.add("*", a);
    registry.add("publish_start", a);
    expect(registry.hooksFor("publish_start")).toEqual([a]);
    expect(registry.hooks).toEqual([a]);
  });

  test("gives the same array every time", () => {
    const registry = new HookRegistry({ types });
    registry.add("*", a);
    expect(registry.hooksFor("publish_start")).toBe(registry.hooksFor("publish_start"));
  });

  test("tells of other names, and refuses unknown ones without keeping the hook", () => {
    const heard: string[] = [];
    const registry = new HookRegistry({ types, onAlias: (given, meant) => heard.push(`${given} ${meant}`) });
    registry.add("StreamStop", a);
    expect(() => registry.add("publish_stpo", b)).toThrow(/did you mean publish_stop\?$/);
    expect([heard, registry.hooksFor("publish_stop"), registry.hooks]).toEqual([
      ["StreamStop publish_stop"],
      [a],
      [a],
    ]);
  });
});
