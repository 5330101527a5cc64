import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/base/errors.ts";
import { helpText } from "../../src/cli/help.ts";
import { type Config, options, readConfig } from "../../src/config/config.ts";

const config = (typed: Record<string, string | string[]> = {}): Config =>
  readConfig(new Map(Object.entries(typed).map(([flag, value]) => [flag, [value].flat()])));

describe("the configuration", () => {
  test("has a default for everything that was not typed", () => {
    expect(config()).toMatchObject({
      listen: { host: "", port: 1935 },
      tlsListen: undefined,
      gopCache: true,
      playWaitMs: 10_000,
      overridePublisher: false,
      republishGraceMs: 5_000,
      playerQueueMs: 5_000,
      playerQueueBytes: 8 * 1024 * 1024,
      stallTimeoutMs: 15_000,
      idleTimeoutMs: 30_000,
      chunkSize: 4096,
      reconnectUrl: undefined,
      relayTo: [],
      recordAll: false,
      recordDir: "recordings",
      segmentMs: 0,
      logLevel: "info",
      logFormat: undefined,
      shutdownTimeoutMs: 5_000,
    });
  });

  const rows: {
    name: string;
    typed: Record<string, string | string[]>;
    found: Partial<Record<keyof Config, unknown>>;
  }[] = [
    {
      name: "the last value of a flag that is given twice",
      typed: { "log-level": ["warn", "debug"] },
      found: { logLevel: "debug" },
    },
    {
      name: "every value of a repeatable flag",
      typed: { "relay-to": ["rtmp://a/b", "rtmp://c/d"] },
      found: { relayTo: ["rtmp://a/b", "rtmp://c/d"] },
    },
    {
      name: "an empty address as the default",
      typed: { listen: "" },
      found: { listen: { host: "", port: 1935 } },
    },
    { name: "port 0", typed: { listen: "127.0.0.1:0" }, found: { listen: { host: "127.0.0.1", port: 0 } } },
    {
      name: "TLS with its three flags",
      typed: { "tls-listen": ":443", "tls-cert": "c", "tls-key": "k" },
      found: { tlsListen: { host: "", port: 443 }, tlsCert: "c", tlsKey: "k" },
    },
    {
      name: "an empty optional flag as not given",
      typed: { "tls-listen": "" },
      found: { tlsListen: undefined },
    },
    {
      name: "switches as yes, no, 1, 0 in any case",
      typed: { "record-all": "YES", "gop-cache": "0", "override-publisher": "True" },
      found: { recordAll: true, gopCache: false, overridePublisher: true },
    },
    {
      name: "a queue in bare milliseconds",
      typed: { "player-queue-ms": "2500" },
      found: { playerQueueMs: 2_500 },
    },
    { name: "a queue as a duration", typed: { "player-queue-ms": "2s" }, found: { playerQueueMs: 2_000 } },
    {
      name: "a queue in bytes with a unit",
      typed: { "player-queue-bytes": "512K" },
      found: { playerQueueBytes: 524_288 },
    },
    { name: "an idle timeout of 0", typed: { "idle-timeout": "0" }, found: { idleTimeoutMs: 0 } },
    {
      name: "a negative segment duration as off",
      typed: { "segment-duration": "-10s" },
      found: { segmentMs: 0 },
    },
    { name: "a segment duration", typed: { "segment-duration": "1m30s" }, found: { segmentMs: 90_000 } },
    { name: "chunk sizes at their bounds", typed: { "chunk-size": "1" }, found: { chunkSize: 1 } },
    { name: "the largest chunk size", typed: { "chunk-size": "65536" }, found: { chunkSize: 65_536 } },
  ];
  for (const { name, typed, found } of rows) {
    test(`takes ${name}`, () => {
      expect(config(typed)).toMatchObject(found);
    });
  }

  const duration = "is no duration, expected a number with a unit such as 500ms, 10s, 1m30s or 1h";
  const address = "is no address, expected :PORT, HOST:PORT or [IPV6]:PORT with a port from 0 to 65535";
  const size = "is no size, expected a number of bytes or one with K, M or G, such as 512K or 16M";
  const faults: [flag: string, value: string, message: string][] = [
    ["listen", "nowhere", `"nowhere" ${address}`],
    ["listen", ":65536", `":65536" ${address}`],
    ["tls-listen", "x", `"x" ${address}`],
    ["gop-cache", "maybe", '"maybe", expected true or false'],
    ["override-publisher", "", '"", expected true or false'],
    ["play-wait", "10", `"10" ${duration}`],
    ["play-wait", "-1s", `"-1s" ${duration}`],
    ["republish-grace", "soon", `"soon" ${duration}`],
    ["player-queue-ms", "0", '"0", expected a time above zero'],
    ["player-queue-ms", "x", `"x" ${duration}`],
    ["player-queue-bytes", "0", '"0", expected a size above zero'],
    ["player-queue-bytes", "many", `"many" ${size}`],
    ["stall-timeout", "0", '"0", expected a duration above zero'],
    ["idle-timeout", "1x", `"1x" ${duration}`],
    ["chunk-size", "0", '"0", expected a whole number from 1 to 65536'],
    ["chunk-size", "65537", '"65537", expected a whole number from 1 to 65536'],
    ["chunk-size", "1e3", '"1e3", expected a whole number from 1 to 65536'],
    ["relay-to", "", '"", expected rtmp[s]://HOST/APP[/NAME]'],
    ["record-all", "2", '"2", expected true or false'],
    ["record-dir", "", '"", expected a directory'],
    ["record-dir", "a\0b", '"a\\u0000b", expected a directory'],
    ["segment-duration", "x", `"x" ${duration}`],
    ["segment-pattern", "", '"", expected a file name pattern'],
    ["log-level", "loud", '"loud", expected debug, info, warn or error'],
    ["log-format", "xml", '"xml", expected pretty, text or json'],
    ["shutdown-timeout", "0", '"0", expected a duration above zero'],
  ];
  for (const [flag, value, message] of faults) {
    test(`refuses --${flag} ${JSON.stringify(value)}, saying what is accepted`, () => {
      expect(() => config({ [flag]: value })).toThrow(new ConfigError(`--${flag}: ${message}`));
    });
  }

  const combinations: [name: string, typed: Record<string, string>, message: string][] = [
    [
      "an address without certificate",
      { "tls-listen": ":443", "tls-key": "k" },
      "--tls-listen needs a certificate and a key, expected --tls-cert FILE too",
    ],
    [
      "an address without key",
      { "tls-listen": ":443", "tls-cert": "c" },
      "--tls-listen needs a certificate and a key, expected --tls-key FILE too",
    ],
    [
      "a certificate without address",
      { "tls-cert": "c" },
      "--tls-cert has no use without --tls-listen ADDRESS",
    ],
    ["a key without address", { "tls-key": "k" }, "--tls-key has no use without --tls-listen ADDRESS"],
  ];
  for (const [name, typed, message] of combinations) {
    test(`refuses TLS with ${name}`, () => {
      expect(() => config(typed)).toThrow(new ConfigError(message));
    });
  }
});

describe("the options", () => {
  test("have names of their own and defaults that their own reader takes", () => {
    const flags = Object.values(options).map(({ flag }) => flag);
    expect(new Set(flags).size).toBe(flags.length);
    for (const option of Object.values(options)) {
      if (option.fallback !== undefined)
        expect(() => option.parse([option.fallback ?? ""]), option.flag).not.toThrow();
      expect(() => option.parse([]), option.flag).not.toThrow();
    }
  });

  test("say in one sentence without a full stop what they do", () => {
    for (const { flag, help } of Object.values(options)) {
      expect(help.length, flag).toBeGreaterThan(10);
      expect(help, flag).not.toMatch(/\.$/);
    }
  });
});

describe("the help text", () => {
  const text = helpText();
  const unwrapped = text.replace(/\s+/g, " ");

  test("names every option with its placeholder, its default and its group", () => {
    for (const { flag, placeholder, fallback, group, arity, help } of Object.values(options)) {
      const head = `--${flag}${placeholder === "" ? "" : ` ${placeholder}`}`;
      expect(text).toContain(head);
      expect(text).toContain(`${group}\n`);
      expect(unwrapped).toContain(help);
      if (arity !== "switch" && fallback !== undefined && fallback !== "0")
        expect(unwrapped).toContain(`(default ${fallback})`);
    }
  });

  test("fits 100 columns and tells how to try the server", () => {
    const wide = text.split("\n").filter((line) => line.length > 100);
    expect(wide).toEqual([]);
    expect(text).toContain("ffplay rtmp://127.0.0.1:1935/live/test");
  });
});
