import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/base/errors.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { readForwardOrder } from "../../src/relay/forward-order.ts";

const variables = { FORWARD_SOURCE: "rtmp://127.0.0.1/live/a/out", FORWARD_TARGET: "rtmp://host/app/key" };

const orderOf = (more: Readonly<Record<string, string>>) => readForwardOrder({ ...variables, ...more });

describe("what is forwarded", () => {
  test.each([
    ["rtmp://127.0.0.1/live/a/out", { kind: "rtmpSource", host: "127.0.0.1", port: 1935 }],
    ["rtmps://media/live/a/out", { kind: "rtmpSource", host: "media", port: 1936 }],
    ["rtsp://me:Word-1@media:8554/live/a/out", { kind: "rtspSource", host: "media", port: 8554 }],
    ["rtsps://[::1]/live/a/out", { kind: "rtspSource", host: "::1", port: 322 }],
  ])("%s", (url, { kind, host, port }) => {
    const { from, label } = orderOf({ FORWARD_SOURCE: url });
    expect({ kind: from.kind, host: from.host, port: from.port }).toEqual({
      kind: kind as typeof from.kind,
      host,
      port,
    });
    expect(label).toBe(url.replace("me:Word-1@", "***@"));
  });

  test("to a service, whose RTMPS is at port 443 and whose key nobody sees", () => {
    const { target } = orderOf({ FORWARD_TARGET: "rtmps://me:Word-1@live.example.com/rtmp/Key-2?x=Word-3" });
    expect(target.urlFor(parseStreamPath("live/a"))).toEqual({
      ...{ host: "live.example.com", port: 443, isTls: true, app: "rtmp", name: "Key-2?x=Word-3" },
    });
    expect(target.login).toEqual({ user: "me", password: "Word-1" });
    expect(target.label).not.toMatch(/Word|Key/);
  });

  test("to an application with slashes in its name", () => {
    const { target } = orderOf({ FORWARD_TARGET: "rtmp://host/app/instance#Key-2" });
    expect(target.urlFor(parseStreamPath("live/a"))).toMatchObject({ app: "app/instance", name: "Key-2" });
  });

  test("to the one certificate that is trusted, written in either way", () => {
    const digits = "ab".repeat(32);
    for (const text of [digits, digits.toUpperCase().replace(/..(?=.)/g, "$&:")])
      expect(orderOf({ FORWARD_TARGET_FINGERPRINT: text }).target.fingerprint).toBe(digits);
  });
});

describe("a variable that cannot be used is named, without what is secret in it", () => {
  test.each([
    ["FORWARD_SOURCE", "", /^FORWARD_SOURCE is not set, expected a URL$/],
    ["FORWARD_SOURCE", "http://me:Word-1@host/a", /^FORWARD_SOURCE: .*is no RTMP URL/],
    ["FORWARD_SOURCE", "rtsp://me:Word-1@:8554/a", /^FORWARD_SOURCE: .*no host/],
    ["FORWARD_TARGET", "", /^FORWARD_TARGET is not set/],
    ["FORWARD_TARGET", "rtsp://me:Word-1@host/a/b", /^FORWARD_TARGET: .*is no RTMP URL/],
    ["FORWARD_TARGET", "rtmp://me:Word-1@host", /^FORWARD_TARGET: .*no path/],
    ["FORWARD_SOURCE_FINGERPRINT", "Word-1", /^FORWARD_SOURCE_FINGERPRINT is no SHA-256/],
  ])("%s=%p", (name, value, says) => {
    let error: unknown;
    try {
      orderOf({ [name]: value });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toMatch(new RegExp(says.source.replace("^", "^ConfigError: ")));
    expect(String(error)).not.toContain("Word-1");
  });
});
