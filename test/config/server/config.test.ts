import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { ConfigError } from "../../../src/base/errors.ts";
import { fullHelpText, helpText } from "../../../src/cli/help.ts";
import { type Config, options, readConfig, readServerFlags } from "../../../src/config/server/config.ts";
import { globalSettings } from "../../../src/config/server/global-section.ts";
import { pathSettings } from "../../../src/config/server/path-section.ts";
import type { ServerConfig } from "../../../src/config/server/server-config.ts";
import { settingFlags } from "../../../src/config/server/setting-flags.ts";
import { hooksSection } from "../../../src/hooks/settings/hook-file.ts";
import { holds } from "../../base/property.ts";

const folder = mkdtempSync(join(tmpdir(), "config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (text: string): string => {
  const path = join(folder, "f.yml");
  writeFileSync(path, text);
  return path;
};

type Typed = Record<string, string | string[]>;

const config = (typed: Typed = {}, environment: Record<string, string> = {}): Config =>
  readConfig(new Map(Object.entries(typed).map(([flag, value]) => [flag, [value].flat()])), { environment });

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.replaceAll(folder, "");
  }
  return "taken";
};

describe("the configuration", () => {
  test("has a default for everything that nobody said", () => {
    const { server, auth, asked, given, warnings } = config();
    expect(server).toMatchObject({
      rtmp: true,
      rtmpAddress: ":1935",
      rtmpEncryption: "no",
      gopCache: true,
      playWait: 10_000,
      republishGrace: 5_000,
      playerQueueMs: 5_000,
      playerQueueBytes: 8 * 1024 * 1024,
      stallTimeout: 15_000,
      idleTimeout: 30_000,
      chunkSize: 4096,
      reconnectUrl: "",
      relayTo: [],
      recordAll: false,
      recordDir: "recordings",
      segmentDuration: 0,
      segmentPattern: "%s_%T_seg%03d",
      logLevel: "info",
      logFormat: "",
      shutdownTimeout: 5_000,
      maxConnections: 0,
      maxConnectionsPerAddress: 0,
      maxPublishers: 0,
      maxHandshakesPerSecond: 0,
      api: true,
      apiAddress: "127.0.0.1:9997",
      metrics: true,
      metricsAddress: "127.0.0.1:9998",
      playback: false,
      pprof: false,
    });
    expect(server.paths.all_others).toMatchObject({ overridePublisher: false, maxBitrateKbps: 0 });
    expect([auth, [...asked], [...given], warnings]).toEqual([{ mode: "none" }, [], [], []]);
  });

  const rows: { name: string; typed: Typed; found: Partial<Record<keyof ServerConfig, unknown>> }[] = [
    {
      name: "the last value of a flag that is given twice",
      typed: { "log-level": ["warn", "debug"] },
      found: { logLevel: "debug" },
    },
    {
      name: "every value of a repeatable flag, which may hold commas",
      typed: { "relay-to": ["rtmp://a/b", "rtmp://c/d,e"] },
      found: { relayTo: ["rtmp://a/b", "rtmp://c/d,e"] },
    },
    {
      name: "lists with commas, repeated",
      typed: { "rtsp-transports": "tcp, udp", "api-allow-origins": ["https://a", "https://b,https://c"] },
      found: { rtspTransports: ["tcp", "udp"], apiAllowOrigins: ["https://a", "https://b", "https://c"] },
    },
    { name: "an empty list", typed: { "hls-allow-origins": "" }, found: { hlsAllowOrigins: [] } },
    { name: "an empty address as the default", typed: { listen: "" }, found: { rtmpAddress: ":1935" } },
    { name: "port 0", typed: { listen: "127.0.0.1:0" }, found: { rtmpAddress: "127.0.0.1:0" } },
    { name: "a port alone", typed: { listen: "1936" }, found: { rtmpAddress: ":1936" } },
    { name: "the key of an alias", typed: { "rtmp-address": ":1" }, found: { rtmpAddress: ":1" } },
    {
      name: "TLS with its three flags",
      typed: { "tls-listen": ":443", "tls-cert": "c", "tls-key": "k" },
      found: {
        rtmpEncryption: "optional",
        rtmpsAddress: ":443",
        rtmpServerCert: "c",
        rtmpServerKey: "k",
      },
    },
    {
      name: "TLS alone",
      typed: { "tls-listen": ":443", "tls-cert": "c", "tls-key": "k", "rtmp-encryption": "strict" },
      found: { rtmpEncryption: "strict" },
    },
    {
      name: "empty flags of TLS as not given",
      typed: { "tls-listen": "", "tls-cert": "", "tls-key": "" },
      found: { rtmpEncryption: "no", rtmpsAddress: ":1936", rtmpServerCert: "server.crt" },
    },
    {
      name: "switches as yes, no, 1, 0 in any case",
      typed: { "record-all": "YES", "gop-cache": "0", hls: "1", rtsp: "off" },
      found: { recordAll: true, gopCache: false, hls: true, rtsp: false },
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
    {
      name: "a queue in bytes",
      typed: { "player-queue-bytes": "65536" },
      found: { playerQueueBytes: 65_536 },
    },
    { name: "an idle timeout of 0", typed: { "idle-timeout": "0" }, found: { idleTimeout: 0 } },
    {
      name: "a negative segment duration as off",
      typed: { "segment-duration": "-10s" },
      found: { segmentDuration: 0 },
    },
    {
      name: "an empty segment duration as off",
      typed: { "segment-duration": "" },
      found: { segmentDuration: 0 },
    },
    {
      name: "a segment duration",
      typed: { "segment-duration": "1m30s" },
      found: { segmentDuration: 90_000 },
    },
    { name: "chunk sizes at their bounds", typed: { "chunk-size": "1" }, found: { chunkSize: 1 } },
    { name: "the largest chunk size", typed: { "chunk-size": "65536" }, found: { chunkSize: 65_536 } },
    { name: "a format of log lines", typed: { "log-format": "text" }, found: { logFormat: "text" } },
    {
      name: "keys of MediaMTX",
      typed: { "hls-always-remux": "true", "multicast-rtp-port": "1", "auth-jwt-issuer": "me" },
      found: { hlsAlwaysRemux: true, multicastRTPPort: 1, authJWTIssuer: "me" },
    },
    {
      name: "old names",
      typed: { "rtsp-disable": "true", "api-allow-origin": "https://a" },
      found: { rtsp: false, apiAllowOrigins: ["https://a"] },
    },
  ];
  for (const { name, typed, found } of rows) {
    test(`takes ${name}`, () => {
      expect(config(typed).server).toMatchObject(found);
    });
  }

  test("has flags for keys of paths, which every path has", () => {
    const { server, warnings } = config({
      record: "true",
      "run-on-ready": "./ready.sh",
      "publish-user": "joe",
      "override-publisher": "True",
      "max-readers": "3",
    });
    expect(server.paths.all_others).toMatchObject({
      record: true,
      runOnAvailable: "./ready.sh",
      overridePublisher: true,
      maxReaders: 3,
    });
    expect(server.authInternalUsers.some(({ user }) => user === "joe")).toBe(true);
    expect(warnings).toContain("--run-on-ready: deprecated, expected runOnAvailable");
  });

  const duration = "is no duration, expected a number with a unit such as 500ms, 10s, 1m30s, 1h or 7d";
  const address = "is no address, expected :PORT, HOST:PORT or [IPV6]:PORT";
  const size = "is no size, expected a number with a unit such as 512K, 50M or 1G";
  const faults: [flag: string, value: string, message: string][] = [
    ["listen", "nowhere", `"nowhere" ${address}`],
    ["listen", ":65536", `":65536" ${address}`],
    ["rtmp-address", "nowhere", `"nowhere" ${address}`],
    ["tls-listen", "x", `"x" ${address}`],
    ["api-address", "x", '"x" is no address, expected :PORT, HOST:PORT, [IPV6]:PORT or unix://PATH'],
    [
      "metrics-address",
      "here",
      '"here" is no address, expected :PORT, HOST:PORT, [IPV6]:PORT or unix://PATH',
    ],
    ["gop-cache", "maybe", '"maybe", expected true or false'],
    ["override-publisher", "", '"", expected true or false'],
    ["play-wait", "10", `"10" ${duration}`],
    ["play-wait", "-1s", `"-1s" ${duration}`],
    ["republish-grace", "soon", `"soon" ${duration}`],
    ["player-queue-ms", "0", '"0", expected a whole number from 1 to 3600000'],
    ["player-queue-ms", "x", '"x", expected a whole number from 1 to 3600000'],
    ["player-queue-bytes", "0", "0, expected at least 1B"],
    ["player-queue-bytes", "many", `"many" ${size}`],
    ["stall-timeout", "0", '"0", expected a duration above zero'],
    ["idle-timeout", "1x", `"1x" ${duration}`],
    ["chunk-size", "0", '"0", expected a whole number from 1 to 65536'],
    ["chunk-size", "65537", '"65537", expected a whole number from 1 to 65536'],
    ["chunk-size", "1e3", '"1e3", expected a whole number from 1 to 65536'],
    ["max-connections", "-1", '"-1", expected a whole number from 0 to 2147483647'],
    ["max-bitrate-kbps", "fast", '"fast", expected a whole number from 0 to 2147483647'],
    ["relay-to", "", '"", expected text'],
    ["relay-to", "http://a/b", "a http URL, expected one with rtmp:// or rtmps://"],
    ["record-all", "2", '"2", expected true or false'],
    ["record-dir", "", '"", expected a directory'],
    ["record-dir", "a\0b", "text with a NUL, expected text"],
    ["segment-duration", "x", `"x" ${duration}`],
    ["segment-pattern", "", '"", expected a file name pattern'],
    ["log-level", "loud", '"loud", expected error, warn, info or debug'],
    ["log-format", "xml", '"xml", expected pretty, text or json'],
    ["shutdown-timeout", "0", '"0", expected a duration above zero'],
    ["rtsp-transports", "tcp,carrier", '"carrier", expected udp, multicast, tcp'],
    ["hls-variant", "x", '"x", expected mpegts, fmp4 or lowLatency'],
    ["write-queue-size", "500", "500, expected a power of two from 1 to 16777216"],
    [
      "source",
      "ftp://a",
      "a ftp URL, expected publisher, redirect, rpiCamera or a URL such as rtsp://, rtmp://, https://, udp+mpegts:// or srt://",
    ],
    ["record-path", "x", '"x", expected %path in it'],
    ["run-on-init", "x", 'path "all_others": needs a path with a plain name'],
    ["auth-method", "http", "http without authHTTPAddress, expected a URL there"],
    ["auth-mode", "maybe", '"maybe", expected none, token, file or callback'],
    ["auth-token", "hide", "no KEY=TOKEN, expected a stream key and its token such as live/test=…"],
    ["auth-token", "=hide", "no KEY=TOKEN, expected a stream key and its token such as live/test=…"],
    ["auth-token", "live/a=", "no KEY=TOKEN, expected a stream key and its token such as live/test=…"],
    ["auth-token", "", "no KEY=TOKEN, expected a stream key and its token such as live/test=…"],
    ["auth-callback", "nowhere", "no URL, expected one with http:// or https://"],
    [
      "auth-callback-timeout",
      "5",
      '"5" is no duration, expected a number with a unit such as 500ms, 10s, 1m30s or 1h',
    ],
    ["auth-callback-timeout", "0", '"0", expected a duration above zero'],
  ];
  for (const [flag, value, message] of faults) {
    test(`refuses --${flag} ${JSON.stringify(value)}, saying what is accepted`, () => {
      expect(messageOf(() => config({ [flag]: value }))).toBe(`--${flag}: ${message}`);
    });
  }

  const combinations: [name: string, typed: Typed, message: string][] = [
    [
      "TLS with an address without certificate",
      { "tls-listen": ":443", "tls-key": "k" },
      "--tls-listen needs a certificate and a key, expected --tls-cert FILE too",
    ],
    [
      "TLS with an address without key",
      { "tls-listen": ":443", "tls-cert": "c" },
      "--tls-listen needs a certificate and a key, expected --tls-key FILE too",
    ],
    [
      "TLS with a certificate without address",
      { "tls-cert": "c" },
      "--tls-cert has no use without --tls-listen ADDRESS",
    ],
    [
      "TLS with a key without address",
      { "tls-key": "k" },
      "--tls-key has no use without --tls-listen ADDRESS",
    ],
    [
      "TLS with an address where it is off",
      { "tls-listen": ":1", "tls-cert": "c", "tls-key": "k", "rtmp-encryption": "no" },
      "--tls-listen has no use with rtmpEncryption: no, expected optional or strict",
    ],
    [
      "two names of a key",
      { listen: ":1", "rtmp-address": ":2" },
      "--listen and --rtmp-address mean the same, expected one of them",
    ],
    [
      "tokens without a token",
      { "auth-mode": "token" },
      "--auth-mode token needs more, expected at least one --auth-token KEY=TOKEN too",
    ],
    [
      "a file of tokens without a file",
      { "auth-mode": "file" },
      "--auth-mode file needs more, expected --auth-file FILE too",
    ],
    [
      "a callback without a URL",
      { "auth-mode": "callback" },
      "--auth-mode callback needs more, expected --auth-callback URL too",
    ],
    [
      "a file of tokens that is none",
      { "auth-mode": "file", "auth-file": fileOf("hide: 1") },
      '--auth-file: "/f.yml" is no JSON object, expected {"live/test": "TOKEN"}',
    ],
    [
      "a file that is not there",
      { config: "/nowhere.yml" },
      expect.stringContaining('"/nowhere.yml" cannot be read') as never,
    ],
  ];
  for (const [name, typed, message] of combinations) {
    test(`refuses ${name}`, () => {
      expect(messageOf(() => config(typed))).toEqual(message);
    });
  }

  test("reads tokens, and warns of what looks like protection and is none", () => {
    const tokens = new Map([["live/a", "b=c"]]);
    expect(config({ "auth-mode": "token", "auth-token": "live/a=b=c" }).auth).toEqual({
      mode: "token",
      tokens,
    });
    const file = fileOf('{"live/a": "b=c"}');
    expect(config({ "auth-mode": "file", "auth-file": file }).auth).toEqual({ mode: "file", file, tokens });
    expect(config({ "auth-mode": "callback", "auth-callback": "http://u:p@h/" }).auth).toEqual({
      mode: "callback",
      url: "http://u:p@h/",
      timeoutMs: 5_000,
    });
    expect(config({ "auth-token": "live/a=b" }).warnings).toEqual([
      "--auth-token has no effect without --auth-mode token",
    ]);
  });
});

describe("what is said in several places", () => {
  test("counts in the order flag, variable, file, default, for every one of them", () => {
    const levels = ["error", "warn", "info", "debug"] as const;
    const level = fc.option(fc.constantFrom(...levels), { nil: undefined });
    holds(
      fc.property(level, level, level, (flag, variable, file) => {
        const typed: Typed = flag === undefined ? {} : { "log-level": flag };
        const environment: Record<string, string> = variable === undefined ? {} : { MTX_LOGLEVEL: variable };
        const found = config(
          { ...typed, config: fileOf(file === undefined ? "{}" : `logLevel: ${file}`) },
          environment,
        );
        expect(found.server.logLevel).toBe(flag ?? variable ?? file ?? "info");
        expect(found.asked.has("logLevel")).toBe((flag ?? variable ?? file) !== undefined);
      }),
      { numRuns: 100 },
    );
  });

  const rows: {
    name: string;
    file: string;
    variables?: Record<string, string>;
    typed?: Typed;
    is: string;
  }[] = [
    { name: "an old name in the file", file: "pathDefaults: {runOnReady: file}", is: "file" },
    {
      name: "a new name in a variable over an old one in the file",
      file: "pathDefaults: {runOnReady: file}",
      variables: { MTX_PATHDEFAULTS_RUNONAVAILABLE: "variable" },
      is: "variable",
    },
    {
      name: "an old name in a variable over a new one in the file",
      file: "pathDefaults: {runOnAvailable: file}",
      variables: { MTX_PATHDEFAULTS_RUNONREADY: "variable" },
      is: "variable",
    },
    {
      name: "a new name as a flag over an old one in a variable",
      file: "",
      variables: { MTX_PATHDEFAULTS_RUNONREADY: "variable" },
      typed: { "run-on-available": "flag" },
      is: "flag",
    },
    {
      name: "an old name as a flag over a new one in a variable",
      file: "",
      variables: { MTX_PATHDEFAULTS_RUNONAVAILABLE: "variable" },
      typed: { "run-on-ready": "flag" },
      is: "flag",
    },
    {
      name: "what a path says itself over everything for all paths",
      file: "paths: {cam: {runOnAvailable: own}}",
      typed: { "run-on-available": "flag" },
      is: "own",
    },
  ];
  for (const { name, file, variables = {}, typed = {}, is } of rows) {
    test(`counts as it should: ${name}`, () => {
      const { server } = config({ ...typed, config: fileOf(file) }, variables);
      expect(Object.values(server.paths)[0]?.runOnAvailable).toBe(is);
    });
  }

  test("counts for a key that stands at the top under its old name, too", () => {
    const file = fileOf("record: yes");
    expect(config({ config: file }).server.pathDefaults.record).toBe(true);
    expect(config({ config: file, record: "false" }).server.pathDefaults.record).toBe(false);
    expect(config({ config: file }, { MTX_PATHDEFAULTS_RECORD: "no" }).server.pathDefaults.record).toBe(
      false,
    );
  });

  test("is told by whoever said it", () => {
    const file = fileOf("\nlogLevel: x\nhlsVariant: y\n");
    const lines = messageOf(() =>
      config({ config: file, "rtsp-address": "z", "log-level": "v" }, { MTX_HLSVARIANT: "w" }),
    );
    expect(lines.split("\n").toSorted()).toEqual([
      '--log-level: "v", expected error, warn, info or debug',
      '--rtsp-address: "z" is no address, expected :PORT, HOST:PORT or [IPV6]:PORT',
      'MTX_HLSVARIANT: hlsVariant: "w", expected mpegts, fmp4 or lowLatency',
    ]);
    expect(messageOf(() => config({ config: file }))).toBe(
      [
        '/f.yml:2: logLevel: "x", expected error, warn, info or debug',
        '/f.yml:3: hlsVariant: "y", expected mpegts, fmp4 or lowLatency',
      ].join("\n"),
    );
  });

  test("is a path of the environment's alone, where only that names one", () => {
    const { server } = config({}, { MTX_PATHS_CAM_MAXREADERS: "2" });
    expect(Object.keys(server.paths)).toEqual(["cam"]);
    expect(server.paths.cam?.overridePublisher).toBe(false);
  });

  test("has MediaMTX's default for a second publisher where there is a file", () => {
    expect(config({ config: fileOf("{}") }).server.pathDefaults.overridePublisher).toBe(true);
    expect(config().server.pathDefaults.overridePublisher).toBe(false);
  });

  test("has hooks in one file", () => {
    const file = fileOf("hooks: {stdio: {format: json}}");
    const read = (more: Typed) =>
      readConfig(
        readServerFlags([
          file,
          ...Object.entries(more).flatMap(([flag, value]) => [`--${flag}`, value].flat()),
        ]),
        {
          hooks: hooksSection,
        },
      );
    expect(read({}).server.hooks?.read).toEqual({ stdio: { format: "json" } });
    expect(messageOf(() => read({ "hook-config": "hooks.yaml" }))).toBe(
      "/f.yml:1: hooks: does not go with --hook-config, expected one of them",
    );
  });
});

describe("the options", () => {
  test("have names of their own, and defaults that are what they are without being typed", () => {
    const flags = options.map(({ flag }) => flag);
    expect(new Set(flags).size).toBe(flags.length);
    const skipped = /^(?:auth-mode|tls-)/;
    const plain = config().server;
    for (const option of options) {
      expect(() => option.parse([]), option.flag).not.toThrow();
      if (option.fallback === undefined) continue;
      expect(() => option.parse([option.fallback ?? ""]), option.flag).not.toThrow();
      if (!settingFlags.has(option.flag) || skipped.test(option.flag)) continue;
      // A default that is typed changes nothing, but for the one that depends on there being a file.
      const { server } = config({ [option.flag]: option.fallback });
      const isOld = option.group === "Deprecated names" || option.flag === "override-publisher";
      if (!isOld) expect(server, option.flag).toEqual(plain);
    }
  });

  test("are there for every key that is no list of mappings", () => {
    const keys = [...settingFlags.values()].map(({ path }) => path.join("."));
    const wanted = [
      ...Object.entries(globalSettings).map(([key, setting]) => ({ name: key, setting })),
      ...Object.entries(pathSettings).map(([key, setting]) => ({ name: `pathDefaults.${key}`, setting })),
    ].filter(({ setting }) => setting.shape.kind !== "items");
    expect(wanted.map(({ name }) => name).filter((name) => !keys.includes(name))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(220);
  });

  test("are called as their keys, with dashes between words", () => {
    const names = Object.fromEntries([...settingFlags].map(([flag, { path }]) => [path.join("."), flag]));
    expect(names).toMatchObject({
      rtmpEncryption: "rtmp-encryption",
      hlsAlwaysRemux: "hls-always-remux",
      authHTTPAddress: "auth-http-address",
      multicastRTPPort: "multicast-rtp-port",
      authJWTJWKS: "auth-jwt-jwks",
      authJWTJWKSFingerprint: "auth-jwt-jwks-fingerprint",
      moqHTTP2Address: "moq-http2-address",
      webrtcIPsFromInterfacesList: "webrtc-ips-from-interfaces-list",
      hlsCDNSecret: "hls-cdn-secret",
      "pathDefaults.record": "record",
      "pathDefaults.rtpSDP": "rtp-sdp",
      "pathDefaults.rpiCameraAWBGains": "rpi-camera-awb-gains",
      playback: "playback",
    });
  });

  test("say in one sentence without a full stop what they do", () => {
    for (const { flag, help } of options) {
      expect(help.length, flag).toBeGreaterThan(3);
      expect(help, flag).not.toMatch(/\.$|`/);
    }
  });

  test("are marked wherever they may hold a secret", () => {
    const marked = options.filter(({ isSecret, flag }) => isSecret && !flag.startsWith("hook-"));
    expect(marked.map(({ flag }) => flag).toSorted()).toEqual([
      "auth-callback",
      "auth-http-address",
      "auth-jwt-jwks",
      "auth-token",
      "external-authentication-url",
      "fallback",
      "hls-cdn-secret",
      "publish-pass",
      "read-pass",
      "source",
      "source-redirect",
      "srt-publish-passphrase",
      "srt-read-passphrase",
      "whep-bearer-token",
    ]);
  });
});

describe("the help text", () => {
  const unwrap = (text: string): string => text.replace(/\s+/g, " ");

  test("of every flag names each with its placeholder, its default and its group", () => {
    const text = fullHelpText();
    for (const { flag, placeholder, fallback, group, arity, help } of options) {
      expect(text).toContain(`  --${flag}${placeholder === "" ? "" : ` ${placeholder}`}`);
      expect(text).toContain(`${group}\n`);
      expect(unwrap(text)).toContain(help);
      if (arity !== "switch" && fallback !== undefined && fallback !== "0")
        expect(unwrap(text)).toContain(`(default ${fallback})`);
    }
  });

  test("fits 100 columns and tells how to try the server", () => {
    const wide = `${helpText()}\n${fullHelpText()}`.split("\n").filter((line) => line.length > 100);
    expect(wide).toEqual([]);
    expect(helpText()).toContain("ffplay rtmp://127.0.0.1:1935/live/test");
  });

  test("has what most people need, all hooks, and a way to the rest", () => {
    const shown = options.filter(({ flag }) => new RegExp(`^  --${flag}(?: |$)`, "m").test(helpText()));
    expect(shown.length).toBeLessThan(options.length / 3);
    for (const flag of [
      "config",
      "listen",
      "api-address",
      "metrics",
      "auth-mode",
      "max-connections",
      "hook-script",
    ])
      expect(shown.map((option) => option.flag)).toContain(flag);
    expect(helpText()).toContain("--help-all");
  });
});
