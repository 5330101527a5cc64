import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ConfigError } from "../../src/base/errors.ts";
import { parseRtmpUrl, redactRtmpUrl, redactStreamName, tcUrlOf } from "../../src/rtmp/url.ts";
import { holds } from "../base/property.ts";

describe("an RTMP URL", () => {
  const rows = [
    {
      text: "rtmp://host/app/name",
      url: { host: "host", port: 1935, isTls: false, app: "app", name: "name" },
      tcUrl: "rtmp://host/app",
    },
    {
      text: "rtmp://host:1936/app/name",
      url: { host: "host", port: 1936, isTls: false, app: "app", name: "name" },
      tcUrl: "rtmp://host:1936/app",
    },
    {
      text: "rtmps://host/app/name",
      url: { host: "host", port: 443, isTls: true, app: "app", name: "name" },
      tcUrl: "rtmps://host/app",
    },
    {
      text: "rtmps://host:1935/app/k",
      url: { host: "host", port: 1935, isTls: true, app: "app", name: "k" },
      tcUrl: "rtmps://host:1935/app",
    },
    {
      text: "rtmp://[::1]:1936/app/a/b?k=v",
      url: { host: "::1", port: 1936, isTls: false, app: "app", name: "a/b?k=v" },
      tcUrl: "rtmp://[::1]:1936/app",
    },
    {
      text: "rtmp://host/app",
      url: { host: "host", port: 1935, isTls: false, app: "app", name: "" },
      tcUrl: "rtmp://host/app",
    },
    {
      text: "rtmp://host/app/",
      url: { host: "host", port: 1935, isTls: false, app: "app", name: "" },
      tcUrl: "rtmp://host/app",
    },
  ];
  for (const { text, url, tcUrl } of rows) {
    test(`is read: ${text}`, () => {
      expect(parseRtmpUrl(text)).toEqual(url);
      expect(tcUrlOf(parseRtmpUrl(text))).toBe(tcUrl);
    });
  }

  const faults = [
    { text: "", message: /is no RTMP URL, expected rtmp\[s\]:\/\/HOST/ },
    { text: "http://host/app/name", message: /is no RTMP URL/ },
    { text: "host/app/name", message: /is no RTMP URL/ },
    { text: "rtmp:///app/name", message: /has no host/ },
    { text: "rtmp://host", message: /has no application/ },
    { text: "rtmp://host/", message: /has no application/ },
    { text: "rtmp://host:0/app", message: /has port 0, expected 1 to 65535/ },
    { text: "rtmp://host:65536/app", message: /has port 65536/ },
    { text: "rtmp://host:x/app", message: /has port x/ },
    { text: "rtmp://user:pass@host/app/name", message: /has a user and password in front of the host/ },
  ];
  for (const { text, message } of faults) {
    test(`is refused: ${JSON.stringify(text)}`, () => {
      expect(() => parseRtmpUrl(text)).toThrow(ConfigError);
      expect(() => parseRtmpUrl(text)).toThrow(message);
    });
  }
});

describe("a URL in a log", () => {
  const rows = [
    ["rtmp://host/app/key", "rtmp://host/app/***"],
    ["rtmp://host:1936/app/key/more", "rtmp://host:1936/app/***"],
    ["rtmp://host/app/key?token=s", "rtmp://host/app/***?***"],
    ["rtmp://host/app?token=s/key", "rtmp://host/app?***"],
    ["rtmp://user:secret@host/app/key", "rtmp://host/app/***"],
    ["rtmp://user:se@cret@host/app/key", "rtmp://host/app/***"],
    ["RTMP://user:secret@host/app/key?x=s", "RTMP://host/app/***?***"],
    ["rtmps://[::1]/app/key", "rtmps://[::1]/app/***"],
    ["rtmp://host/app/{name}", "rtmp://host/app/{name}"],
    ["rtmp://host/app/{app}/{name}", "rtmp://host/app/{app}/{name}"],
    ["rtmp://host/{app}", "rtmp://host/{app}"],
    ["rtmp://host/app/key-{name}", "rtmp://host/app/***"],
    ["rtmp://host/app/", "rtmp://host/app/"],
    ["no url?token=s", "no url?***"],
  ] as const;
  for (const [text, shown] of rows) {
    test(`${text} is shown as ${shown}`, () => {
      expect(redactRtmpUrl(text)).toBe(shown);
    });
  }

  test("never shows a secret in its name, query or credentials, nor do the errors about it", () => {
    const secret = "S3cr3t";
    const wrap = fc.string({ unit: fc.constantFrom("a", "@", ":", "=", "&", "%", "."), maxLength: 5 });
    const texts = fc.oneof(
      fc.tuple(wrap, wrap).map(([a, b]) => `rtmp://host/app/${a}${secret}${b}`),
      fc.tuple(wrap, wrap).map(([a, b]) => `rtmp://host/app/name?${a}${secret}${b}`),
      fc.tuple(wrap, wrap).map(([a, b]) => `rtmp://user:${a}${secret}${b}@host/app/name`),
      fc.tuple(wrap, wrap).map(([a, b]) => `rtmp://host:99999/app/${a}${secret}?k=${b}`),
    );
    holds(
      fc.property(texts, (text) => {
        expect(redactRtmpUrl(text)).not.toContain(secret);
        try {
          parseRtmpUrl(text);
        } catch (error) {
          expect((error as Error).message).not.toContain(secret);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the words of another server", () => {
  const url = parseRtmpUrl("rtmp://host/live/key%20one?token=abc");
  const rows = [
    ["stream live/key%20one is taken", "stream live/*** is taken"],
    ["stream live/key one is taken", "stream live/*** is taken"],
    ["no access for key%20one?token=abc", "no access for ***"],
    ["the monkey is asleep", "the monkey is asleep"],
  ] as const;
  for (const [text, shown] of rows) {
    test(`${text} are shown without the stream name`, () => {
      expect(redactStreamName(text, url)).toBe(shown);
    });
  }

  test("are left alone where the name is too short to be a key", () => {
    expect(redactStreamName("a stream", parseRtmpUrl("rtmp://host/live/a"))).toBe("a stream");
  });
});
