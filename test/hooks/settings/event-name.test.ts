import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { resolveEventType } from "../../../src/hooks/settings/event-name.ts";

const types = ["connection_accept", "connection_close", "publish_start", "publish_stop", "codec_detected"];

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
