import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/base/errors.ts";
import { formatHostPort, type HostPort, parseHostPort } from "../../src/base/host-port.ts";

describe("an address", () => {
  const rows: [string, HostPort][] = [
    [":1935", { host: "", port: 1935 }],
    ["1935", { host: "", port: 1935 }],
    ["0", { host: "", port: 0 }],
    ["127.0.0.1:1935", { host: "127.0.0.1", port: 1935 }],
    ["localhost:65535", { host: "localhost", port: 65_535 }],
    ["[::1]:1935", { host: "::1", port: 1935 }],
    ["[fe80::1%eth0]:1", { host: "fe80::1%eth0", port: 1 }],
  ];
  for (const [text, address] of rows) {
    test(`is read: ${text}`, () => {
      expect(parseHostPort(text)).toEqual(address);
    });
  }

  for (const text of [
    "",
    ":",
    "host",
    "host:",
    ":65536",
    ":99999",
    "::1:1935",
    "[::1]",
    "a b:1",
    "host:-1",
    "host:1x",
    "http://host:1",
  ]) {
    test(`is refused: ${JSON.stringify(text)}`, () => {
      expect(() => parseHostPort(text)).toThrow(ConfigError);
      expect(() => parseHostPort(text)).toThrow("expected :PORT, HOST:PORT or [IPV6]:PORT");
    });
  }

  const shown: [HostPort, string][] = [
    [{ host: "", port: 1 }, ":1"],
    [{ host: "h", port: 1 }, "h:1"],
    [{ host: "::1", port: 1 }, "[::1]:1"],
    [{ host: "::ffff:10.0.0.1", port: 1 }, "10.0.0.1:1"],
    [{ host: "::FFFF:10.0.0.1", port: 1 }, "10.0.0.1:1"],
    [{ host: "::ffff:a", port: 1 }, "[::ffff:a]:1"],
  ];
  for (const [address, text] of shown) {
    test(`is shown as ${text}`, () => {
      expect(formatHostPort(address)).toBe(text);
    });
  }
});
