import { describe, expect, test } from "bun:test";
import { TrustedProxies } from "../../src/http/trusted-proxies.ts";

const proxies = new TrustedProxies(["10.0.0.0/8", "::1/128"]);

describe("whoever asks", () => {
  const rows: [ip: string, forwardedFor: string | undefined, client: string][] = [
    ["10.1.2.3", "203.0.113.5", "203.0.113.5"],
    ["10.1.2.3", "198.51.100.1, 203.0.113.5, 10.9.9.9", "203.0.113.5"],
    ["10.1.2.3", "10.9.9.9", "10.9.9.9"],
    ["10.1.2.3", undefined, "10.1.2.3"],
    ["10.1.2.3", "unknown", "10.1.2.3"],
    ["10.1.2.3", "203.0.113.5, nonsense", "10.1.2.3"],
    ["10.1.2.3", "::ffff:203.0.113.5", "203.0.113.5"],
    ["::1", "2001:db8::1", "2001:db8::1"],
    ["192.0.2.1", "203.0.113.5", "192.0.2.1"],
    ["::2", "203.0.113.5", "::2"],
    ["nonsense", "203.0.113.5", "nonsense"],
  ];
  for (const [ip, forwardedFor, client] of rows)
    test(`is ${client} where ${ip} asks for ${forwardedFor ?? "nobody"}`, () => {
      const headers = new Headers(forwardedFor === undefined ? {} : { "X-Forwarded-For": forwardedFor });
      expect(proxies.clientOf(ip, headers)).toBe(client);
    });

  test("is never somebody else where no proxy is trusted", () => {
    const headers = new Headers({ "X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https" });
    const none = new TrustedProxies([]);
    expect([none.clientOf("10.1.2.3", headers), none.schemeOf("10.1.2.3", { headers, own: "http" })]).toEqual(
      ["10.1.2.3", "http"],
    );
  });

  test("asks by the scheme that a trusted proxy names", () => {
    const schemeOf = (ip: string, proto: string): string =>
      proxies.schemeOf(ip, { headers: new Headers({ "X-Forwarded-Proto": proto }), own: "http" });
    expect([
      schemeOf("10.0.0.1", "HTTPS"),
      schemeOf("10.0.0.1", "gopher"),
      schemeOf("192.0.2.1", "https"),
    ]).toEqual(["https", "http", "http"]);
  });
});
