import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { environmentOf, inheritedEnvironment, quoteForShell } from "../../../src/hooks/event/environment.ts";
import type { HookEvent, HookValue } from "../../../src/hooks/event/hook-event.ts";
import { holds } from "../../base/property.ts";
import { hostileTexts } from "../hostile-texts.ts";
import { sampleEvent } from "../sample-event.ts";

type Data = HookEvent["data"];

const core = {
  RTMP_EVENT_TYPE: "publish_start",
  RTMP_TIMESTAMP: "1767225600",
  RTMP_CONN_ID: "c000001",
  RTMP_STREAM_KEY: "live/test",
  RTMP_EVENT_ID: "evt_019b0000-0000-7000-8000-000000000001",
  RTMP_SEQ: "1",
  RTMP_SEVERITY: "info",
  RTMP_SESSION_ID: "session",
};
const stream = {
  MTX_PATH: "live/test",
  MTX_QUERY: "",
  MTX_SOURCE_TYPE: "rtmpConn",
  MTX_SOURCE_ID: "c000001",
};

describe("the environment of an event", () => {
  const rows: { name: string; data: Data; gives: Record<string, string> }[] = [
    { name: "nothing", data: {}, gives: {} },
    { name: "snake case", data: { client_ip: "::1" }, gives: { RTMP_CLIENT_IP: "::1" } },
    {
      name: "camel case",
      data: { clientIp: "a", tcUrl: "b", HTTPServer: "c", h264Level: 4 },
      gives: { RTMP_CLIENT_IP: "a", RTMP_TC_URL: "b", RTMP_HTTP_SERVER: "c", RTMP_H264_LEVEL: "4" },
    },
    {
      name: "other characters in keys",
      data: { "a-b.c d": 1, "x=y\n": 2, é: 3 },
      gives: { RTMP_A_B_C_D: "1", RTMP_X_Y_: "2", RTMP__: "3" },
    },
    {
      name: "numbers and booleans",
      data: { count: 0, rate: 29.97, tls: true, recovered: false },
      gives: { RTMP_COUNT: "0", RTMP_RATE: "29.97", RTMP_TLS: "true", RTMP_RECOVERED: "false" },
    },
    {
      name: "nested objects",
      data: { video: { width: 640, codecInfo: { name: "avc" } } },
      gives: { RTMP_VIDEO_WIDTH: "640", RTMP_VIDEO_CODEC_INFO_NAME: "avc" },
    },
    {
      name: "arrays",
      data: { tracks: [1, "two", { three: 3 }] },
      gives: { RTMP_TRACKS: '[1,"two",{"three":3}]' },
    },
    {
      name: "keys of the event itself",
      data: { severity: "critical", stream_key: "x", attempt: 3, hook_id: "h", truncated: "no" },
      gives: {
        RTMP_DATA_SEVERITY: "critical",
        RTMP_DATA_STREAM_KEY: "x",
        RTMP_DATA_ATTEMPT: "3",
        RTMP_DATA_HOOK_ID: "h",
        RTMP_DATA_TRUNCATED: "no",
      },
    },
    {
      name: "keys that are the same in upper snake case",
      data: { clientIp: "first", client_ip: "second", "client-ip": "third" },
      gives: { RTMP_CLIENT_IP: "first", RTMP_DATA_CLIENT_IP: "second" },
    },
    { name: "a query", data: { query: "lang=es" }, gives: { RTMP_QUERY: "lang=es", MTX_QUERY: "lang=es" } },
    {
      name: "keys of an object's prototype",
      data: JSON.parse('{"__proto__":"a","constructor":"b"}') as Data,
      gives: { RTMP___PROTO__: "a", RTMP_CONSTRUCTOR: "b" },
    },
  ];
  for (const { name, data, gives } of rows)
    test(`has the fields of data with ${name}`, () => {
      expect(environmentOf(sampleEvent({ data }))).toEqual({ ...core, ...stream, ...gives });
    });

  test("has the first keys when they are empty, and no path without a stream", () => {
    const event = sampleEvent({ conn_id: "", stream_key: "", session_id: "", data: { query: "q" } });
    expect(environmentOf(event)).toEqual({
      ...core,
      RTMP_CONN_ID: "",
      RTMP_STREAM_KEY: "",
      RTMP_SESSION_ID: "",
      RTMP_QUERY: "q",
    });
  });

  test("leaves out what the event's envelope does not have, and numbers that are none", () => {
    const { type, timestamp, conn_id, stream_key } = sampleEvent();
    const data = JSON.parse('{"rate":null,"inner":{"x":null},"ok":1}') as Data;
    expect(environmentOf({ type, timestamp, conn_id, stream_key, data })).toEqual({
      RTMP_EVENT_TYPE: "publish_start",
      RTMP_TIMESTAMP: "1767225600",
      RTMP_CONN_ID: "c000001",
      RTMP_STREAM_KEY: "live/test",
      RTMP_OK: "1",
      ...stream,
    });
  });

  test("has the segment of a recording under the names of MediaMTX too", () => {
    const data = { segment_path: "/r/a.flv", segment_duration: 12.5 };
    const variables = environmentOf(sampleEvent({ type: "recording_segment_complete", data }));
    expect(variables).toMatchObject({
      RTMP_SEGMENT_PATH: "/r/a.flv",
      MTX_SEGMENT_PATH: "/r/a.flv",
      MTX_SEGMENT_DURATION: "12.5",
    });
    expect(environmentOf(sampleEvent({ data }))).not.toHaveProperty("MTX_SEGMENT_PATH");
  });

  for (const { name, text } of hostileTexts)
    test(`holds ${name} without control characters and otherwise as they are`, () => {
      const { RTMP_STREAM_KEY = "", RTMP_TITLE } = environmentOf(
        sampleEvent({ stream_key: text, data: { title: text } }),
      );
      const kept = [...text].filter((c) => !/\p{Cc}/u.test(c)).join("");
      expect(RTMP_STREAM_KEY).toBe(kept.toWellFormed());
      expect(RTMP_TITLE).toBe(RTMP_STREAM_KEY);
    });

  test("cuts a value after 8 KiB at a whole character and says so", () => {
    const { RTMP_TITLE = "", RTMP_TRUNCATED } = environmentOf(
      sampleEvent({ data: { title: "€".repeat(3000) } }),
    );
    expect({ RTMP_TITLE, RTMP_TRUNCATED }).toEqual({ RTMP_TITLE: "€".repeat(2730), RTMP_TRUNCATED: "1" });
    const { RTMP_TRUNCATED: none } = environmentOf(sampleEvent({ data: { title: "x".repeat(8192) } }));
    expect(none).toBeUndefined();
  });

  test("is a set of clean names and values whatever the event holds", () => {
    const value = fc.letrec<{ value: HookValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: "binary" }),
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.string({ unit: "binary" }), tie("value"), { maxKeys: 3 }),
      ),
    })).value;
    const data = fc.dictionary(fc.string({ unit: "binary" }), value, { maxKeys: 6 });
    holds(
      fc.property(data, fc.string({ unit: "binary" }), (fields, stream_key) => {
        const variables = environmentOf(sampleEvent({ data: fields, stream_key }));
        expect(variables).toMatchObject({ RTMP_EVENT_TYPE: "publish_start", RTMP_SEVERITY: "info" });
        for (const [name, text] of Object.entries(variables)) {
          expect(name).toMatch(/^(?:RTMP|MTX)_[A-Z0-9_]*$/);
          expect(text).not.toMatch(/\p{Cc}/u);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8192);
        }
      }),
    );
  });
});

test("what is inherited leaves out what steers shells, the loader and the runtime", () => {
  const kept = {
    PATH: "/bin",
    DISCORD_WEBHOOK_URL: "https://x",
    ENVIRONMENT: "prod",
    MY_LD_X: "1",
    RTMP_URL: "r",
  };
  const left = {
    BASH_ENV: "a",
    ENV: "b",
    SHELLOPTS: "c",
    "BASH_FUNC_ls%%": "() { :\n}",
    LD_PRELOAD: "d",
    LD_LIBRARY_PATH: "e",
    BUN_OPTIONS: "f",
    UNSET: undefined,
  };
  expect(inheritedEnvironment({ ...left, ...kept })).toEqual(kept);
});

describe("a quoted word", () => {
  test("stays bare when it is harmless", () => {
    expect(["live/test", "a=b", "1.5", ""].map(quoteForShell)).toEqual(["live/test", "a=b", "1.5", "''"]);
  });

  for (const { name, text } of hostileTexts)
    test(`with ${name} is the same word to a shell`, () => {
      const word = text.replaceAll("\u0000", "").toWellFormed();
      const { stdout, exitCode } = Bun.spawnSync(["sh", "-c", `printf %s ${quoteForShell(word)}`]);
      expect({ text: stdout.toString(), exitCode }).toEqual({ text: word, exitCode: 0 });
    });
});
