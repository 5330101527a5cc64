import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { readEventBody } from "../../../src/orchestrator/http/event-body.ts";

describe("the body of an event", () => {
  const at = Date.UTC(2026, 2, 1, 12);
  const rows: { name: string; body: unknown; path?: string; source?: object; at?: number }[] = [
    {
      name: "has a path and its source",
      body: { path: "live/a/in", query: "lang=es", sourceType: "rtmp", sourceId: "1" },
      source: { id: "1", type: "rtmp", query: "lang=es" },
    },
    {
      name: "needs no more than a path",
      body: { path: "live/a/in" },
      source: { id: "", type: "", query: "" },
    },
    { name: "may have null for what it does not say", body: { path: "live/a/in", query: null, time: null } },
    {
      name: "may have a number for an id",
      body: { path: "live/a/in", sourceId: 7 },
      source: { id: "7", type: "", query: "" },
    },
    { name: "may have more keys", body: { path: "live/a/in", tracks: ["H264"] } },
    { name: "may have a time in RFC 3339", body: { path: "live/a/in", time: "2026-03-01T12:00:00Z" }, at },
    { name: "may have a time in seconds", body: { path: "live/a/in", time: at / 1_000 }, at },
    { name: "may have a time in milliseconds", body: { path: "live/a/in", time: at }, at },
  ];
  for (const { name, body, source, at: time } of rows)
    test(name, () => {
      const read = readEventBody(JSON.stringify(body));
      expect(read.path).toBe("live/a/in");
      expect(read.at).toBe(time);
      if (source) expect<object>(read.source).toEqual(source);
    });

  const bad: { body: string; message: string }[] = [
    { body: "", message: 'no JSON, expected {"path", "query", "sourceType", "sourceId"}' },
    { body: "[]", message: 'no JSON object, expected {"path", "query", "sourceType", "sourceId"}' },
    { body: "null", message: 'no JSON object, expected {"path", "query", "sourceType", "sourceId"}' },
    { body: "{}", message: "path: missing, expected the path of the stream" },
    { body: '{"path":{}}', message: "path: a mapping, expected text" },
    { body: '{"path":"a","query":["x"]}', message: "query: a list, expected text" },
    { body: '{"path":"a","query":"\\u0000"}', message: "query: a NUL, expected text without" },
    { body: `{"path":"${"a".repeat(1_025)}"}`, message: "path: 1025 characters, expected at most 1024" },
    {
      body: '{"path":"a","time":"soon"}',
      message: "time: no moment, expected RFC 3339 or Unix time in seconds or milliseconds",
    },
  ];
  for (const { body, message } of bad)
    test(`cannot be ${body.substring(0, 40)}`, () => {
      expect(() => readEventBody(body)).toThrow(new ConfigError(message));
    });
});
